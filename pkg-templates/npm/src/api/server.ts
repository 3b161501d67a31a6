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
  /** Default: `https://login.xsolla.com/api`. */
  baseUrl?: string;
};

/** A platform account, as the game names it, e.g. `xbox` and the id there. */
export interface XsollaPlatformAccount {
  platform: string;
  platformUserId: string;
}

/** What only a game server may ask of Xsolla Login. */
export interface XsollaServer {
  /** Signs a platform account in, creating it if need be. The token belongs to the main account once it is linked. */
  loginWithCustomId(
    account: { customId: string; /** Ends the player's other sessions. */ logOutOthers?: boolean } & (XsollaPlatformAccount | { platform?: never; platformUserId?: never }),
    options?: CallOptions,
  ): Promise<{ token: string; isNew?: boolean }>;
  /** Links a platform account to the main account that shows this code. There is no way back. */
  linkByCode(link: { code: string } & XsollaPlatformAccount, options?: CallOptions): Promise<{ linked: true }>;
}

/** A client for the calls of a game server. In a browser it rejects with one sentence. */
export declare function createXsollaServer(options: XsollaServerOptions): Promise<XsollaServer>;

/** Whether it is an error of playerlink; works across copies of the package and realms, where `instanceof` does not. */
export declare function isPlayerLinkError(error: unknown): error is PlayerLinkError;
