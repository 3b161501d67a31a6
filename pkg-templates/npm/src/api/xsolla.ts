// The Xsolla Login client and its session: main accounts and, by what a platform proves, platform accounts. Types only.
import type { XsollaCredential } from "./credentials.js";
import type { Address, CallOptions, RestoreOptions } from "./options.js";
import type { Account, Session, WebSignIn } from "./session.js";

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

/** A social network the player can sign in with. Not a link by code: it is inside one project, and can be removed. */
export interface XsollaSocialLink {
  /** Xsolla's name of it, e.g. `google`. */
  network: string;
  socialId?: string;
  fullName?: string;
  nickname?: string;
  picture?: string;
}

/** How the result of a sign-in comes, and what each way takes. Default: `oauth` where the client has it, else `jwt`. */
export type XsollaProtocol =
  | {
      /** Tokens that can be refreshed. Needs the client's `oauth`. */
      protocol?: "oauth";
      /** Beside `offline`, e.g. `email`, `playfab`. */
      scopes?: string[];
      /** The token's claim `aud`. */
      audience?: string;
    }
  | {
      /** One token, for 24 hours unless the project says otherwise; it cannot be refreshed. */
      protocol: "jwt";
      /** The callback URL, as it is registered. Needed when the project has several. */
      loginUrl?: string;
      /** What the player must have told, e.g. `email`: else the outcome is `needs-user-data`. */
      fields?: string[];
      /** Comes back as the token's claim `payload`. Only with a user storage of your own. */
      payload?: string;
      /** Ends the player's other sessions. */
      logOutOthers?: boolean;
    };

interface Silent {
  /** Only players who have an account already; for others the error is `not-found`. */
  existingOnly?: boolean;
  /** A code from the platform. */
  code?: string;
}

interface PlatformTicket {
  /** The platform's bytes, or a text that is sent as it is. Good once: get a new one for each call. */
  ticket: Uint8Array | string;
  /** How bytes are written: `base64` unless set, as Xsolla's reference says. Its engine SDKs send Steam's as `hex`. */
  encoding?: "base64" | "hex";
}

/** What a platform proves of a player. */
export type XsollaSilentCredential =
  | (Silent & PlatformTicket & { platform: "steam"; appId: string | number })
  | (Silent & { platform: "xbox"; xid: string; userHash: string; xstsToken: string })
  | (Silent & { platform: "epicgames"; exchangeCode: string; /** Private ones let entitled players in only. */ deploymentId?: string })
  /** A platform this version does not know, by its name in Xsolla's address. */
  | (Silent & Partial<PlatformTicket> & { platform: "raw"; platformName: string; appId?: string | number; deploymentId?: string });

/** A main account to make. */
export interface XsollaRegistration {
  /** 1 to 255 characters. */
  username: string;
  /** 6 to 100 characters. */
  password: string;
  /** 1 to 255 characters. */
  email: string;
  /** Consent to the processing of personal data. */
  acceptConsent?: boolean;
  /** Consent to promotional e-mails. */
  promoEmails?: boolean;
}

/** A device that is an account by itself. By OAuth 2.0 only. */
export interface XsollaDeviceCredential {
  device: "android" | "ios";
  /** The device's model, to show. */
  model: string;
  /** Unique for the device: whoever has it is the player. */
  deviceId: string;
  scopes?: string[];
  audience?: string;
}

/** A social network's own token. */
export interface XsollaSocialCredential {
  /** Xsolla's name of the network, e.g. `google`, `discord`. */
  network: string;
  accessToken: string;
  /** The second half of a token of OAuth 1.0 (Twitter). */
  accessTokenSecret?: string;
  /** WeChat, QQ. */
  openid?: string;
}

/** Something the player is asked for. */
export interface XsollaAskedField {
  /** E.g. `email`, `phone_number`, `country-name`, `gdpr_consent`, `bday`. */
  name: string;
  required: boolean;
  kind?: string;
  defaultValue?: string;
  validation?: string;
  /** How the answer is confirmed. */
  confirmation?: "code" | "link" | (string & {});
  step?: number;
}

