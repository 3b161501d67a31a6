// Linking codes: shown, entered, confirmed. Types only. The states and rules are the Rust core's (`linking::display`,
// `linking::entry`), which runs here as a WebAssembly module of its own: a page that shows no code does not load it.

/** How codes of a title look. A code that does not fit is shown whole all the same, and reported. */
export type CodeFormat = "digits6" | "digits8" | "digits10" | "base20x8" | "xsolla-legacy6" | CustomCodeFormat;

export interface CustomCodeFormat {
  /** Every character a code may have, ASCII, e.g. `0123456789`. */
  alphabet: string;
  /** Characters in a code, 1 to 32. */
  length: number;
  /** How it is cut for reading, e.g. `[3, 3]`; the sum is `length`. */
  groups?: number[];
  /** The last digit checks the others (Damm). Only for codes that your own server makes. */
  checkDigit?: boolean;
}

/** What the service and the app behind it can tell. Drives the words and the steps; nothing in it is invented. */
export interface LinkingCapabilities {
  /** Whether a player can undo a link. `unknown`: nobody says. */
  undo: "player" | "support" | "never" | "unknown";
  /** Most codes an account may have alive, where that is known. */
  liveCodes?: number;
  /** Take a code off the screen after this long where its maker tells no lifetime. Default: 5 minutes, a guess of ours. */
  maxAgeHintMs?: number;
}

/** An account that is linked, as a list of links names it. */
export interface LinkedPlatform {
  /** The service's word, e.g. `XboxLive`. */
  platform: string;
  /** Tells two links of one platform apart. */
  id?: string;
  displayName?: string;
}

/** Where codes come from and how it is learned that one was used. All but `requestCode` are optional: the best source there is gets asked. */
export interface LinkingSource {
  /** Whose codes: fills in what is known of that service's capabilities. */
  service?: "xsolla" | "rallyhere" | "playfab";
  /** An id of the account. Tabs of one origin with the same id ask for `links` once for all. Never shown, never sent. */
  account?: string;
  requestCode(options: { signal: AbortSignal }): Promise<{
    code: string;
    /** From the moment the code was asked for. Leave it out where the service does not say. */
    expiresInMs?: number;
  }>;
  /** Of the code on the screen, where the service or your backend knows. */
  status?(options: { signal: AbortSignal }): Promise<"pending" | "expired" | "denied" | { linked: LinkedPlatform }>;
  /** Push: call `tell` when your backend says so. Answers how to stop listening. */
  listen?(tell: (linked: LinkedPlatform | { conflict: string }) => void): () => void;
  /** All links of the account. A new one since the code was asked for is a sign that it was used, not a proof. */
  links?(options: { signal: AbortSignal }): Promise<LinkedPlatform[]>;
  /** New tokens, and whether they are another player's. With `linkingSource` the session hands out no token from before meanwhile. */
  refresh?(options: { signal: AbortSignal }): Promise<{ playerChanged: boolean }>;
  /** Takes the code back, where that is possible. */
  revoke?(options: { signal: AbortSignal }): Promise<void>;
  capabilities?: Partial<LinkingCapabilities>;
}

export type LinkingState =
  | "idle" // nothing was asked for yet
  | "requesting"
  | "active"
  | "expiring" // active, and little time is left
  | "renewing" // the old code is struck through until the new one is here
  | "expired"
  | "limited" // the service asks to wait
  | "checking" // something says that the code was used
  | "linked"
  | "failed"
  | "cancelled";

/** What is said in the one status line. `seconds` only where a lifetime is told. */
export type LinkingAnnouncement =
  | "shown" // seconds
  | "expiring" // seconds
  | "renewed" // seconds; the old code no longer works
  | "expired"
  | "linked" // platform, displayName
  | "other-link" // platform, displayName; the code is still good
  | "not-yet" // the player said that it is done, and nothing says so
  | "error"; // kind: of the error, or the conflict

/** How sure it is that the link happened. */
export type LinkingEvidence = "none" | "manual" | "list-diff" | "claims" | "status" | "backend";

/** What a player may do now; a face shows a control for each. */
export type LinkingAction = "start" | "new-code" | "keep" | "cancel" | "conceal" | "reveal" | "finished" | "sign-in" | "close";

/** Everything a face needs. Immutable; a new one has a higher `revision`. */
export interface LinkingSnapshot {
  revision: number;
  state: LinkingState;
  /** Only in `active`, `expiring` and `renewing`, and not while concealed. Keep it out of logs and storage. */
  code?: string;
  /** The code, cut for reading. Empty without a code or while concealed. */
  groups: string[];
  /** For speaking: one entry a character; letters may carry spelling words. Empty like `groups`. */
  spelled: string[];
  /** The text does not fit the configured format. */
  formatMismatch: boolean;
  /** Absent where nobody tells a lifetime: then there is no countdown. */
  expiresInMs?: number;
  expirySource: "server" | "hint" | "unknown";
  /** 1 at the start, 0 at the end; absent like `expiresInMs`. */
  progress?: number;
  /** Since the code was asked for. */
  ageMs?: number;
  renewalsUsed: number;
  connection: { state: "online" } | { state: "retrying"; nextMs: number };
  concealed: boolean;
  evidence: LinkingEvidence;
  linked?: { platform?: string; displayName?: string };
  /** A link of another platform appeared meanwhile; the code is still good. */
  otherLink?: { platform: string; displayName?: string };
  refresh: "idle" | "running" | "done" | "failed";
  undo: LinkingCapabilities["undo"];
  /** For whom the code is; from the options. */
  accountName?: string;
  error?: {
    /** One of the error kinds of the package; `conflict` has more in `conflict`, `session-over` means to sign in. */
    kind: string;
    conflict?: LinkingConflict;
    /** What may be chosen in a conflict. */
    choices: LinkingChoice[];
    retryable: boolean;
    /** Epoch milliseconds. */
    retryAtMs?: number;
  };
  actions: LinkingAction[];
  /** To be spoken once. `n` grows with each, so that equal words are told apart. */
  announce?: { n: number; key: LinkingAnnouncement; args: Record<string, string | number> };
}

