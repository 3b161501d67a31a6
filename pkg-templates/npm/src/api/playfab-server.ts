// What only a game server may ask of PlayFab. Types only.
import type { CallOptions, ClientOptions } from "./options.js";
import type { PlayFabInfo, PlayFabLoginDetails, PlayFabTagged } from "./playfab-login.js";

/** How to reach PlayFab as a game server. */
export type PlayFabServerOptions = Omit<ClientOptions, "store" | "retries"> & {
  /** The title's id as Game Manager shows it, e.g. `ABCD1`. */
  titleId: string;
  /** A secret key of the title: keep it out of everything that reaches a player. */
  secretKey: string;
  /** Default: `https://{titleId}.playfabapi.com`. */
  baseUrl?: string;
};

type Proven =
  | { provider: "battle-net"; identityToken: string }
  | { provider: "psn"; authCode: string; redirectUri: string; issuerId?: number }
  | { provider: "xbox"; xboxToken: string };

/** Ids without a proof: take them from a ticket the server has verified, never from the client's word. */
type Trusted =
  | { provider: "server-custom-id"; serverCustomId: string }
  | { provider: "steam-id"; steamId: string }
  | { provider: "xbox-id"; xboxId: string; sandbox: string };

/** What a game server signs a player in with. */
export type PlayFabServerCredential = PlayFabTagged & {
  /** Makes a new player when nobody has signed in this way before. */
  createAccount?: boolean;
  info?: readonly PlayFabInfo[];
} & (
    | Proven
    | Trusted
    | { provider: "custom-id"; customId: string }
    | { provider: "android-device"; androidDeviceId: string; androidDevice?: string; os?: string }
    | { provider: "ios-device"; deviceId: string; deviceModel?: string; os?: string }
    /** `playFabId`: the player the token must belong to. */
    | { provider: "twitch"; accessToken: string; playFabId: string }
  );

interface Linking extends PlayFabTagged {
  /** The player to link it to. */
  playFabId: string;
  /** Takes the account away from another player who has it; without it that is an error `conflict`. */
  forceLink?: boolean;
}

/** What a game server links to a player. */
export type PlayFabServerLink = Linking &
  (
    | Proven
    | Trusted
    | { provider: "nintendo-service-account"; identityToken: string }
    | { provider: "nintendo-service-account-subject"; subject: string }
    | { provider: "nintendo-switch-device"; nintendoSwitchDeviceId: string }
    | { provider: "psn-id"; psnUserId: string; issuerId?: number }
    | { provider: "twitch"; accessToken: string }
  );

/** What a game server unlinks from a player. */
export type PlayFabServerUnlink = PlayFabTagged & { playFabId: string } & (
    | { provider: "battle-net" | "facebook" | "nintendo-service-account" | "psn" | "steam-id" }
    | { provider: "facebook-instant-games"; facebookInstantGamesId?: string }
    | { provider: "nintendo-switch-device"; nintendoSwitchDeviceId?: string }
    | { provider: "server-custom-id"; serverCustomId: string }
    | { provider: "twitch"; accessToken?: string }
    | { provider: "xbox"; xboxToken?: string }
  );

/** A player's login made by a game server, to be handed to the game. */
export interface PlayFabPlayerLogin extends PlayFabLoginDetails {
  /** What client calls take. */
  sessionTicket: string;
  /** PlayFab does not tell it; 23 h is assumed. */
  sessionTicketExpiresInMs: number;
  /** What entity calls take, when the answer has it. */
  entityToken?: string;
  entityTokenExpiresInMs?: number;
}

/** A Nintendo service account and its player; `null`: nobody has linked it. */
export interface PlayFabNintendoAccount {
  nintendoAccountId: string;
  playFabId: string | null;
}

/** What only a game server may ask of PlayFab. */
export interface PlayFabServer {
  /** Signs a player in (`Server/LoginWith…`). */
  login(credential: PlayFabServerCredential, options?: CallOptions): Promise<PlayFabPlayerLogin>;
  /** Links an account to a player (`Server/Link…`). */
  link(identity: PlayFabServerLink, options?: CallOptions): Promise<void>;
  /** Unlinks an account of a player (`Server/Unlink…`). */
  unlink(identity: PlayFabServerUnlink, options?: CallOptions): Promise<void>;
  /** `link` of a Nintendo service account, proven by Nintendo's JWT. */
  linkNintendoServiceAccount(link: Linking & { identityToken: string }, options?: CallOptions): Promise<void>;
  /** `link` of a Nintendo service account by its id, without proof. */
  linkNintendoServiceAccountSubject(link: Linking & { subject: string }, options?: CallOptions): Promise<void>;
  /** `unlink` of a Nintendo service account. */
  unlinkNintendoServiceAccount(unlink: PlayFabTagged & { playFabId: string }, options?: CallOptions): Promise<void>;
  /** Whose a session ticket is that a client has shown. `expired`: then it proves nothing. */
  authenticateSessionTicket(
    query: { sessionTicket: string },
    options?: CallOptions,
  ): Promise<{ playFabId: string; expired: boolean; userInfo: Readonly<Record<string, unknown>> }>;
  /** A token of the title itself, for entity calls. Keep it for its life, less a margin. */
  titleToken(options?: CallOptions): Promise<{ token: string; expiresInMs?: number; entityId?: string; entityType?: string }>;
  /** The players of Nintendo service accounts, at most 25. */
  playFabIds(query: { nintendoAccountIds: readonly string[] }, options?: CallOptions): Promise<PlayFabNintendoAccount[]>;
}

/** A client for the calls of a game server. In a browser it rejects with one sentence. */
export declare function createPlayFabServer(options: PlayFabServerOptions): Promise<PlayFabServer>;
