// Who may refresh: one tab or process at a time.
import type { SessionStore } from "../api/store.js";

/** Takes the lock of that name as soon as it is free, and resolves with what gives it back; rejects on abort. */
export type Take = (name: string, signal: AbortSignal) => Promise<() => void>;

/** Within this page or process: one after the other, in the order they came. */
export const queue = (): Take => {
  const last = new Map<string, Promise<void>>();
  return async (name, signal) => {
    const before = last.get(name);
    let release!: () => void;
    const done = new Promise<void>((resolve) => (release = resolve));
    // Who gives up waiting lets the next one through, but not before those in front.
    const both = Promise.all([before, done]).then(() => {
      if (last.get(name) === both) last.delete(name);
    });
    last.set(name, both);
    signal.addEventListener("abort", release);
    await before;
    signal.removeEventListener("abort", release);
    if (!signal.aborted) return release;
    release();
    throw signal.reason;
  };
};

/** Never stolen: a tab that is frozen with it makes others wait, as long as they want to. */
const webLock =
  (locks: LockManager): Take =>
  (name, signal) =>
    new Promise((held, refused) => {
      locks.request(name, { signal }, () => new Promise<void>(held)).catch(refused);
    });

/** The lock for what is kept in `store`; without one, the core keeps tabs off each other by a note in the record. */
export const lockFor = (store: SessionStore): Take | undefined =>
  store.lock?.bind(store) ?? (webLocks() && webLock(webLocks()!));

export const webLocks = (): LockManager | undefined => (globalThis.navigator as Partial<Navigator> | undefined)?.locks;
