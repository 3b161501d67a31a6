// Snapshots of every state a face may have to draw, for pages and for Node. The code is the canary of the tests: it must
// be found on the screen and nowhere else.
export const CODE = "904217";

const base = {
  revision: 1,
  state: "idle",
  groups: [],
  spelled: [],
  formatMismatch: false,
  expirySource: "unknown",
  renewalsUsed: 0,
  connection: { state: "online" },
  concealed: false,
  evidence: "none",
  refresh: "idle",
  undo: "unknown",
  actions: [],
};

export const snapshot = (changes = {}) => ({ ...base, ...changes });

const coded = {
  code: CODE,
  groups: ["904", "217"],
  spelled: [...CODE],
  expirySource: "server",
  expiresInMs: 272_000,
  progress: 0.453,
  ageMs: 328_000,
  accountName: "Nova",
  actions: ["new-code", "keep", "finished", "conceal", "cancel"],
};

/** By name: what a player may see. */
export const STATES = {
  "idle": snapshot({ accountName: "Nova", actions: ["start"] }),
  "requesting": snapshot({ state: "requesting", accountName: "Nova", actions: ["cancel"] }),
  "active": snapshot({ ...coded, state: "active" }),
  "active-unknown-lifetime": snapshot({
    ...coded, state: "active", expiresInMs: undefined, progress: undefined, ageMs: 130_000, undo: "never", actions: ["new-code", "finished", "conceal", "cancel"],
  }),
  "active-retrying": snapshot({ ...coded, state: "active", connection: { state: "retrying", nextMs: 4000 } }),
  "active-other-link": snapshot({ ...coded, state: "active", otherLink: { platform: "Nintendo", displayName: "Nova_NX" } }),
  "active-long-code": snapshot({ ...coded, state: "active", code: "WDJBMJHTQRST", groups: ["WDJB", "MJHT", "QRST"], spelled: [..."WDJBMJHTQRST"] }),
  "concealed": snapshot({
    ...coded, state: "active", code: undefined, groups: [], spelled: [], concealed: true, actions: ["new-code", "keep", "finished", "reveal", "cancel"],
  }),
  "expiring": snapshot({ ...coded, state: "expiring", expiresInMs: 24_000, progress: 0.04 }),
  "renewing": snapshot({ ...coded, state: "renewing", expiresInMs: 0, progress: 0, actions: ["conceal", "cancel"] }),
  "expired": snapshot({ state: "expired", accountName: "Nova", actions: ["new-code", "close"] }),
  "limited": snapshot({
    state: "limited", actions: ["cancel"], error: { kind: "busy", choices: [], retryable: true, retryAtMs: Date.UTC(2026, 0, 5, 14, 30) },
  }),
  "checking": snapshot({ state: "checking", accountName: "Nova", actions: ["cancel"] }),
  "linked": snapshot({
    state: "linked", accountName: "Nova", evidence: "backend", linked: { platform: "Xbox", displayName: "NovaPrime" }, refresh: "done", undo: "support", actions: ["close"],
  }),
  "linked-refreshing": snapshot({ state: "linked", evidence: "list-diff", linked: { platform: "Xbox" }, refresh: "running", actions: ["close"] }),
  "linked-refresh-failed": snapshot({
    state: "linked", evidence: "status", linked: { platform: "Xbox", displayName: "NovaPrime" }, refresh: "failed", undo: "player", actions: ["sign-in", "close"],
  }),
  "linked-manual": snapshot({ state: "linked", evidence: "manual", actions: ["close"] }),
  "failed": snapshot({ state: "failed", error: { kind: "network", choices: [], retryable: true }, actions: ["new-code", "close"] }),
  "failed-session-over": snapshot({ state: "failed", error: { kind: "session-over", choices: [], retryable: false }, actions: ["sign-in", "close"] }),
  "conflict": snapshot({
    state: "failed", undo: "player",
    error: { kind: "conflict", conflict: "platform-linked-elsewhere", choices: ["keep", "switch", "support"], retryable: false },
    actions: ["close"],
  }),
  "conflict-for-good": snapshot({
    state: "failed", undo: "never",
    error: { kind: "conflict", conflict: "platform-linked-elsewhere", choices: ["keep", "support"], retryable: false },
    actions: ["new-code", "close"],
  }),
  "cancelled": snapshot({ state: "cancelled", actions: ["start"] }),
};

export const COMPANION_URL = "https://link.example/c";

// Made once by another encoder, so that what draws it is tested alone.
const ROWS = [
  "#######.#....#....#######",
  "#.....#.####.##.#.#.....#",
  "#.###.#.#....#.#..#.###.#",
  "#.###.#...##.#.##.#.###.#",
  "#.###.#.###.###.#.#.###.#",
  "#.....#...###.#...#.....#",
  "#######.#.#.#.#.#.#######",
  "............###..........",
  "#..#######....####..#.###",
  ".#.#.....#..#.##...#####.",
  "#...###...#....#.#..##..#",
  "###..#..####..#.#.#######",
  "......##..#...#...##....#",
  "##.###....#.#.###...#..#.",
  "##.##.#.##....##.#..#####",
  "#..##..#....#......#.##.#",
  "#.#####.#.####.######.##.",
  "........#.##....#...#.##.",
  "#######.##..#.#.#.#.#...#",
  "#.....#.#.##.#.##...#....",
  "#.###.#.##.#.#.######..##",
  "#.###.#.###.###..##....##",
  "#.###.#..###.#..##..#####",
  "#.....#..#####...#.##.###",
  "#######.##.###.##....#..#",
];

export const QR = { size: ROWS.length, modules: [...ROWS.join("")].map((module) => module === "#"), text: COMPANION_URL };
