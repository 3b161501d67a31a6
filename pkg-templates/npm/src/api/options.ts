// What a client is created with. Types only.
import type { RallyHereCredential, XsollaProtocol, XsollaSilentCredential } from "./credentials.js";
import type { SessionStore } from "./store.js";

/** The last argument of every asynchronous method. */
export interface CallOptions {
  /** Ends the call with an error of kind `cancelled`. One that is already aborted sends nothing. */
  signal?: AbortSignal;
}

/** How a session is refreshed. */
export interface RefreshOptions extends CallOptions {
  /**
   * Something outside of this session may have made the player another one, e.g. a console that linked itself: from now on
   * no token from before is handed out, and only a refresh that is sent after this call counts. Until there is one, calls
   * that need a token wait for it or fail with kind `session-stale`.
   */
  playerMayHaveChanged?: boolean;
}

/** One thing that happened, for your log. Never a token, ticket, code or other secret. */
export interface LogEntry {
  /** When, in epoch milliseconds. */
  at: number;
  /** 1, 2, 3, … in this client. */
  seq: number;
  level: string;
  event: string;
  /** `refresh`: the number of the session's refresh that an entry belongs to. */
  fields: Record<string, unknown>;
}

/** What clients of every service can be created with. */
export interface ClientOptions {
  /**
   * Default: in a browser IndexedDB; where that fails `localStorage`; where that fails too, memory. Elsewhere memory.
   * `playerlink/stores` and `playerlink/node-store` have others.
   */
  store?: SessionStore;
  /** Instead of the global `fetch`: a proxy, a test, an emulator. */
  fetch?: typeof globalThis.fetch;
  /** Receives what happened. What it throws is ignored. */
  log?: (entry: LogEntry) => void;
  /** How long a call may take with all its retries, in milliseconds. */
  deadlineMs?: number;
  /** `false`: no call is retried by itself. */
  retries?: boolean;
}

/** An address: a text, a `URL`, or a page's `location`. */
export type Address = string | { readonly href: string };

/** Which of the sessions on this device. */
export interface RestoreOptions extends CallOptions {
  /** The `id` of one of `accounts()`; without it, the active one. */
  account?: string;
}

/** How to reach RallyHere. The client id and secret are those of a public game client: no secret of yours. */
export type RallyHereOptions = ClientOptions & {
  clientId: string;
  clientSecret: string;
  /** The player's public address, at most 32 characters, where your launcher knows it. Off by default. */
  clientAddress?: string;
  /**
   * Asked once for a credential with a fresh ticket when a session can no longer be refreshed; with `undefined`, or
   * after 60 s, the session is over. What it throws counts as `undefined`.
   */
  platformTicket?: () => Promise<RallyHereCredential | undefined>;
} & (
    | {
        /** The environment id: `https://{environment}.rally-here.io`. */
        environment: string;
        baseUrl?: never;
      }
    | {
        /** The whole base URL; plain http is accepted for loopback hosts only. */
        baseUrl: string;
        environment?: never;
      }
  );

/** How to reach Xsolla Login. No secret. */
export type XsollaOptions = ClientOptions & {
  /** The standard Login project for main accounts, the shadow one for platform accounts. */
  projectId: string;
  /** The project's public OAuth 2.0 client. Without it: no `login` but `passwordLogin`, no refresh, and every sign-in by `protocol: "jwt"`. */
  oauth?: {
    clientId: string | number;
    redirectUri: string;
  };
  /** Default: `https://login.xsolla.com/api`. */
  baseUrl?: string;
  /**
   * Asked once for a silent sign-in with a fresh ticket when a session cannot be refreshed, as none of the JWT protocol
   * can be; with `undefined`, or after 60 s, the session is over. What it throws counts as `undefined`.
   */
  platformTicket?: () => Promise<(XsollaSilentCredential & XsollaProtocol) | undefined>;
};
