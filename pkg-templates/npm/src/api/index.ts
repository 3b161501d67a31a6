// The values every entry of the package exports. Declarations only; entries/ holds the few lines behind them.
import type { PlayerLinkError } from "./errors.js";
import type { PlayFabClient, PlayFabOptions } from "./playfab.js";
import type { RallyHereOptions, XsollaOptions } from "./options.js";
import type { RallyHereClient } from "./rallyhere.js";
import type { SessionStore } from "./store.js";
import type { XsollaClient } from "./xsolla.js";

/** A client for RallyHere. Loads the module on first use; rejects with kind `misuse` or `configuration`. */
export declare function createRallyHereClient(options: RallyHereOptions): Promise<RallyHereClient>;

/** A client for Xsolla Login. Loads the module on first use; rejects with kind `misuse` or `configuration`. */
export declare function createXsollaClient(options: XsollaOptions): Promise<XsollaClient>;

/** A client for PlayFab. Loads the module on first use; rejects with kind `misuse` or `configuration`. */
export declare function createPlayFabClient(options: PlayFabOptions): Promise<PlayFabClient>;

/** Whether it is an error of playerlink; works across copies of the package and realms, where `instanceof` does not. */
export declare function isPlayerLinkError(error: unknown): error is PlayerLinkError;

/** Keeps sessions until the page or process ends. */
export declare function memoryStore(): SessionStore;

/** Keeps sessions in IndexedDB, under this name. Rejects where there is none or it does not answer. */
export declare function indexedDbStore(name?: string): SessionStore;

/** Keeps sessions in `localStorage`; where that is missing or refused, in memory. */
export declare function localStorageStore(): SessionStore;
