// Which links have happened, and who waits to hear of one. Xsolla tells nobody that a code was used: the game's server
// does the linking, so it reports each link here, and the pages of that account hear of it at once.
//
// In memory, for one process. With several, keep the list where your accounts are and pass the news between them (Redis
// publish/subscribe, Postgres NOTIFY): positions then come from there too.

/** What may keep a link from happening, as `playerlink/linking` names it. */
export const CONFLICTS = [
  "platform-linked-elsewhere",
  "main-has-this-platform",
  "same-player",
  "progression-conflict",
  "restricted",
  "agreements-needed",
  "cool-down",
  "other",
];

/** A reporter that got no answer reports again: within this time it is the same link. */
const SAME_MS = 60_000;

/**
 * `now`: epoch milliseconds. `mostPerAccount` reports are kept for each of the `mostAccounts` last active accounts.
 * `mostStreams` pages of one account may wait at once (a browser has six connections to a site of HTTP/1.1),
 * `mostStreamsInAll` of all accounts.
 */
export const createLinkFeed = ({
  now = Date.now,
  mostPerAccount = 50,
  mostAccounts = 10_000,
  mostStreams = 4,
  mostStreamsInAll = 5_000,
} = {}) => {
  /** By account: reports, oldest first. A Map remembers the order of insertion, so the first is the least active one. */
  const reports = new Map();
  /** By account: the functions that tell a waiting page. */
  const waiting = new Map();
  let open = 0;
  let last = 0;

  // The time, but never the same twice and never back: a position of before a restart is still one.
  const position = () => (last = Math.max(last + 1, now()));

  const of = (accountId) => reports.get(accountId) ?? [];

  return {
    /** A report from the game's server: `{ accountId, platform, displayName?, conflict? }`. Answers whether it was new. */
    add({ accountId, platform, displayName, conflict }) {
      const earlier = of(accountId);
      const same = (other) =>
        other.platform === platform && other.displayName === displayName && other.conflict === conflict;
      if (earlier.some((other) => same(other) && now() - other.atMs < SAME_MS)) return false;
      const report = { position: position(), atMs: now(), platform, displayName, conflict };
      reports.delete(accountId);
      reports.set(accountId, [...earlier, report].slice(-mostPerAccount));
      if (reports.size > mostAccounts) reports.delete(reports.keys().next().value);
      for (const tell of waiting.get(accountId) ?? []) tell(report);
      return true;
    },

    /** The links of an account, the newest first. */
    links(accountId) {
      return of(accountId).filter(({ conflict }) => !conflict).reverse();
    },

    /**
     * Has `tell` called with every report from now on, and first with those that were missed: after the position `after`
     * or, without one, of the last `withinMs`. Answers `undefined` when too many wait already; else where the page is
     * now, and how to stop.
     */
    wait(accountId, { after, withinMs = 0 }, tell) {
      const others = waiting.get(accountId) ?? new Set();
      if (others.size >= mostStreams || open >= mostStreamsInAll) return undefined;
      const since = now() - withinMs;
      const missed = of(accountId).filter((report) => (after === undefined ? report.atMs > since : report.position > after));
      waiting.set(accountId, others.add(tell));
      open++;
      let stopped = false;
      return {
        missed,
        position: position(),
        stop() {
          if (stopped) return;
          stopped = true;
          open--;
          others.delete(tell);
          if (others.size === 0) waiting.delete(accountId);
        },
      };
    },

    /** How many pages wait, of one account or of all. */
    waiting: (accountId) => (accountId === undefined ? open : (waiting.get(accountId)?.size ?? 0)),
  };
};
