// What a session offers whichever service it belongs to. Types only.
import type { ServiceName, SessionOverReason } from "./errors.js";
import type { CallOptions, RefreshOptions } from "./options.js";

/** Who the player is to the game: the one whose data counts now. */
export interface Player {
  /** RallyHere: the active player's UUID. Xsolla: `sub`, the main account's once linked. PlayFab: the PlayFab id. */
  playerId: string;
  /** RallyHere: the person that owns the linked platform accounts. */
  personId?: string;
  /** The platform that signed in, as the service spells it. */
  platform?: string;
  platformUserId?: string;
  displayName?: string;
}

/** What can be seen of a session at one moment. The same object until something changes. */
export type SessionSnapshot = Readonly<
  {
    /** Grows with each change. */
    revision: number;
    /** Whether a restart would find the session again: `memory` when the store failed or there is none. */
    durability: "durable" | "memory";
  } & (
    | { status: "signed-in"; player: Readonly<Player> }
    /** `player` is the last one known. */
    | { status: "signed-out"; player?: Readonly<Player>; reason?: SessionOverReason }
  )
>;

/** What a refresh, or a call that refreshes by itself, led to. */
export interface PlayerChange {
  /** Whether the active player is another one than before: load that player's data. */
  changed: boolean;
  player: Player;
}

/** The active player, or the person behind them, became another one. */
export interface PlayerChanged {
  /** Whose data you have. */
  previous: Readonly<Player>;
  /** Whose you need. */
  player: Readonly<Player>;
}

/** A player who is signed in on this device. */
export interface Account {
  /** Pass it to `restore({ account })`. */
  id: string;
  /** Who it was when last seen. */
  player: Player;
  /** Whether `restore()` finds this one. */
  active: boolean;
}

/** A web sign-in that has begun. */
export interface WebSignIn {
  /** Open it as a page of its own: `location.assign(url)`, or the system's browser. Never fetch it. */
  url: string;
  /** Comes back with the player. It is kept here for 10 minutes: you need not do anything with it. */
  state: string;
}

/** A signed-in player. Its tokens stay inside; ask for the access token each time you need it. */
export interface Session {
  readonly service: ServiceName;
  /** The active player; after signing out the last one known. */
  readonly player: Readonly<Player> | undefined;
  /** An access token that is valid now and belongs to the active player; refreshed first if it must be. */
  accessToken(options?: CallOptions): Promise<string>;
  /**
   * `fetch` with the access token attached. An answer that refuses the token is replayed once with a new one, if the
   * body can be sent again (not a stream). Never sends the token over plain http except to loopback.
   */
  fetch(input: Parameters<typeof globalThis.fetch>[0], init?: Parameters<typeof globalThis.fetch>[1]): Promise<Response>;
  /** The current snapshot. Stable: the same object until something changes, as `useSyncExternalStore` asks. */
  getSnapshot(): SessionSnapshot;
  /** Calls back after each change, with the new snapshot; call the result to stop. */
  subscribe(listener: (snapshot: SessionSnapshot) => void): () => void;
  /**
   * Calls back once each time the player became another one, in every tab and wherever it was brought about: load that
   * player's data. A new name alone is none. Call the result to stop.
   */
  onPlayerChanged(listener: (change: PlayerChanged) => void): () => void;
  /** Makes this the account that `restore()` finds. */
  makeActive(options?: CallOptions): Promise<void>;
  /** Gets new tokens now. */
  refresh(options?: RefreshOptions): Promise<PlayerChange>;
  /** Signs out: here first, so that it works offline; `revoked` says whether the service knows. */
  logout(options?: CallOptions): Promise<{ revoked: boolean }>;
  /** Lets go of the session without signing out; its methods then fail with kind `misuse`. */
  close(): void;
  /** Closes, for `await using`, and waits until a refresh that is under way has been stored. */
  [Symbol.asyncDispose](): Promise<void>;
}
