// Where sessions are kept: what a store has to do. Types only.

/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * Where sessions are kept: text by key. What is stored holds the refresh token, so a store of your own should be as
 * private as the platform allows. An operation may throw or reject; a session waits 2 s for each, then goes on in memory.
 */
export interface SessionStore {
  /** The text under `key`, or `null`. */
  load(key: string): MaybePromise<string | null>;
  /**
   * Sets `key` to `next` (`null`: removes it) if it still is `expected` (`null`: nothing), and says whether it was. That
   * is what lets two tabs or processes share one session without losing a refresh token.
   */
  compareAndSwap(key: string, expected: string | null, next: string | null): MaybePromise<boolean>;
  /**
   * Calls `changed` when another process may have changed what is under `key`, until the returned function is called.
   * Tabs of one browser tell each other anyway.
   */
  watch?(key: string, changed: () => void): () => void;
  /**
   * Takes the lock of that name as soon as it is free, and resolves with what gives it back; rejects when the signal
   * aborts first. Without this: Web Locks where there are any, else a note in the record, for one write more a refresh.
   */
  lock?(name: string, signal: AbortSignal): Promise<() => void>;
  /** `"memory"`: what is stored ends with the page or process. Missing: `"durable"`. May change after the first use. */
  readonly durability?: "durable" | "memory";
}
