// What can go wrong, as the caller sees it: a closed list of kinds that say what to do. Types only; the class behind
// them is skin/error.ts.
import type { PlayFabCode, RallyHereCode, XsollaCode } from "../codes.js";

/** A service's own code. Codes of tomorrow stay strings. */
export type Code = RallyHereCode | XsollaCode | PlayFabCode | (string & {});

/** What the caller can do about an error. A closed list: a `switch` over it can end in `never`. */
export type ErrorKind = PlayerLinkError["kind"];

/** The agreements meant: in an error those still to be accepted, in a login those the player accepts now. */
export interface Agreements {
  eula: boolean;
  termsOfService: boolean;
  privacyPolicy: boolean;
}

/** A restriction on an account. */
export interface Restriction {
  /** The service's word, e.g. `account_ban`. */
  type: string;
  /** The service's word for why, when it says so. */
  reason?: string;
  /** When it ends, epoch milliseconds; `null`: it does not end. */
  expiresAt: number | null;
}

/** A field of the call or the request that was refused. */
export interface InvalidField {
  path: string;
  message: string;
}

/**
 * Why a session is over. `outcome-unknown`: the answer to a refresh was lost on the way, and the service then no longer
 * accepted the session.
 */
export type SessionOverReason = "signed-out" | "refresh-rejected" | "outcome-unknown" | "expired" | "restricted";

/** The service that answered. */
export type ServiceName = "rallyhere" | "xsolla" | "playfab";

/**
 * What every error has. It never holds a token, ticket, code or other secret, nor does its `toJSON()`. `message` is for
 * developers; `playerMessage(error)` of `playerlink/messages` is for players.
 */
export interface PlayerLinkErrorBase extends Error {
  readonly name: "PlayerLinkError";
  readonly service?: ServiceName;
  /** The service's own code; unknown codes stay strings. */
  readonly code?: Code;
  /** The service's own number of the code, when it has one: PlayFab's, e.g. 1184. */
  readonly codeNumber?: number;
  /** What the code makes a client do, e.g. `retry_with_new_platform_token`. */
  readonly classification?: string;
  /** The HTTP status, when there was an answer. */
  readonly status?: number;
  /** The service's id of the request, for support. */
  readonly requestId?: string;
  /** Everything above and below, for logs. */
  toJSON(): Record<string, unknown>;
}

/** Every error playerlink throws or rejects with. Tell it from others with `isPlayerLinkError`, then look at `kind`. */
export type PlayerLinkError = PlayerLinkErrorBase &
  (
    | {
        /** The call is wrong: fix the code. */
        readonly kind: "misuse";
        readonly fields?: readonly InvalidField[];
      }
    | {
        /**
         * `configuration`: fix the set-up. `network` (no answer; browsers cannot tell CORS from offline), `timeout`,
         * `cancelled`: try again or not. `service`, `protocol`: report it. `platform-ticket`: get a new one and sign in
         * again. `credentials`: ask the player. `platform-disabled`: offer another way in. `not-found`: explain.
         * `conflict`: already linked or claimed, let the player choose. `permission`: fix the rights.
         * `session-stale`: refresh. `storage`: the session goes on in memory. `internal`: a defect of playerlink.
         */
        readonly kind:
          | "configuration"
          | "network"
          | "timeout"
          | "cancelled"
          | "service"
          | "protocol"
          | "platform-ticket"
          | "credentials"
          | "platform-disabled"
          | "not-found"
          | "conflict"
          | "permission"
          | "session-stale"
          | "storage"
          | "internal";
      }
    | {
        /** The service asks to wait. */
        readonly kind: "busy";
        /** How long, in milliseconds, when it says so (1 000 to 300 000). */
        readonly retryAfterMs?: number;
      }
    | {
        /** The player must accept agreements first: show them, then sign in again with `accept`. */
        readonly kind: "agreements";
        readonly agreements: Readonly<Agreements>;
      }
    | {
        /** The account is restricted: show until when. Empty when the service names no restriction. */
        readonly kind: "restricted";
        readonly restrictions: readonly Restriction[];
      }
    | {
        /** The session has ended: sign in again. */
        readonly kind: "session-over";
        readonly reason?: SessionOverReason;
      }
  );
