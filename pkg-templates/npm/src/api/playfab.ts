// The PlayFab client and its session. Types only.
import type { CallOptions, ClientOptions, RestoreOptions } from "./options.js";
import type { PlayFabInfo, PlayFabLoginDetails, PlayFabTagged } from "./playfab-login.js";
import type { Account, Session } from "./session.js";

/** How to reach PlayFab as a client: no secret of any kind. */
export type PlayFabOptions = Omit<ClientOptions, "retries"> & {
  /** The title's id as Game Manager shows it, e.g. `ABCD1`. */
  titleId: string;
  /** Default: `https://{titleId}.playfabapi.com`. Plain http is accepted for loopback hosts only. */
  baseUrl?: string;
  /**
   * Asked once for a credential with a fresh proof when a session can no longer be refreshed; with `undefined`, or after
   * 60 s, the session is over. What it throws counts as `undefined`.
   */
  platformTicket?: () => Promise<PlayFabCredential | undefined>;
};

/** What a player proves an account of another platform with, to sign in or to link it. Fields are named as PlayFab's. */
export type PlayFabIdentity =
  /** Ids without a proof: whoever knows one is the player. For guests; offer to link a real account soon. */
  | { provider: "custom-id"; customId: string }
  | { provider: "android-device"; androidDeviceId: string; androidDevice?: string; os?: string }
  | { provider: "ios-device"; deviceId: string; deviceModel?: string; os?: string }
  | { provider: "nintendo-switch-device"; nintendoSwitchDeviceId: string }
  /** JWTs, as the platform issued them. */
  | { provider: "apple" | "battle-net" | "nintendo-service-account"; identityToken: string }
  /** `connectionId`, at most 100 characters, is in the title's settings. */
  | { provider: "open-id-connect"; connectionId: string; idToken: string }
  /** The ticket in hexadecimal; `ticketIsServiceSpecific` when it was made for a web API (`AzurePlayFab`). */
  | { provider: "steam"; steamTicket: string; ticketIsServiceSpecific?: boolean }
  /** An Xbox token for `https://playfabapi.com/`. */
  | { provider: "xbox"; xboxToken: string }
  /** A code, and the redirect URI it was obtained with; `issuerId`: its environment, production unless set. */
  | { provider: "psn"; authCode: string; redirectUri: string; issuerId?: number }
  /** `setEmail` (login): whether the account's address becomes the contact address; PlayFab does so unless `false`. */
  | { provider: "google"; serverAuthCode: string; setEmail?: boolean }
  | { provider: "google-play-games"; serverAuthCode: string }
  | { provider: "facebook"; accessToken: string; authenticationToken?: never }
  /** Limited login. */
  | { provider: "facebook"; authenticationToken: string; accessToken?: never }
  | { provider: "facebook-instant-games"; facebookInstantGamesSignature: string }
  | { provider: "twitch"; accessToken: string }
  | { provider: "game-center"; playerId: string; publicKeyUrl: string; salt: string; signature: string; timestamp: string }
  | { provider: "kongregate"; kongregateId: string; authTicket: string };

/** What a player signs in with. */
export type PlayFabCredential = PlayFabTagged & { info?: readonly PlayFabInfo[] } & (
    | (PlayFabIdentity & {
        /** Makes a new player when nobody has signed in this way before; without it that is an error `not-found`. */
        createAccount?: boolean;
        /** The player secret of titles that sign requests. */
        playerSecret?: string;
      })
    | { provider: "email"; email: string; password: string }
    | { provider: "playfab"; username: string; password: string }
  );

/** What is linked to the player who is signed in. */
export type PlayFabLink = PlayFabTagged &
  PlayFabIdentity & {
    /** Takes the account away from another player who has it; without it that is an error `conflict`. Ask the player first. */
    forceLink?: boolean;
  };

/** What an unlink takes away. Without an id: the one last signed in with. */
export type PlayFabUnlink = PlayFabTagged &
  (
    | { provider: "custom-id"; customId?: string }
    | { provider: "android-device"; androidDeviceId?: string }
    | { provider: "ios-device"; deviceId?: string }
    | { provider: "nintendo-switch-device"; nintendoSwitchDeviceId?: string }
    | { provider: "facebook-instant-games"; facebookInstantGamesId?: string }
    | { provider: "open-id-connect"; connectionId: string }
    | { provider: "twitch"; accessToken?: string }
    | { provider: "xbox"; xboxToken?: string }
    | {
        provider:
          | "apple"
          | "battle-net"
          | "facebook"
          | "game-center"
          | "google"
          | "google-play-games"
          | "kongregate"
          | "nintendo-service-account"
          | "psn"
          | "steam";
      }
  );

/** An account to make: a user name (3 to 20 characters), an e-mail address, or both. */
export type PlayFabRegistration = PlayFabTagged & {
  /** 6 to 100 characters. */
  password: string;
  /** The name to show, 3 to 25 characters. */
  displayName?: string;
  info?: readonly PlayFabInfo[];
} & ({ username: string; email?: string } | { username?: string; email: string });

/** Signs players in to a PlayFab title. */
export interface PlayFabClient {
  /** The stored session, refreshed if it must be; `undefined` when there is none or it can no longer be used. */
  restore(options?: RestoreOptions): Promise<PlayFabSession | undefined>;
  /** Who is signed in on this device, the active one first. Asks only the store. */
  accounts(options?: CallOptions): Promise<Account[]>;
  /** Signs a player in. Nothing is tried again by itself: most proofs are good for one use. */
  login(credential: PlayFabCredential, options?: CallOptions): Promise<PlayFabSession>;
  /** Makes an account and signs it in. */
  register(registration: PlayFabRegistration, options?: CallOptions): Promise<PlayFabSession>;
}

/**
 * A player signed in to a PlayFab title. `accessToken()` is the entity token. PlayFab has no call that ends a session:
 * `logout()` is one here only, `revoked` is always `false`.
 */
export interface PlayFabSession extends Session {
  readonly service: "playfab";
  /** The entity token, valid now: what `accessToken()` gives, under PlayFab's name. */
  entityToken(options?: CallOptions): Promise<string>;
  /**
   * The session ticket, for a game server that checks it. Never one past its life (23 h from the login): then an error
   * `session-over`, also while the entity token goes on renewing itself.
   */
  sessionTicket(options?: CallOptions): Promise<string>;
  /** Links another account to this player. `conflict`: it is another player's, or this player has one of that platform. */
  link(identity: PlayFabLink, options?: CallOptions): Promise<void>;
  /** Unlinks. The last one may go too: then nobody can sign in as this player any more. */
  unlink(identity: PlayFabUnlink, options?: CallOptions): Promise<void>;
  /**
   * Any other call, e.g. `call("Client/GetAccountInfo")`: `Client/…` with the session ticket, every other with the entity
   * token. Answers with PlayFab's `data`. `Server/…` and `Admin/…` are a `misuse`: they belong on a game server.
   */
  call<Data extends object = Record<string, unknown>>(path: string, body?: object, options?: CallOptions): Promise<Data>;
  loginDetails(options?: CallOptions): Promise<PlayFabLoginDetails>;
}
