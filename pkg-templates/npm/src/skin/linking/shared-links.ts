// Tabs of one account ask for its links once for all: one of them leads, by a lock, and tells the others the list. Only
// lists of links pass between tabs, never a code.
import type { LinkedPlatform, LinkingSource } from "../../api/linking.js";
import { webLocks } from "../lock.js";

const NAME = "playerlink-linking";

export interface SharedLinks {
  ask(signal: AbortSignal): Promise<LinkedPlatform[]>;
  linked(link: object): void;
  close(): void;
}

/** Nothing where tabs cannot be told apart, or the account is not named. */
export const shareLinks = (source: LinkingSource, elsewhere: (link: object) => void): SharedLinks | undefined => {
  const locks = webLocks();
  if (!source.account || !source.links || !locks || typeof document !== "object" || typeof BroadcastChannel !== "function") {
    return undefined;
  }
  const { account } = source;
  const channel = new BroadcastChannel(NAME);
  const closed = new AbortController();
  let known: LinkedPlatform[] | undefined;
  let leads = false;

  // Whoever was looked at last leads: tabs that are hidden ask more rarely.
  const lead = (steal: boolean): void => {
    if (leads || closed.signal.aborted) return;
    const held = async () => {
      if (closed.signal.aborted) return;
      leads = true;
      await new Promise<void>((done) => closed.signal.addEventListener("abort", () => done()));
      leads = false;
    };
    locks.request(`${NAME}:${account}`, steal ? { steal } : { signal: closed.signal }, held).catch(() => {
      leads = false; // another tab has taken over; this one follows until that one is gone
      lead(false);
    });
  };
  const seen = () => lead(document.visibilityState === "visible");
  document.addEventListener("visibilitychange", seen);
  channel.onmessage = ({ data }: MessageEvent) => {
    // From another tab of our origin, which may be of another version.
    if (data?.account !== account) return;
    if (Array.isArray(data.links)) known = data.links as LinkedPlatform[];
    if (typeof data.linked === "object" && data.linked) elsewhere(data.linked as object);
  };
  seen();

  return {
    async ask(signal) {
      // Until a leader has told anything, each asks for itself: a code needs the links as they were before it.
      if (!leads && known) return known;
      const links = await source.links!({ signal });
      known = links;
      channel.postMessage({ account, links });
      return links;
    },
    linked(link) {
      channel.postMessage({ account, linked: link });
    },
    close() {
      document.removeEventListener("visibilitychange", seen);
      closed.abort();
      channel.close();
    },
  };
};
