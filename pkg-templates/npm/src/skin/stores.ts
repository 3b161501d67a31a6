// Where sessions are kept by default.
import type { SessionStore } from "../api/options.js";

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
  };
};

export const localStorageStore = (): SessionStore => {
  let storage: Storage;
  try {
    // Reading the property throws where cookies are blocked; writing throws where the quota is zero.
    storage = globalThis.localStorage;
    storage.setItem("playerlink.probe", "");
    storage.removeItem("playerlink.probe");
  } catch {
    return memoryStore();
  }
  return {
    load: (key) => storage.getItem(key),
    // Two tabs can still meet between the lines; the core holds a lock around this where the browser has one.
    compareAndSwap(key, expected, next) {
      if (storage.getItem(key) !== expected) return false;
      if (next === null) storage.removeItem(key);
      else storage.setItem(key, next);
      return true;
    },
  };
};

// Node 22 and later has a `localStorage` that warns when it is touched: only a document or a worker counts as a browser.
export const defaultStore = (): SessionStore =>
  typeof document === "object" ? localStorageStore() : memoryStore();
