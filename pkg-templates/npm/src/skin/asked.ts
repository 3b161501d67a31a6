// What the core asks of a client's host, by name: what takes time, and what is answered at once. Arguments are plain
// texts or JSON, as the core writes them.
import type { CoreHost } from "../boundary.js";

interface Begun {
  /** A text, or nothing. */
  promise?: Promise<string | void | undefined>;
  stop?(): void;
}

type Begin = (host: CoreHost, argument: string, tell: (news: string) => void) => Begun;

export const begin: Record<string, Begin> = {
  exchange: (host, request) => host.exchange(request),
  sleep: (host, ms) => host.sleep(Number(ms)),
  // With a text: there are no locks.
  lock: (host, name) => host.lock(name) ?? { promise: Promise.resolve("none") },
  listen: (host, _, tell) => host.listen(tell),
  load: (host, key) => ({
    promise: Promise.resolve(host.store.load(key)).then((text) => (typeof text === "string" ? text : undefined)),
  }),
  swap: (host, swap) => {
    const { key, expected = null, next = null } = JSON.parse(swap);
    return { promise: yes(host.store.compareAndSwap(key, expected, next)) };
  },
  ticket: (host) => ({ promise: host.ticket!() }),
  verify: (host, asked) => ({ promise: yes(host.verify!(asked)) }),
};

const yes = async (is: boolean | Promise<boolean>): Promise<string | undefined> => ((await is) ? "yes" : undefined);

export const atOnce: Record<string, (host: CoreHost, argument: string) => boolean | void> = {
  durable: (host) => host.durable(),
  online: (host) => host.online(),
  broadcast: (host, news) => {
    const { key, generation } = JSON.parse(news);
    host.broadcast(key, generation);
  },
  log: (host, entry) => host.log?.(entry),
};
