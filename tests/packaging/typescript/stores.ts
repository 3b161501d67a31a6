// `playerlink/stores`, and a store of one's own. Only compiled.
import { createRallyHereClient, type SessionStore } from "playerlink";
import { encrypted, fromKeyValue, indexedDbStore, localStorageStore, memoryStore, type KeyValue } from "playerlink/stores";

const settings: KeyValue = {
  getItem: async (key: string) => (key ? "text" : undefined),
  setItem: async (_key: string, _text: string) => {},
  removeItem: (_key: string) => true,
};

const own: SessionStore = {
  load: (_key) => null,
  compareAndSwap: async (_key, _expected, _next) => true,
  watch: (_key, changed) => {
    changed();
    return () => {};
  },
};

export const stores: SessionStore[] = [
  encrypted(indexedDbStore(), { onUnreadable: (key: string) => void key }),
  encrypted(localStorageStore()),
  fromKeyValue(settings),
  memoryStore(),
  own,
];

export const client = createRallyHereClient({ environment: "demo", clientId: "a", clientSecret: "b", store: stores[0] ?? own });

// @ts-expect-error a storage that cannot remove
fromKeyValue({ getItem: () => null, setItem: () => {} });
// @ts-expect-error no such durability
export const wrong: SessionStore = { ...own, durability: "tab" };
