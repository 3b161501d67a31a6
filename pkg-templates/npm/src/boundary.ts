// The private contract between this skin and the wasm module (src/bindings/web). Not part of the package's types.
import type { InvalidField, PlayerLinkErrorBase, Agreements, ErrorKind, Restriction, SessionOverReason } from "./api/errors.js";
import type { SessionStore } from "./api/store.js";

/** JSON text of a `T`. Objects cross as text: one reader and writer in the core, in place of one for each shape. */
export type Json<T> = string & { readonly of?: T };
export type Args = Json<object> | undefined;

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
  /** Whether a signature is right; servers only. */
  verify?(asked: Json<object>): Promise<boolean>;
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

/** What comes of a call: JSON or a token as it is, the number of a client or session, or nothing. */
export type Answer = Json<unknown> | number | undefined;

/** How a call ended: with the JSON of an error, with a text or nothing, or with a client or session of its own number. */
export enum How {
  Failed,
  Answered,
  Made,
}

/** What the module exports. Nothing comes back from these: what they begin ends by its number. */
export interface Core {
  /** A call by its name, to the target of that number; to 0, the one that makes a client of that service. */
  call(target: number, call: number, operation: string, args: Args): void;
  cancel(call: number): void;
  /** The client or session of that number is needed no more. */
  free(target: number): void;
  /** What {@link Surroundings.wake} asked for. */
  run(): void;
  /** What {@link Surroundings.begin} began has ended. */
  settled(asked: number, ok: boolean, text: string | undefined): void;
  /** For what began as `listen`. */
  news(asked: number, text: string): void;
}

/** What the module imports. Nothing may be thrown through it: that would be a trap. */
export interface Surroundings {
  end(call: number, how: How, text: string | undefined): void;
  /** What the session of that number shows has changed. */
  changed(session: number): void;
  wake(): void;
  monotonic(): number;
  /** Whether there is such a source. */
  random(out: Uint8Array): boolean;
  begin(client: number, asked: number, what: string, argument: string): void;
  stop(asked: number): void;
  at_once(client: number, what: string, argument: string): boolean;
}

/** The glue of one instance of the module. */
export interface Glue extends Core {
  initSync(module: { module: WebAssembly.Module }): unknown;
}

/** Makes fresh glue, with its own memory; every function the module exports passes through `guard` first. */
export type Instantiate = (guard: (exports: WebAssembly.Exports) => WebAssembly.Exports, host: Surroundings) => Glue;
