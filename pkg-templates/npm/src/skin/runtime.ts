// One instance of the wasm module: loading it, calling into it, and giving it up when it traps.
import type { PlayerLinkError } from "../api/errors.js";
import type { CallOptions, ClientOptions, LogEntry } from "../api/options.js";
import type { CoreHost, Glue, Json } from "../boundary.js";
import { exchange, sleep } from "./exchange.js";
import { cancelled, fail, isPlayerLinkError, toError } from "./error.js";
import { outside } from "./outside.js";
import { defaultStore } from "./stores.js";

type Callable = (...args: unknown[]) => unknown;
type Startable = Pick<Glue, "initSync">;
type Makes<G> = (guard: (exports: WebAssembly.Exports) => WebAssembly.Exports) => G;

/** A running module. After a trap it is dead: its memory can no longer be trusted, so nothing enters it again. */
export class Instance<G extends Startable = Glue> {
  readonly glue: G;
  dead: PlayerLinkError | undefined;
  /** What must be given back when it dies: locks it held would stay held until the page is closed. */
  readonly held = new Set<() => void>();
  #pending = new Set<(error: PlayerLinkError) => void>();
  #calling = 0;

  constructor(instantiate: Makes<G>, module: WebAssembly.Module) {
    this.glue = instantiate((exports) => this.#guard(exports));
    this.sync(() => this.glue.initSync({ module }));
  }

  // Every way into the module passes here: calls of the skin, and the callbacks with which its futures go on. The
  // latter have no caller, so a trap in them would leave promises pending for ever and end a Node process.
  #guard(exports: WebAssembly.Exports): WebAssembly.Exports {
    const guarded: Record<string, WebAssembly.ExportValue> = {};
    for (const [name, value] of Object.entries(exports)) {
      guarded[name] =
        typeof value === "function"
          ? (...args: unknown[]) => {
              if (this.dead) return this.#refuse();
              try {
                return (value as Callable)(...args);
              } catch (trap) {
                this.#die(trap);
                return this.#refuse();
              }
            }
          : value;
    }
    return guarded as WebAssembly.Exports;
  }

  // A caller gets the error. A callback has none; the glue around it reads an answer, so it gets one that means nothing.
  #refuse(): number[] {
    if (this.#calling > 0) throw this.dead;
    return [0, 0, 0, 0];
  }

  #die(trap: unknown): void {
    this.dead = fail({
      kind: "internal",
      message: `playerlink stopped because of a defect; please report it (${String(trap)}). Restore the session to go on.`,
    });
    for (const reject of this.#pending) reject(this.dead);
    this.#pending.clear();
    for (const release of this.held) release();
    this.held.clear();
  }

  /** A call that answers at once. */
  sync<T>(call: () => T): T {
    if (this.dead) throw this.dead;
    this.#calling++;
    try {
      return call();
    } catch (thrown) {
      throw toError(thrown);
    } finally {
      this.#calling--;
    }
  }

  /** A call that answers later, or when the instance dies, or not at all when the signal is aborted already. */
  async async<T>(
    given: AbortSignal | undefined,
    call: (aborted: Promise<void> | undefined) => Promise<T>,
  ): Promise<T> {
    // Callers without types pass anything; what is no signal never aborts.
    const signal = typeof given?.addEventListener === "function" ? given : undefined;
    if (signal?.aborted) throw cancelled();
    let abort = () => {};
    const aborted = signal && new Promise<void>((resolve) => (abort = resolve));
    const answer = this.sync(() => call(aborted));
    signal?.addEventListener("abort", abort);
    return new Promise<T>((resolve, reject) => {
      // Timers of the core keep no process alive; a call somebody waits for does.
      const alive = setTimeout(() => {}, 0x7fff_ffff);
      const settle = <V>(done: (value: V) => void) => (value: V) => {
        clearTimeout(alive);
        signal?.removeEventListener("abort", abort);
        abort(); // settled, or what the core has waiting for it would never be freed
        this.#pending.delete(rejected);
        done(value);
      };
      const rejected = settle(reject);
      this.#pending.add(rejected);
      answer.then(settle(resolve), (thrown: unknown) => rejected(toError(thrown)));
    });
  }
}

/** The module as one entry of the package provides it, and the instance that runs now. */
export interface Runtime<G extends Startable = Glue> {
  open(): Promise<Instance<G>>;
}

export const createRuntime = <G extends Startable = Glue>(
  instantiate: Makes<G>,
  load: () => WebAssembly.Module | Promise<WebAssembly.Module>,
): Runtime<G> => {
  let module: Promise<WebAssembly.Module> | undefined;
  let instance: Instance<G> | undefined;
  return {
    async open() {
      if (!instance || instance.dead) {
        let ready: WebAssembly.Module;
        try {
          ready = await (module ??= Promise.resolve(load()));
        } catch (error) {
          module = undefined; // so that the next call tries again
          throw explain(error);
        }
        if (!instance || instance.dead) instance = new Instance(instantiate, ready);
      }
      return instance;
    },
  };
};