export type LinkingConflict =
  | "platform-linked-elsewhere"
  | "main-has-this-platform"
  | "same-player"
  | "progression-conflict"
  | "restricted"
  | "agreements-needed"
  | "cool-down"
  | "last-method"
  | "other";

/** `switch` moves the link to this account, `unlink-first` removes one: only where `undo` is `player`. */
export type LinkingChoice = "keep" | "switch" | "unlink-first" | "accept-agreements" | "wait" | "support" | "continue";

export interface LinkingOptions {
  format?: CodeFormat;
  /** Shown beside the code, so that nobody links to the wrong account. */
  accountName?: string;
  /** The platform that is to be linked, e.g. `XboxLive`: a link of another one does not end the code. */
  expectPlatform?: string;
  /** Below this a code is `expiring`. 20 000 to 120 000 ms. Default: 30 000. */
  warnMs?: number;
  /** New codes without the player asking. 0 to 5. Default: 5 where a lifetime is told, else 0. */
  maxRenewals?: number;
  /** Starts concealed, and conceals itself again 15 s after it was revealed (streams). */
  concealed?: boolean;
  /** 26 words for spelling A to Z in the player's language, e.g. `Alfa`; none: letters are spoken alone. */
  spellingWords?: readonly string[];
  /** The page a QR code opens. Must hold no secret. */
  companionUrl?: string;
  /** What a developer should know, e.g. that the code does not fit the format. Never a code. Default: `console.warn`. */
  log?: (entry: { level: "warn"; event: string; fields: Record<string, string | number> }) => void;
}

/** One code on one screen. Does nothing before `start()`, and nothing after `dispose()`. */
export interface Linking {
  readonly snapshot: LinkingSnapshot;
  /** Called with each new snapshot, first at once. Answers how to stop. */
  subscribe(listener: (snapshot: LinkingSnapshot) => void): () => void;
  /** Once for each link, when the session holds the new player's tokens (or could not get them: see `refresh`). */
  onLinked(listener: (linked: { platform?: string; displayName?: string; evidence: LinkingEvidence; playerChanged: boolean }) => void): () => void;
  start(): void;
  newCode(): void;
  keep(): void;
  cancel(): void;
  conceal(): void;
  reveal(): void;
  /** The player says that it is done: looked into at once. */
  finished(): void;
  /** The app knows that the player changed: the code of the last one leaves the screen. */
  accountSwitched(): void;
  /** The QR code of `companionUrl`: dark modules row by row, without quiet zone. */
  readonly qr: { size: number; modules: boolean[]; text: string } | undefined;
  dispose(): void;
}

/** Why what was typed is not a code, without any guess spent. */
export type CodeEntryProblem =
  | { kind: "empty" }
  | { kind: "too-short"; missing: number }
  | { kind: "too-long"; extra: number }
  /** `position`: how many characters of the code come before it, so the cell it would be in, from 0. */
  | { kind: "bad-character"; position: number; character: string }
  | { kind: "bad-check-digit" }
  /** Only with a rule for links: a link, but not one of it. */
  | { kind: "foreign-link" };

/** Where the code is in a link of the game's own page. */
export interface CodeLinkRule {
  /** Scheme, host and port, compared exactly: `https://link.example`. */
  origin: string;
  /** The name before the code, e.g. `code`. */
  parameter: string;
  /** In the query instead of the fragment: it lands in histories and server logs. */
  inQuery?: boolean;
}

export interface CodeEntry {
  /** What counts of the text: normal characters, in the format's case, at most 64. */
  normalized: string;
  groups: string[];
  /** Absent: it can be sent. */
  problem?: CodeEntryProblem;
}

/** The core of linking, once its module is loaded. */
export interface LinkingCore {
  createLinking(source: LinkingSource, options?: LinkingOptions): Linking;
  /** The one function that reads what players type; servers use the same. */
  readCode(text: string, format: CodeFormat, link?: CodeLinkRule): CodeEntry;
  /** For a text without secrets; `undefined`: too long (over 120 bytes). */
  qrCode(text: string): { size: number; modules: boolean[] } | undefined;
}

/** Loads the module (once). Rejects with kind `configuration` where WebAssembly is not allowed. */
export declare function loadLinking(): Promise<LinkingCore>;

/** What a source needs of a session; those of `playerlink` have it. */
export interface LinkableSession {
  readonly service: string;
  readonly player: { readonly playerId: string } | undefined;
  refresh(options?: { signal?: AbortSignal; playerMayHaveChanged?: boolean }): Promise<{ changed: boolean }>;
  createLinkingCode?(options?: { signal?: AbortSignal }): Promise<{ code: string }>;
  links?(
    query?: { playerId?: string },
    options?: { signal?: AbortSignal },
  ): Promise<{ accounts: { platform?: string; platformUserId: string; displayName?: string }[] }>;
}

/**
 * A session as a source. An Xsolla session gives codes and refreshes; nothing tells that a code was used, so give
 * `listen` or `status` of your backend in `parts`, or the player's own word ends it. A RallyHere session lists links and
 * refreshes, and has no codes: give `requestCode`. What is in `parts` goes before what the session has.
 */
export declare function linkingSource(session: LinkableSession, parts?: Partial<LinkingSource>): LinkingSource;
