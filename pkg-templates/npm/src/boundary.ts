// The private contract between this skin and the wasm classes (src/bindings/web). Not part of the package's types.
import type { InvalidField, PlayerLinkErrorBase, Agreements, ErrorKind, Restriction, SessionOverReason } from "./api/errors.js";
import type { SessionStore } from "./api/store.js";
import type { SessionSnapshot } from "./api/session.js";

/** Settles when the call is to be given up, or is over. */
type Signal = Promise<void> | undefined;

/** JSON text of a `T`. Objects cross as text: one reader and writer in the core, in place of one for each shape. */
export type Json<T> = string & { readonly of?: T };
type Args = Json<object> | undefined;

/** Something under way. Stopping what is done does nothing. */
export interface Task<T> {
  promise: Promise<T>;
  stop(): void;
}

/** What the core asks of its surroundings. */
export interface CoreHost {
  /** One HTTP exchange; never rejects. */
  exchange(request: Json<object>): Task<Json<object>>;
  sleep(ms: number): Task<void>;
  store: Pick<SessionStore, "load" | "compareAndSwap">;
  /** Whether what is stored outlives the page or process. */
  durable(): boolean;
  /** Resolves when the lock is held; stopping gives it back, or up. Nothing where there are no locks. */
  lock(name: string): Task<void> | undefined;
  /** Tells other tabs of a record's new generation. */
  broadcast(key: string, generation: number): void;
  /** `online`, `resumed`, or the JSON of what another tab broadcast. */
  listen(tell: (news: string) => void): { stop(): void };
  /** `false` only when the browser says that there is no network. */
  online(): boolean;
  /** A credential with a fresh platform ticket. */
  ticket?(): Promise<Args>;
  log?(entry: Json<object>): void;
}

/** What the core rejects with, as JSON. */
export interface ErrorView extends Omit<PlayerLinkErrorBase, "name" | "toJSON"> {
  kind: ErrorKind;
  retryAfterMs?: number;
  agreements?: Agreements;
  restrictions?: Restriction[];
  reason?: SessionOverReason;
  fields?: InvalidField[];
}

export interface SessionCore {
  /** Nothing when what is `known` is of the newest revision. */
  snapshot(known?: number): Json<SessionSnapshot> | undefined;
  /** Calls `changed` in place of the one before, or nothing any more. */
  subscribe(changed?: () => void): void;
  /** JSON, a token as it is, or nothing. */
  call(operation: string, args: Args, signal: Signal): Promise<Json<unknown> | undefined>;
  close(): void;
}

export interface ClientCore {
  /** A session, JSON, or nothing. */
  call(operation: string, args: Args, signal: Signal): Promise<SessionCore | Json<unknown> | undefined>;
}

export interface RallyHereCore extends ClientCore {
  oauthLoginUrl(options: Args): string;
}

export interface PlayFabServerCore {
  call(operation: string, args: Args, signal: Signal): Promise<Json<unknown> | undefined>;
}

export interface XsollaServerCore {
  call(operation: string, args: Args, signal: Signal): Promise<Json<unknown> | undefined>;
}

interface Factory<Core> {
  create(options: Args, host: CoreHost): Core;
}

/** The glue of one instance of the module. Which classes it has depends on the build. */
export interface Glue {
  initSync(module: { module: WebAssembly.Module }): unknown;
  PlayFabCore: Factory<ClientCore>;
  PlayFabServerCore: Factory<PlayFabServerCore>;
  RallyHereCore: Factory<RallyHereCore>;
  XsollaCore: Factory<ClientCore>;
  XsollaServerCore: Factory<XsollaServerCore>;
}

/** Makes fresh glue, with its own memory; every function the module exports passes through `guard` first. */
export type Instantiate = (guard: (exports: WebAssembly.Exports) => WebAssembly.Exports) => Glue;
