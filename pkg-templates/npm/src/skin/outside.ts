// What an instance of the core shares with other tabs and processes: the store, the lock, the news.
import type { SessionStore } from "../api/store.js";
import { type CoreHost, What } from "../boundary.js";
import { lockFor } from "./lock.js";
import { signals } from "./signals.js";

export const outside = (store: SessionStore): CoreHost => {
  const take = lockFor(store);
  return {
    ...signals(store),
    async [What.Lock](name, _, stopped) {
      if (!take) return "none";
      const gone = new AbortController();
      let release: (() => void) | undefined;
      stopped(() => (release ? release() : gone.abort()));
      release = await take(name, gone.signal);
      // Given up meanwhile.
      if (gone.signal.aborted) release();
      return undefined;
    },
  };
};
