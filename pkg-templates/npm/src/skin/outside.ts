// What an instance of the core shares with other tabs and processes: the store, the lock, the news. All of it ends with
// the instance.
import type { SessionStore } from "../api/store.js";
import type { CoreHost } from "../boundary.js";
import { lockFor } from "./lock.js";
import { signals } from "./signals.js";

type Shared = Pick<CoreHost, "store" | "durable" | "lock" | "broadcast" | "listen" | "online">;

/** `held`: what must be given back when the instance dies, since it no longer can. */
export const outside = (
  store: SessionStore,
  held: Set<() => void>,
  isDead: () => boolean,
): Shared => {
  const take = lockFor(store);
  const news = signals(store);
  const guarded = (end: () => void): (() => void) => {
    const stop = () => {
      held.delete(stop);
      end();
    };
    held.add(stop);
    return stop;
  };
  return {
    ...news,
    durable: () => store.durability !== "memory",
    lock(name) {
      if (!take) return undefined;
      const gone = new AbortController();
      let release: (() => void) | undefined;
      const stop = guarded(() => {
        gone.abort();
        release?.();
      });
      const promise = take(name, gone.signal).then((taken) => {
        release = taken;
        // Given up meanwhile.
        if (gone.signal.aborted || isDead()) taken();
      });
      return { promise, stop };
    },
    listen(tell) {
      const { stop } = news.listen((text) => {
        if (!isDead()) tell(text);
      });
      return { stop: guarded(stop) };
    },
  };
};
