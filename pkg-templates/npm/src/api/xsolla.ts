// The Xsolla Login client and its session: the main account, on a companion site or app. Types only.
import type { XsollaCredential } from "./credentials.js";
import type { CallOptions } from "./options.js";
import type { Session } from "./session.js";

/** What links a platform account to the signed-in main account: the player types it in the game. */
export interface LinkingCode {
  /** Opaque: keep leading zeros, do not change case. */
  code: string;
  /** The same code in groups, as it is read best. */
  groups: string[];
  /** When it was asked for, epoch milliseconds. Its lifetime is not documented. */
  requestedAtMs: number;
}

/** The main account's profile; the service may leave out everything but the id. */
export interface XsollaProfile {
  id: string;
  username?: string;
  nickname?: string;
  name?: string;
  picture?: string;
  email?: string;
  /** ISO 3166. */
  country?: string;
  /** When the account was made, as the service writes it. */
  registered?: string;
  /** Whether the account has no sign-in name. */
  isAnonymous?: boolean;
}

/** Signs players in to their Xsolla main account. */
export interface XsollaClient {
  /** The stored session, refreshed if it must be; `undefined` when there is none or it can no longer be used. */
  restore(options?: CallOptions): Promise<XsollaSession | undefined>;
  login(credential: XsollaCredential, options?: CallOptions): Promise<XsollaSession>;
  /**
   * Finishes a sign-in that came back by redirect. Given `location`, the code or token is removed from the address
   * bar before anything is sent. With `state`, the answer to another attempt is refused.
   */
  completeRedirect(
    redirect: Location | URL | string | { url: Location | URL | string; state?: string } | { code: string },
    options?: CallOptions,
  ): Promise<XsollaSession>;
  /** A session around a user token that was obtained elsewhere, e.g. handed over by a launcher. It cannot be refreshed. */
  sessionFromToken(token: string, options?: CallOptions): Promise<XsollaSession>;
}

/** A player signed in to an Xsolla main account. */
export interface XsollaSession extends Session {
  readonly service: "xsolla";
  /** A new linking code. Show it here and nowhere else. */
  createLinkingCode(options?: CallOptions): Promise<LinkingCode>;
  profile(options?: CallOptions): Promise<XsollaProfile>;
}
