// What happens outside: the network or the window is back, another tab changed a record. Attached while somebody listens.
import type { SessionStore } from "../api/store.js";
import type { CoreHost } from "../boundary.js";

type Tell = (news: string) => void;

// One for all clients of the origin, whose keys differ. Only where a BroadcastChannel is missing, the same as an item of
// localStorage, which other tabs hear of.
const CHANNEL = "playerlink";

export interface Signals extends Pick<CoreHost, "broadcast" | "listen" | "online"> {
  /** The store, with the keys that are used noted: what is to be watched. */
  store: Pick<SessionStore, "load" | "compareAndSwap">;
}

export const signals = (store: SessionStore): Signals => {
  const listeners = new Set<Tell>();
  const keys = new Set<string>();
  const tell = (news: string) => {
    for (const listener of [...listeners]) listener(news);
  };
  // From another tab, so it may be anything: the two fields are all that passes, and the core looks at them.
  const changed = (message: unknown) => {
    const { key, generation } = (message ?? {}) as { key?: unknown; generation?: unknown };
    tell(JSON.stringify({ key, generation }));
  };
  let channel: BroadcastChannel | undefined;
  let detach: (() => void)[] = [];

  const on = (target: Partial<EventTarget> | undefined, type: string, listener: (event: Event) => void) => {
    target?.addEventListener?.(type, listener);
    detach.push(() => target?.removeEventListener?.(type, listener));
  };
  const watch = (key: string) => {
    const look = async () => {
      try {
        const { generation } = JSON.parse((await store.load(key))!) as { generation?: unknown };
        changed({ key, generation });
      } catch {
        // No record: gone, or the pointer to the active account.
      }
    };
    if (store.watch) detach.push(store.watch(key, () => void look()));
  };
  const note = (key: string) => {
    if (store.watch && !keys.has(key)) {
      keys.add(key);
      if (listeners.size) watch(key);
    }
  };

  const attach = () => {
    const page = globalThis.document as Document | undefined;
    const resumed = () => tell("resumed");
    on(globalThis, "online", () => tell("online"));
    on(globalThis, "pageshow", (event) => (event as PageTransitionEvent).persisted && resumed());
    on(page, "visibilitychange", () => page!.visibilityState === "visible" && resumed());
    on(page, "resume", resumed);
    channel = open();
    if (channel) channel.onmessage = (event: MessageEvent) => changed(event.data);
    else {
      on(globalThis, "storage", (event) => {
        const { key, newValue } = event as StorageEvent;
        if (key === CHANNEL && newValue) changed(parsed(newValue));
      });
    }
    keys.forEach(watch);
  };

  const open = (): BroadcastChannel | undefined => {
    // What others cannot read, they need not hear of.
    if (store.durability === "memory") return undefined;
    try {
      const opened = new BroadcastChannel(CHANNEL);
      // In Node it would keep the process alive.
      (opened as { unref?: () => void }).unref?.();
      return opened;
    } catch {
      return undefined;
    }
  };

  return {
    store: {
      load: (key) => (note(key), store.load(key)),
      compareAndSwap: (key, expected, next) => (note(key), store.compareAndSwap(key, expected, next)),
    },
    broadcast(key, generation) {
      const message = { key, generation };
      const used = channel ?? open();
      try {
        if (used) used.postMessage(message);
        else if (store.durability !== "memory" && typeof document === "object") {
          localStorage.setItem(CHANNEL, JSON.stringify(message));
          localStorage.removeItem(CHANNEL);
        }
      } catch {
        // Nobody hears it; the store still has it.
      }
      if (used !== channel) used?.close();
    },
    listen(listener) {
      if (!listeners.size) attach();
      // A function of its own: the same one may be given twice.
      const own: Tell = (news) => listener(news);
      listeners.add(own);
      return {
        stop() {
          if (!listeners.delete(own) || listeners.size) return;
          for (const undo of detach) undo();
          detach = [];
          channel?.close();
          channel = undefined;
        },
      };
    },
    online: () => (globalThis.navigator as Partial<Navigator> | undefined)?.onLine !== false,
  };
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
