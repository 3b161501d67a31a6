// The private contract between this skin and the wasm classes (src/bindings/web). Not part of the package's types.
import type { InvalidField, PlayerLinkErrorBase, Agreements, ErrorKind, Restriction, SessionOverReason } from "./api/errors.js";
import type { SessionStore } from "./api/options.js";
import type { PlayerChange, SessionSnapshot } from "./api/session.js";

type Signal = AbortSignal | undefined;

/** What the core asks of its surroundings. */
export interface CoreHost {
  fetch?: typeof fetch;
  store: SessionStore;
  lock?(name: string): Promise<() => void>;
  log?(level: string, event: string, fields: Record<string, unknown>): void;
}

/** What the core rejects with: a plain object. */
export interface ErrorView extends Omit<PlayerLinkErrorBase, "name" | "toJSON"> {
  kind: ErrorKind;
  retryAfterMs?: number;
  agreements?: Agreements;
  restrictions?: Restriction[];
  reason?: SessionOverReason;
  fields?: InvalidField[];
}

export interface SessionCore {
  snapshot(): SessionSnapshot;
  accessToken(signal: Signal): Promise<string>;
  refresh(signal: Signal): Promise<PlayerChange>;
  rejected(token: string, status: number, body: string): Promise<string | undefined>;
  mayAttach(url: string): void;
  logout(signal: Signal): Promise<{ revoked: boolean }>;
  subscribe(changed: () => void): number;
  unsubscribe(id: number): void;
  call(operation: string, args: object | undefined, signal: Signal): Promise<unknown>;
  close(): void;
}

export interface RallyHereCore {
  login(credential: object, options: object | undefined, signal: Signal): Promise<SessionCore>;
  restore(signal: Signal): Promise<SessionCore | undefined>;
  oauthLoginUrl(options: object): string;
  completeOauth(args: object, signal: Signal): Promise<SessionCore>;
  call(operation: string, args: object | undefined, signal: Signal): Promise<unknown>;
}

export interface XsollaCore {
  login(credential: object, signal: Signal): Promise<SessionCore>;
  completeRedirect(args: object, signal: Signal): Promise<SessionCore>;
  sessionFromToken(args: object, signal: Signal): Promise<SessionCore>;
  restore(signal: Signal): Promise<SessionCore | undefined>;
}

export interface XsollaServerCore {
  loginWithCustomId(args: object, signal: Signal): Promise<{ token: string; isNew?: boolean }>;
  linkByCode(args: object, signal: Signal): Promise<{ linked: true }>;
}

interface Factory<Core> {
  create(options: object, host: CoreHost): Core;
}

/** The glue of one instance of the module. Which classes it has depends on the build. */
export interface Glue {
  initSync(module: { module: WebAssembly.Module }): unknown;
  RallyHereCore: Factory<RallyHereCore>;
  XsollaCore: Factory<XsollaCore>;
  XsollaServerCore: Factory<XsollaServerCore>;
}

/** Makes fresh glue, with its own memory; every function the module exports passes through `guard` first. */
export type Instantiate = (guard: (exports: WebAssembly.Exports) => WebAssembly.Exports) => Glue;
