// Where sessions are kept by default: IndexedDB, else localStorage, else memory. `playerlink/stores` has the others.
import type { SessionStore } from "../api/store.js";
import { attempt } from "./attempt.js";
import { database, inDatabase } from "./indexed-db.js";
import { queue, webLocks } from "./lock.js";

export const memoryStore = (): SessionStore => {
  const kept = new Map<string, string>();
  return {
    load: (key) => kept.get(key) ?? null,
    compareAndSwap(key, expected, next) {
      if ((kept.get(key) ?? null) !== expected) return false;
      if (next === null) kept.delete(key);
      else kept.set(key, next);
      return true;
    },
    lock: queue(),
    durability: "memory",
  };
};

const probe = "playerlink.probe";

// Reading the property throws where cookies are blocked; writing throws where the quota is zero.
const writable = (): Storage | undefined =>
  attempt(() => {
    const storage = globalThis.localStorage;
    storage.setItem(probe, "");
    storage.removeItem(probe);
    return storage;
  });

const inStorage = (storage: Storage, mark?: string): SessionStore => {
  const swap = (key: string, expected: string | null, next: string | null): boolean => {
    if (storage.getItem(key) !== expected) return false;
    if (mark) storage.setItem(mark, "");
    if (next === null) storage.removeItem(key);
    else storage.setItem(key, next);
    return true;
  };
  return {
    load: (key) => storage.getItem(key),
    // Browsers tell tabs of each other's writes a moment later. Who swaps waits for that, and has swapped if his text is
    // still there; Web Locks keep the others off meanwhile. Where there are none that is a bet, and the only one there is.
    async compareAndSwap(key, expected, next) {
      const settled = async () => {
        if (!swap(key, expected, next)) return false;
        await new Promise((done) => setTimeout(done, SETTLE_MS));
        return storage.getItem(key) === next;
      };
      return webLocks()?.request("playerlink.swap", settled) ?? settled();
    },
  };
};
const SETTLE_MS = 50;

export const localStorageStore = (): SessionStore => {
  const storage = writable();
  return storage ? inStorage(storage) : memoryStore();
};

export const indexedDbStore = (name = "playerlink"): SessionStore => inDatabase(database(name));

// Once a session was kept in localStorage because IndexedDB failed, it is looked for there first: a database that works
// again must not hide it.
const mark = "playerlink.fallback";

/** `tell` hears what became of a store that failed. */
export const defaultStore = (tell: (error: unknown, next: string) => void): SessionStore => {
  // Node 22 and later has a `localStorage` that warns when it is touched: only a document counts as a browser. Workers
  // have IndexedDB alone.
  if (typeof document !== "object" && !attempt(() => globalThis.indexedDB)) return memoryStore();
  let chosen: Promise<SessionStore> | undefined;
  let durability: "durable" | "memory" = "durable";
  const choose = async (): Promise<SessionStore> => {
    const storage = typeof document === "object" ? writable() : undefined;
    if (storage?.getItem(mark) == null) {
      const run = database("playerlink");
      try {
        // Some private modes open a database and refuse to write.
        await run("readwrite", (table) => (table.put("", probe), table.delete(probe)));
        return inDatabase(run);
      } catch (error) {
        tell(error, storage ? "localStorage" : "memory");
      }
    }
    if (storage) return inStorage(storage, mark);
    durability = "memory";
    return memoryStore();
  };
  const store = () => (chosen ??= choose());
  return {
    load: async (key) => (await store()).load(key),
    compareAndSwap: async (key, expected, next) => (await store()).compareAndSwap(key, expected, next),
    get durability() {
      return durability;
    },
  };
};
