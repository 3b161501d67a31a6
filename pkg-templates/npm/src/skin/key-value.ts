// A store out of something that can only get, set and remove.
import type { KeyValue } from "../api/stores.js";
import type { SessionStore } from "../api/store.js";
import { queue } from "./lock.js";

export const fromKeyValue = (storage: KeyValue): SessionStore => {
  const take = queue();
  const never = new AbortController().signal;
  const load = async (key: string) => (await storage.getItem(key)) ?? null;
  return {
    load,
    async compareAndSwap(key, expected, next) {
      const release = await take(key, never);
      try {
        if ((await load(key)) !== expected) return false;
        if (next !== null) await storage.setItem(key, next);
        else if (expected !== null) await storage.removeItem(key);
        return true;
      } finally {
        release();
      }
    },
  };
};