/** What a sign-in came to. */
export type XsollaSignIn =
  | { outcome: "signed-in"; session: XsollaSession }
  /** Open `url`; where it ends, call `completeRedirect` with the address and `state`. */
  | { outcome: "needs-user-data"; url: string; fields: XsollaAskedField[]; state?: string }
  /** The account was made; the player confirms it by e-mail, then signs in. */
  | { outcome: "needs-email-confirmation" };

/** Signs players in to Xsolla Login: a main account's, or with the shadow project a platform account's. */
export interface XsollaClient {
  /** The stored session, refreshed if it must be; `undefined` when there is none or it can no longer be used. */
  restore(options?: RestoreOptions): Promise<XsollaSession | undefined>;
  /** Who is signed in on this device, the active one first. Asks only the store. */
  accounts(options?: CallOptions): Promise<Account[]>;
  login(credential: XsollaCredential, options?: CallOptions): Promise<XsollaSession>;
  /** The same by either protocol: with `protocol: "jwt"` for a project that has no OAuth 2.0 client. */
  passwordLogin(credential: XsollaCredential & XsollaProtocol, options?: CallOptions): Promise<XsollaSignIn>;
  /** By what a platform proves, without a word from the player. Sent once: never retried with the same ticket. */
  silentLogin(credential: XsollaSilentCredential & XsollaProtocol, options?: CallOptions): Promise<XsollaSignIn>;
  /** Makes a main account. */
  register(registration: XsollaRegistration & XsollaProtocol, options?: CallOptions): Promise<XsollaSignIn>;
  deviceLogin(credential: XsollaDeviceCredential, options?: CallOptions): Promise<XsollaSignIn>;
  socialTokenLogin(credential: XsollaSocialCredential & XsollaProtocol, options?: CallOptions): Promise<XsollaSignIn>;
  /**
   * Begins a web sign-in with OAuth 2.0 on Xsolla's page, or on `page`, one that takes the same query. The player may be
   * away for 10 minutes; five sign-ins at once. Rejects with kind `storage` when the store failed, since nobody would
   * know the player when they come back.
   */
  beginOauth(request?: { page?: string }, options?: CallOptions): Promise<WebSignIn>;
  /**
   * Finishes a sign-in that came back by redirect, by default to the page's own address. That one loses code, token,
   * state and errors before anything else happens, so that Back and Forward never show them. Called twice for one way
   * back (React's Strict Mode), it costs one exchange, and both get its result. Rejects with kind `platform-ticket`, and
   * sends nothing, when no such sign-in was begun here. `state`: for a program that keeps one of its own.
   */
  completeRedirect(
    redirect?: Address | { url?: Address; state?: string } | { code: string },
    options?: CallOptions,
  ): Promise<XsollaSession>;
  /** A session around a user token that was obtained elsewhere. It is not stored and cannot be refreshed. */
  sessionFromToken(token: string, options?: CallOptions): Promise<XsollaSession>;
  /**
   * The session of the player who started the game from Xsolla Launcher, from the program's arguments (in Node
   * `process.argv`); `undefined` when no token was handed over. `name`: the launcher's argument, `xsolla-login-token`
   * unless it was configured otherwise.
   */
  sessionFromLauncher(args: readonly string[], options?: CallOptions & { name?: string }): Promise<XsollaSession | undefined>;
}

/** A player signed in to Xsolla Login. */
export interface XsollaSession extends Session {
  readonly service: "xsolla";
  /** A new linking code. Show it here and nowhere else. */
  createLinkingCode(options?: CallOptions): Promise<LinkingCode>;
  profile(options?: CallOptions): Promise<XsollaProfile>;
  /** The social networks the player can sign in with. */
  socialLinks(options?: CallOptions): Promise<XsollaSocialLink[]>;
  /** The page at which the player links a network; it ends at `loginUrl`, one of the project's callback URLs. */
  socialLinkUrl(link: { network: string; loginUrl?: string }, options?: CallOptions): Promise<string>;
  removeSocialLink(network: string, options?: CallOptions): Promise<void>;
}
