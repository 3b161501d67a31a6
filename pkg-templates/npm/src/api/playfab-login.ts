// What a PlayFab login can bring along, for clients and game servers. Types only.

/** What else a login is to bring along. The title's settings must allow clients to ask for it. */
export type PlayFabInfo =
  | "CharacterInventories"
  | "CharacterList"
  | "PlayerProfile"
  | "PlayerStatistics"
  | "TitleData"
  | "UserAccountInfo"
  | "UserData"
  | "UserInventory"
  | "UserReadOnlyData"
  | "UserVirtualCurrency";

/** All that PlayFab tells about a login, the tokens aside. */
export interface PlayFabLoginDetails {
  /** The player in this publisher's titles: the session's `player.playerId`. */
  playFabId: string;
  /** The player in this title (`title_player_account`), which entity calls take. */
  titlePlayerId?: string;
  /** Whether this login made the account. */
  newlyCreated: boolean;
  /** The login before this one, epoch milliseconds. */
  lastLoginAt?: number;
  /** What `info` asked for, as PlayFab answers it (`InfoResultPayload`). */
  info?: Readonly<Record<string, unknown>>;
}

/** Tags for the vendor's event log, e.g. the build's number. Never a secret. */
export interface PlayFabTagged {
  customTags?: Readonly<Record<string, string>>;
}
