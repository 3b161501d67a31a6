// `playerlink/server`: calls that need a server secret. Node only. Types and declarations only.
import type { PlayerLinkError } from "./errors.js";
import type { CallOptions, ClientOptions } from "./options.js";

/** The server OAuth client of an Xsolla project. At least one of the two project ids is needed. */
export type XsollaServerOptions = Omit<ClientOptions, "store"> & {
  clientId: string | number;
  /** A server secret: keep it out of everything that reaches a player. */
  clientSecret: string;
  /** The Publisher Account project; its shadow project is used. */
  publisherProjectId?: number;
  /** The shadow Login project. */
  shadowProjectId?: string;
  /** Whose tokens `verifyToken` accepts: usually the standard and the shadow project. */
  trustedProjects?: XsollaTrustedProject[];
  /** Default: `https://login.xsolla.com/api`. */
  baseUrl?: string;
};

/** A Login project, with the algorithm it signs with. What a token says of its algorithm is never believed. */
export type XsollaTrustedProject = {
  projectId: string;
  kind: "standard" | "shadow";
} & (
  | { algorithm: "RS256" }
  /** `secret`: the project's key. Whoever has it can make tokens. */
  | { algorithm: "HS256"; secret: string }
);

declare const kind: unique symbol;

/** A user token of a platform account. */
export type XsollaPlatformToken = string & { readonly [kind]: "platform" };

/** A user token that was verified to be a main account's. */
export type XsollaMainToken = string & { readonly [kind]: "main" };

/** A platform account, as the game names it, e.g. `xbox` and the id there. */
export interface XsollaPlatformAccount {
  platform: string;
  platformUserId: string;
}

/** A user attribute to write on sign-in. */
export interface XsollaAttribute {
  /** 1 to 256 characters of `A-Z a-z 0-9 _`. */
  key: string;
  /** Any JSON. */
  value: unknown;
  /** Who may write it; `server` unless set. */
  writer?: "client" | "server";
  /** Whether other players may read it. */
  public?: boolean;
  /** Whether clients may only read it. */
  readOnly?: boolean;
}

/** Whose a platform account is. */
export interface XsollaLinkingInfo extends XsollaPlatformAccount {
  /** The main account's id once linked, else the platform account's own; absent when there is no such account. */
  userId?: string;
  /** Personal data. */
  email?: string;
  externalAccountId?: string;
}

/** Who a verified token speaks for. */
export type XsollaVerifiedUser = {
  /** The main account's id once linked. */
  userId: string;
  projectId: string;
  /** Epoch milliseconds. */
  expiresAt: number;
  /** The platform or network that was signed in with. */
  platform?: string;
  platformUserId?: string;
  /** What the sign-in was given as `payload`. */
  payload?: string;
} & (
  /** Also one that was reached through a linked platform account. */
  | { account: "main"; token: XsollaMainToken }
  /** Not linked yet. */
  | { account: "platform"; token: XsollaPlatformToken }
);

/** An RSA key as other libraries read it (RFC 7517); Xsolla itself writes the numbers in hexadecimal. */
export interface XsollaProjectKey {
  kty: "RSA";
  alg: "RS256";
  use: "sig";
  kid: string;
  n: string;
  e: string;
}

/** What only a game server may ask of Xsolla Login. */
export interface XsollaServer {
  /** Signs a platform account in, creating it if need be. The token belongs to the main account once it is linked. */
  loginWithCustomId(
    account: {
      customId: string;
      /** Ends the player's other sessions. */
      logOutOthers?: boolean;
      attributes?: XsollaAttribute[];
      /** Comes back as the token's claim `payload`. Only with a user storage of your own. */
      payload?: string;
    } & (XsollaPlatformAccount | { platform?: never; platformUserId?: never }),
    options?: CallOptions,
  ): Promise<{ token: XsollaPlatformToken; isNew?: boolean }>;
  /** Links a platform account to the main account that shows this code. There is no way back. */
  linkByCode(link: { code: string } & XsollaPlatformAccount, options?: CallOptions): Promise<{ linked: true }>;
  /** Whose these accounts are: one answer for each, in the order asked. Every 50 cost a request. */
  linkingInfo(accounts: readonly XsollaPlatformAccount[], options?: CallOptions): Promise<XsollaLinkingInfo[]>;
  /**
   * Who a player's token speaks for: checked here, by its signature and claims, against `trustedProjects`. One that
   * was revoked before its time still passes. A token that is not accepted is an error of kind `session-over`.
   */
  verifyToken(token: string, options?: CallOptions): Promise<XsollaVerifiedUser>;
  /** Asks the service, which knows of revoked tokens too; rejects when the token is not valid. */
  validateToken(token: string, options?: CallOptions): Promise<void>;
  /** The public keys of a Login project; none for one that signs with HS256. */
  projectKeys(projectId: string, options?: CallOptions): Promise<XsollaProjectKey[]>;
}

/** A client for the calls of a game server. In a browser it rejects with one sentence. */
export declare function createXsollaServer(options: XsollaServerOptions): Promise<XsollaServer>;

/** Whether it is an error of playerlink; works across copies of the package and realms, where `instanceof` does not. */
export declare function isPlayerLinkError(error: unknown): error is PlayerLinkError;
