// What happens outside: the network or the window is back, another tab changed a record. Attached while somebody listens.
import type { SessionStore } from "../api/store.js";
import { type CoreHost, What } from "../boundary.js";
import { attempt, quietly } from "./attempt.js";

type Tell = (news: string) => void;

// One for all clients of the origin, whose keys differ. Only where a BroadcastChannel is missing, the same as an item of
// localStorage, which other tabs hear of.
const CHANNEL = "playerlink";

export const signals = (store: SessionStore): CoreHost => {
  // What others cannot read, they need not hear of.
  const isShared = () => store.durability !== "memory";
  const listeners = new Set<Tell>();
  const keys = new Set<string>();
  const tell = (news: string) => listeners.forEach((listener) => listener(news));
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
    const undo = attempt(() => store.watch?.(key, () => void look()));
    if (undo) detach.push(undo);
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
        if (key === CHANNEL && newValue) changed(attempt(() => JSON.parse(newValue)));
      });
    }
    keys.forEach(watch);
  };

  const open = () =>
    attempt(() => {
      if (!isShared()) return undefined;
      const opened = new BroadcastChannel(CHANNEL);
      // In Node it would keep the process alive.
      (opened as { unref?: () => void }).unref?.();
      return opened;
    });

  return {
    [What.Durable]: isShared,
    [What.Load]: (key) => (note(key), store.load(key)),
    async [What.Swap](swap) {
      const { key, expected = null, next = null } = JSON.parse(swap);
      note(key);
      return (await store.compareAndSwap(key, expected, next)) ? "yes" : undefined;
    },
    [What.Broadcast](news) {
      const message = JSON.parse(news);
      const used = channel ?? open();
      // Nobody hears it if that fails; the store still has it.
      attempt(() => {
        if (used) used.postMessage(message);
        else if (isShared() && typeof document === "object") {
          localStorage.setItem(CHANNEL, news);
          localStorage.removeItem(CHANNEL);
        }
      });
      if (used !== channel) used?.close();
    },
    [What.Listen](_, listener, stopped) {
      if (!listeners.size) attach();
      listeners.add(listener);
      stopped(() => {
        listeners.delete(listener);
        if (listeners.size) return;
        detach.forEach(quietly);
        detach = [];
        channel?.close();
        channel = undefined;
      });
      // It never ends by itself.
      return new Promise(() => {});
    },
    [What.Online]: () => (globalThis.navigator as Partial<Navigator> | undefined)?.onLine !== false,
  };
};
