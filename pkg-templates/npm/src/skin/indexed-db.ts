// Text in IndexedDB, one transaction an operation. A connection that is lost or closed is opened again; one that does
// not answer is given up.
import type { SessionStore } from "../api/store.js";

const TABLE = "kept";
// Below the 2 s that a session waits, so that there is time left for another store.
const PATIENCE_MS = 1_500;

/** Runs one transaction, and resolves with what `work` gave to `done`, once it is on the disk. */
export type Run = <T>(mode: IDBTransactionMode, work: (table: IDBObjectStore, done: (value: T) => void) => void) => Promise<T>;

export const database = (name: string): Run => {
  let connection: Promise<IDBDatabase> | undefined;

  const open = (): Promise<IDBDatabase> => {
    const opening = inTime<IDBDatabase>((resolve, reject) => {
      let wanted = true;
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(TABLE);
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        const opened = request.result;
        const close = () => {
          opened.close();
          if (connection === opening) connection = undefined;
        };
        // Somebody deletes the database (clears site data), or the browser has closed it.
        opened.onversionchange = close;
        opened.onclose = close;
        if (wanted) resolve(opened);
        else close();
      };
      return () => (wanted = false);
    });
    return opening;
  };

  const attempt: Run = async (mode, work) => {
    const used = (connection ??= open());
    try {
      const opened = await used;
      return await inTime<never>((resolve, reject) => {
        // On the disk when it is told so: after a power cut an older refresh token would be worth nothing.
        const transaction = opened.transaction(TABLE, mode, { durability: "strict" });
        let result: unknown;
        transaction.oncomplete = () => resolve(result as never);
        transaction.onabort = () => reject(transaction.error);
        work(transaction.objectStore(TABLE), (value) => (result = value));
        // Given up: not to be written later.
        return () => transaction.abort();
      });
    } catch (error) {
      if (connection === used) connection = undefined;
      used.then((opened) => opened.close()).catch(() => {});
      throw error;
    }
  };

  return (mode, work) => attempt(mode, work).catch((error: unknown) => (isLate(error) ? Promise.reject(error) : attempt(mode, work)));
};

const late = "IndexedDB does not answer";
const isLate = (error: unknown): boolean => error instanceof Error && error.message === late;

// `start` returns what undoes it when it is too late.
const inTime = <T>(start: (resolve: (value: T) => void, reject: (error: unknown) => void) => () => unknown): Promise<T> => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return new Promise<T>((resolve, reject) => {
    const undo = start(resolve, reject);
    timer = setTimeout(() => {
      reject(new Error(late));
      undo();
    }, PATIENCE_MS);
  }).finally(() => clearTimeout(timer));
};

/** Text by key, through `run`. */
export const inDatabase = (run: Run): SessionStore => ({
  load: (key) =>
    run<string | null>("readonly", (table, done) => {
      const request: IDBRequest<unknown> = table.get(key);
      request.onsuccess = () => done(typeof request.result === "string" ? request.result : null);
    }),
  compareAndSwap: (key, expected, next) =>
    run<boolean>("readwrite", (table, done) => {
      const request: IDBRequest<unknown> = table.get(key);
      request.onsuccess = () => {
        const swaps = (request.result ?? null) === expected;
        if (swaps && next !== null) table.put(next, key);
        else if (swaps) table.delete(key);
        done(swaps);
      };
    }),
});