const explain = (error: unknown): PlayerLinkError => {
  if (isPlayerLinkError(error)) return error;
  const text = String(error);
  const message =
    typeof WebAssembly !== "object"
      ? "WebAssembly is switched off here (a lockdown mode?), and playerlink needs it"
      : /content security|CSP|unsafe-eval/i.test(text)
        ? "the page's Content-Security-Policy blocks WebAssembly: add 'wasm-unsafe-eval' to script-src"
        : `the playerlink module could not be loaded: ${text}`;
  return fail({ kind: "configuration", message });
};

/** The bytes inlined in the package: base64 of gzip. */
export const unpack = async (base64: string, join: (file: Uint8Array) => BufferSource): Promise<WebAssembly.Module> => {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compile(join(new Uint8Array(await new Response(stream).arrayBuffer())));
};

/** An argument as the core reads it. What is no object is left to the core, which says what is wrong with it. */
export const toJson = (value: unknown): string | undefined => {
  try {
    return JSON.stringify(value);
  } catch {
    throw fail({ kind: "misuse", message: "an argument has a value that is no data (a BigInt, or a cycle); see the call's type" });
  }
};

/** A result of the core; nothing stays nothing. */
export const fromJson = <T>(text: Json<T> | undefined): T => (text === undefined ? undefined : JSON.parse(text)) as T;

/** How the core asks for a credential with a fresh ticket. What `platformTicket` throws counts as none. */
export const ticketHook = <Credential>(
  platformTicket: (() => Promise<Credential | undefined>) | undefined,
  asData = (credential?: Credential): unknown => credential,
): object => {
  if (platformTicket === undefined) return {};
  if (typeof platformTicket !== "function") throw fail({ kind: "misuse", message: "`platformTicket` is not a function" });
  return { ticket: async () => toJson(asData(await platformTicket())) };
};

/** The options for the core, as data only, and the host made of the rest, anew for each instance. */
export const split = (options: ClientOptions): [object, HostFor] => {
  if (!isObject(options)) throw fail({ kind: "misuse", message: "the client's options are missing; pass an object" });
  const { log } = options;
  let seq = 0;
  const write = (entry: Omit<LogEntry, "at" | "seq">): void => {
    try {
      log?.({ at: Date.now(), seq: ++seq, ...entry });
    } catch {
      // A log that throws must not end a sign-in.
    }
  };
  const fellBack = (error: unknown, next: string) => {
    const name = (error as Partial<Error> | undefined)?.name;
    if (typeof log === "function") write({ level: "warn", event: "store-fell-back", fields: { next, error: String(name) } });
  };
  const { store = defaultStore(fellBack), fetch, log: _, ...data } = options;
  for (const [name, value] of Object.entries({ fetch, log, "store.load": store?.load, "store.compareAndSwap": store?.compareAndSwap })) {
    const optional = value === undefined && !name.startsWith("store");
    if (typeof value !== "function" && !optional) throw fail({ kind: "misuse", message: `\`${name}\` is not a function` });
  }
  return [
    data,
    (instance) => {
      const host: CoreHost = {
        ...outside(store, instance.held, () => instance.dead !== undefined),
        exchange: exchange(fetch),
        sleep,
      };
      if (log) host.log = (entry) => write(JSON.parse(entry));
      return host;
    },
  ];
};

/** What callers without types pass may be anything. */
export const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

type HostFor = (instance: Instance) => CoreHost;

/**
 * A core object that survives the instance it lives in: after a trap, the next call makes it anew in a new instance,
 * which finds its sessions in the store.
 */
export class Connection<Core> {
  readonly #runtime: Runtime;
  readonly #create: (glue: Glue, host: CoreHost) => Core;
  readonly #host: HostFor;
  #instance: Instance | undefined;
  #core: Core | undefined;

  constructor(runtime: Runtime, host: HostFor, create: (glue: Glue, host: CoreHost) => Core) {
    this.#runtime = runtime;
    this.#host = host;
    this.#create = create;
  }

  async open(): Promise<this> {
    const instance = await this.#runtime.open();
    if (this.#instance !== instance) {
      this.#core = instance.sync(() => this.#create(instance.glue, this.#host(instance)));
      this.#instance = instance;
    }
    return this;
  }

  sync<T>(call: (core: Core) => T): T {
    return this.#instance!.sync(() => call(this.#core!));
  }

  /** The answer, and the instance it came from: what a session made of it belongs to. */
  async call<T>(
    options: CallOptions | undefined,
    call: (core: Core, aborted: Promise<void> | undefined) => Promise<T>,
  ): Promise<[T, Instance]> {
    await this.open();
    const instance = this.#instance!;
    const core = this.#core!;
    return [await instance.async(options?.signal, (signal) => call(core, signal)), instance];
  }
}
