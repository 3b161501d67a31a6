// The values of `playerlink/stores`. Declarations only.
import type { MaybePromise, SessionStore } from "./store.js";

/** Keeps sessions in IndexedDB, under this name. Rejects where there is none or it does not answer. */
export declare function indexedDbStore(name?: string): SessionStore;

/** Keeps sessions in `localStorage`; where that is missing or refused, in memory. */
export declare function localStorageStore(): SessionStore;

/** Keeps sessions until the page or process ends. */
export declare function memoryStore(): SessionStore;

/** What a storage that can only get, set and remove looks like: React Native's AsyncStorage, a keychain, settings. */
export interface KeyValue {
  getItem(key: string): MaybePromise<string | null | undefined>;
  setItem(key: string, text: string): MaybePromise<unknown>;
  removeItem(key: string): MaybePromise<unknown>;
}

/**
 * A store of get, set and remove. Its compare-and-swap is atomic within this page or process only: nothing else may
 * write there.
 */
export declare function fromKeyValue(storage: KeyValue): SessionStore;

/** How `encrypted` works. */
export interface EncryptedOptions {
  /** The IndexedDB that holds the key. Default: `playerlink-keys`. */
  database?: string;
  /** Told when a text cannot be decrypted any more; it was moved aside, to `key/unreadable`. */
  onUnreadable?: (key: string) => void;
}

/**
 * Encrypts what `store` keeps: AES-GCM, with a key in IndexedDB that no script can read. Against somebody who copies the
 * browser's files or `localStorage`; not against script in the page. When the key is lost (site data partly cleared), what
 * was stored is moved aside and the player signs in again. What was stored in the clear before is still read, and
 * encrypted when it is next written. Needs a secure page and IndexedDB; else every operation rejects.
 */
export declare function encrypted(store: SessionStore, options?: EncryptedOptions): SessionStore;
