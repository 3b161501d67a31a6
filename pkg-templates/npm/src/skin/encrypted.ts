// A store whose texts are encrypted with a key that scripts can use and cannot read.
import type { EncryptedOptions } from "../api/stores.js";
import type { SessionStore } from "../api/store.js";
import { database } from "./indexed-db.js";

const MARK = "playerlink-aes1:";
const SLOT = "key";

export const encrypted = (store: SessionStore, options: EncryptedOptions = {}): SessionStore => {
  const run = database(options.database ?? "playerlink-keys");
  let known: Promise<CryptoKey> | undefined;

  // The first tab that stores a key decides.
  const shared = async (): Promise<CryptoKey> => {
    const fresh = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    return run<CryptoKey>("readwrite", (table, done) => {
      const request: IDBRequest<unknown> = table.get(SLOT);
      request.onsuccess = () => {
        if (request.result instanceof CryptoKey) return done(request.result);
        table.put(fresh, SLOT);
        done(fresh);
      };
    });
  };
  const secret = async (): Promise<CryptoKey> => {
    try {
      return await (known ??= shared());
    } catch (error) {
      known = undefined;
      throw error;
    }
  };

  // The key's name goes into the seal: a text cannot be moved to another account.
  const seal = async (key: string, text: string): Promise<string> => {
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const bytes = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: utf8(key) }, await secret(), utf8(text));
    return MARK + toBase64(iv) + toBase64(new Uint8Array(bytes));
  };
  const unseal = async (key: string, sealed: string, secret: CryptoKey): Promise<string | undefined> => {
    try {
      const iv = fromBase64(sealed.slice(MARK.length, MARK.length + 16));
      const bytes = fromBase64(sealed.slice(MARK.length + 16));
      const text = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData: utf8(key) }, secret, bytes);
      return new TextDecoder().decode(text);
    } catch {
      return undefined;
    }
  };

  /** What is stored, as it lies there and in the clear. What cannot be read is moved aside, once. */
  const read = async (key: string): Promise<{ raw: string | null; text: string | null }> => {
    const raw = await store.load(key);
    if (raw === null || !raw.startsWith(MARK)) return { raw, text: raw };
    let text = await unseal(key, raw, await secret());
    if (text === undefined) {
      // Another tab may have found the key lost and made a new one.
      known = undefined;
      text = await unseal(key, raw, await secret());
    }
    if (text !== undefined) return { raw, text };
    const aside = `${key}/unreadable`;
    await store.compareAndSwap(aside, await store.load(aside), raw);
    if (!(await store.compareAndSwap(key, raw, null))) throw new Error("the record has just been changed elsewhere");
    options.onUnreadable?.(key);
    return { raw: null, text: null };
  };

  const { watch, lock } = store;
  return {
    load: async (key) => (await read(key)).text,
    async compareAndSwap(key, expected, next) {
      const { raw, text } = await read(key);
      if (text !== expected) return false;
      return store.compareAndSwap(key, raw, next === null ? null : await seal(key, next));
    },
    ...(watch && { watch: watch.bind(store) }),
    ...(lock && { lock: lock.bind(store) }),
    get durability() {
      return store.durability ?? "durable";
    },
  };
};

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

const toBase64 = (bytes: Uint8Array): string => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
