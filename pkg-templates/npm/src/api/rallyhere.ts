// The RallyHere client and its session. Types only.
import type { RallyHereCode } from "../codes.js";
import type { RallyHereCredential } from "./credentials.js";
import type { Agreements, Restriction } from "./errors.js";
import type { Address, CallOptions, RestoreOptions } from "./options.js";
import type { Account, Player, Session, WebSignIn } from "./session.js";

/** A platform account, by the service's words. */
export interface PlatformIdentity {
  /** E.g. `Steam`, `XboxLive`, `PSN`; case-sensitive. */
  platform: string;
  platformUserId: string;
}

/** None, or both: half an identity does not compile. */
export type OptionalPlatformIdentity = PlatformIdentity | { platform?: never; platformUserId?: never };

/** Whom to link to, in the order of who may: the first needs no permission. */
export type LinkLeader =
  /** The leader's own access token: self-service, signed in as the follower. */
  | { leaderAccessToken: string }
  | { leaderPersonId: string }
  | { leaderPlatform: string; leaderPlatformUserId: string };

/** What to link; the follower is the caller unless named. */
export type LinkRequest = LinkLeader & { followerPlatform?: string; followerPlatformUserId?: string };

/** What a change to accounts did, after the session was refreshed. */
export interface AccountChange {
  /** Whether the service changed anything; `false`: it was so already, see `code`. */
  changed: boolean;
  /** Why nothing was changed, e.g. `already_cross_progression_player`. */
  code?: RallyHereCode | (string & {});
  /** Whether the active player is another one now: load that player's data. */
  playerChanged: boolean;
  player: Player;
}

/** A platform account that belongs to a person. */
export interface LinkedAccount {
  platform: string;
  platformUserId?: string;
  displayName?: string;
  /** That platform account's own player. */
  playerId: string;
}

/** The platform accounts of a person. */
export interface Links {
  /** The player that was asked about. */
  playerId: string;
  personId: string;
  /** When cross-progression is on: the player everyone of the person plays as. */
  activePlayerId?: string;
  /** A text; the login's is a number. Never compare the two. */
  roleId?: string;
  /** Every platform account of the person, the caller's included. */
  accounts: LinkedAccount[];
}

/** What the service told at login or refresh, without tokens. */
export interface RallyHereLoginResult {
  activePlayerUuid: string;
  personId: string;
  platform: string;
  platformUserId: string;
  displayName?: string;
  roleId?: number;
  permissions: string[];
  /** Restrictions that did not block the login. */
  restrictions: Restriction[];
  /** The parent identity on two-tier platforms (Nintendo). */
  parent?: PlatformAccount;
  clientId?: string;
  platformEnvironment?: string;
  /** The role's own data, as JSON text. */
  roleCustomData?: string;
}

/** An account on a platform, as RallyHere knows it. */
export interface PlatformAccount {
  platform?: string;
  platformUserId: string;
  displayName?: string;
}

/** A key access tokens are signed with (RSA, to be used with RS256 only). */
export interface PublicKey {
  kid: string;
  kty: string;
  n: string;
  e: string;
}

/** A token of the game client itself, without a player. */
export interface ClientToken {
  accessToken: string;
  /** For how long, when the service says so. */
  expiresInMs?: number;
  permissions: string[];
}

/** Where the web sign-in starts. `state` is for `oauthLoginUrl` only: `beginOauth` makes its own. */
export interface OauthLoginRequest {
  portal: "google" | "apple" | "epic" | "xbox" | "psn" | "nintendo" | "steam" | "amazon" | "twitch";
  /** Must equal one that is configured for the game. */
  redirectUri?: string;
  /** Comes back unchanged; check it. */
  state?: string;
}

/** The end of the web sign-in. After an error of kind `agreements` call again with `accept` alone. */
export type OauthCompletion =
  /** `url`: where the browser came back to; in a page its own address. */
  | { url?: Address; accept?: Partial<Agreements> }
  /** `state`: what was passed to `oauthLoginUrl`; an answer to another attempt is refused. */
  | { url: Address; state: string; accept?: Partial<Agreements> }
  /** For a program that has checked `state` itself. */
  | { code: string; accept?: Partial<Agreements> };

/** Signs players in to RallyHere. */
export interface RallyHereClient {
  /** The stored session, refreshed if it must be; `undefined` when there is none or it can no longer be used. */
  restore(options?: RestoreOptions): Promise<RallyHereSession | undefined>;
  /** Who is signed in on this device, the active one first. Asks only the store. */
  accounts(options?: CallOptions): Promise<Account[]>;
  login(credential: RallyHereCredential, options?: CallOptions): Promise<RallyHereSession>;
  /**
   * Begins a web sign-in. The player may be away for 10 minutes; five sign-ins at once. Rejects with kind `storage` when
   * the store failed, since nobody would know the player when they come back.
   */
  beginOauth(request: Omit<OauthLoginRequest, "state">, options?: CallOptions): Promise<WebSignIn>;
  /**
   * Finishes it. The page's own address loses code, state and errors before anything else happens, so that Back and
   * Forward never show them. Called twice for one way back (React's Strict Mode), it costs one exchange, and both get
   * its result. Rejects with kind `platform-ticket`, and sends nothing, when no such sign-in was begun here; after
   * `network`, `timeout`, `busy` or `service` the same call goes on where it stopped.
   */
  completeOauth(completion?: OauthCompletion, options?: CallOptions): Promise<RallyHereSession>;
  /** For a program that keeps a `state` of its own: the page to send the player to (a navigation, not a fetch). */
  oauthLoginUrl(request: OauthLoginRequest): string;
  publicKeys(options?: CallOptions): Promise<PublicKey[]>;
  publicKey(keyId: string, options?: CallOptions): Promise<PublicKey>;
  /** A token without a player, by the login call. */
  clientToken(options?: CallOptions): Promise<ClientToken>;
  /** The same by the OAuth call. */
  oauthClientToken(options?: CallOptions): Promise<ClientToken>;
  /** What PlayStation tells about one of its tokens. */
  portalTokenDetails(
    request: { grant: "ps4_v1" | "ps4_v3" | "ps5_v3"; token: string },
    options?: CallOptions,
  ): Promise<Record<string, string>>;
}

/** A player signed in to RallyHere. */
export interface RallyHereSession extends Session {
  readonly service: "rallyhere";
  /** Asks the service whether it still accepts the token; rejects when not. */
  verify(options?: CallOptions): Promise<void>;
  /** The platform accounts of the active player, or of `playerId`. */
  links(query?: { playerId?: string }, options?: CallOptions): Promise<Links>;
  /** Moves a platform account under another person, then refreshes. */
  link(request: LinkRequest, options?: CallOptions): Promise<AccountChange>;
  /** Detaches a platform account (default: the caller's), then refreshes. */
  unlink(target?: OptionalPlatformIdentity, options?: CallOptions): Promise<AccountChange>;
  /** Makes that platform account's player the one everyone of the person plays as, then refreshes. */
  enableCrossProgression(target?: OptionalPlatformIdentity, options?: CallOptions): Promise<AccountChange>;
  /** Gives each platform account its own player back, then refreshes. */
  disableCrossProgression(
    target?: OptionalPlatformIdentity | { personId: string },
    options?: CallOptions,
  ): Promise<AccountChange>;
  restrictions(query: { of: "person" | "player" }, options?: CallOptions): Promise<Restriction[]>;
  /** What the service told at the last login or refresh. */
  loginResult(options?: CallOptions): Promise<RallyHereLoginResult | undefined>;
}
