// One instance of the client's module: calling into it, and what it asks for meanwhile.
import type { PlayerLinkError } from "../api/errors.js";
import type { CallOptions, ClientOptions, LogEntry } from "../api/options.js";
import { type Answer, type CoreHost, type Core, How, Operation, type Surroundings, What } from "../boundary.js";
import { attempt, quietly } from "./attempt.js";
import { decoder, exchange, sleep } from "./exchange.js";
import { cancelled, fail, isObject, misuse } from "./error.js";
import { type Load, type Loader, loader, Running } from "./module.js";
import { outside } from "./outside.js";
import { defaultStore } from "./stores.js";

/** The module's own exports: texts are two numbers here. */
interface Exports {
  memory: WebAssembly.Memory;
  malloc(bytes: number, alignment: 1): number;
}

/**
 * A running client module: the calls into it, and what it asks of its surroundings. Only numbers and texts cross, so this
 * is its glue as well: wasm-bindgen's is made for more, and weighs more.
 */
export class Instance extends Running {
  #exports!: Exports;
  // Kept: making one costs more than a short text does.
  readonly #utf8 = [new TextEncoder(), decoder()] as const;
  #last = 0;
  /** How to end the calls that have not ended, by their numbers. */
  #calls = new Map<number, (error: PlayerLinkError | undefined, answer?: Answer) => void>();
  #hosts = new Map<number, CoreHost>();
  /** How to stop what the core has asked for. */
  #asked = new Map<number, (() => unknown) | undefined>();
  #listeners = new Map<number, () => void>();
  // Cloudflare's workerd has none for compatibility dates before May 2025: there, what is made stays until the end.
  #targets = globalThis.FinalizationRegistry && new FinalizationRegistry<number>((target) => this.#enter("free", target));

  static async run(module: WebAssembly.Module): Promise<Instance> {
    const instance = new Instance();
    instance.#exports = (await WebAssembly.instantiate(module, { js: instance.#surroundings() })).exports as unknown as Exports;
    return instance;
  }

  // Locks it held would stay held until the page is closed.
  protected override died(dead: PlayerLinkError): void {
    for (const end of this.#calls.values()) end(dead);
    for (const stop of this.#asked.values()) quietly(() => stop?.());
  }

  #bytes(at: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#exports.memory.buffer as ArrayBuffer, at, length);
  }

  #text(at: number, length: number): string {
    return this.#utf8[1].decode(this.#bytes(at, length));
  }

  #enter<Name extends keyof Core>(name: Name, ...args: Core[Name]): void {
    this.enter(() => {
      const numbers = args.flatMap((arg: unknown) => {
        if (typeof arg !== "string") return arg ?? [0, 0];
        const bytes = this.#utf8[0].encode(arg);
        const at = this.#exports.malloc(bytes.length, 1);
        this.#bytes(at, bytes.length).set(bytes);
        return [at, bytes.length];
      });
      (this.#exports as unknown as Record<Name, (...numbers: unknown[]) => void>)[name](...numbers);
    });
  }

  #surroundings(): Surroundings & WebAssembly.ModuleImports {
    return {
      end: (call, how, at, length) => {
        const text = at ? this.#text(at, length) : undefined;
        const error = how === How.Failed ? fail(JSON.parse(text!)) : undefined;
        this.#calls.get(call)?.(error, how === How.Made ? call : text);
      },
      changed: (session) => this.#listeners.get(session)?.(),
      wake: () => queueMicrotask(() => this.#enter("run")),
      now: () => Date.now(),
      monotonic: () => globalThis.performance?.now() ?? Date.now(),
      random: (at, length) => !!attempt(() => crypto.getRandomValues(this.#bytes(at, length))),
      begin: (client, asked, what, at, length) => {
        const settled = (ok: boolean) => (came?: unknown) => {
          const text = ok && typeof came === "string" ? came : undefined;
          if (this.#asked.has(asked)) this.#enter("settled", asked, ok, text);
        };
        const does = (asked: number) =>
          this.#hosts.get(client)![what]!(
            this.#text(at, length),
            (news) => this.#enter("news", asked, news),
            (stop) => this.#asked.set(asked, stop),
          );
        if (!asked) return attempt(() => does(asked));
        this.#asked.set(asked, undefined);
        new Promise((ended) => ended(does(asked))).then(settled(true), settled(false));
      },
      stop: (number) => {
        const stop = this.#asked.get(number);
        this.#asked.delete(number);
        this.#hosts.delete(number);
        quietly(() => stop?.());
      },
      throw: (at, length) => {
        throw new Error(this.#text(at, length));
      },
    };
  }

  /** Makes a client of `service`; its number. */
  create(service: Operation, options: unknown, host: CoreHost): number {
    this.#hosts.set(this.#last + 1, host);
    return this.sync(0, service, options) as number;
  }

  /** The client or session of that number goes when `owner` does. */
  own(owner: object, target: number): void {
    this.#targets?.register(owner, target);
  }

  /** Calls `changed` after each change of that session, in place of the one before, or nothing any more. */
  listen(session: number, changed: (() => void) | undefined): void {
    if (changed) this.#listeners.set(session, changed);
    else this.#listeners.delete(session);
    this.sync(session, changed ? Operation.Subscribe : Operation.Unsubscribe, { number: session });
  }

  /** A call that answers at once. */
  sync(target: number, operation: Operation, args?: unknown): Answer {
    let failure: PlayerLinkError | undefined;
    let came: Answer;
    this.#call(target, operation, toJson(args), (error, answer) => {
      failure = error;
      came = answer;
    });
    if (failure) throw failure;
    return came;
  }

  #call(target: number, operation: Operation, args: string | undefined, end: (error?: PlayerLinkError, answer?: Answer) => void): number {
    if (this.dead) throw this.dead;
    const call = ++this.#last;
    this.#calls.set(call, (error, answer) => {
      this.#calls.delete(call);
      end(error, answer);
    });
    this.#enter("call", target, call, operation, args);
    return call;
  }

  /** A call that answers later, or when the instance dies, or not at all when the signal is aborted already. */
  async call(target: number, operation: Operation, args?: unknown, given?: AbortSignal): Promise<Answer> {
    // Callers without types pass anything; what is no signal never aborts.
    const signal = typeof given?.removeEventListener === "function" ? given : undefined;
    if (signal?.aborted) throw cancelled();
    if (this.dead) throw this.dead;
    const json = toJson(args);
    return new Promise((resolve, reject) => {
      // Timers of the core keep no process alive; a call somebody waits for does.
      const alive = setTimeout(() => {}, 0x7fff_ffff);
      // Not inside a call of the core, whose task it may be.
      const abort = () =>
        queueMicrotask(() => {
          const end = this.#calls.get(call);
          if (!end) return;
          this.#enter("cancel", call);
          end(cancelled());
        });
      signal?.addEventListener("abort", abort);
      const call = this.#call(target, operation, json, (error, answer) => {
        clearTimeout(alive);
        signal?.removeEventListener("abort", abort);
        if (error) reject(error);
        else resolve(answer);
      });
    });
  }
}

/** The client module as one entry of the package provides it, and the instance that runs now. */
export type Runtime = Loader<Instance>;

export const createRuntime = (load: Load): Runtime => loader(Instance.run, load);

/** An argument as the core reads it. What is no object is left to the core, which says what is wrong with it. */
export const toJson = (value: unknown): string | undefined => {
  try {
    return JSON.stringify(value);
  } catch {
    throw misuse("an argument has a value that is no data (a BigInt, or a cycle); see the call's type");
  }
};

/** A result of the core; nothing stays nothing. */
export const fromJson = <T>(text: Answer): T => (typeof text === "string" ? JSON.parse(text) : undefined) as T;

/** The options for the core, as data only, and the host made of the rest, anew for each instance. */
export const split = (options: ClientOptions): [object, HostFor] => {
  if (!isObject(options)) throw misuse("the client's options are missing; pass an object");
  const { log } = options;
  let seq = 0;
  // A log that throws must not end a sign-in.
  const write = (entry: Omit<LogEntry, "at" | "seq">) => quietly(() => log?.({ at: Date.now(), seq: ++seq, ...entry }));
  const fellBack = (error: unknown, next: string) => {
    const name = (error as Partial<Error> | undefined)?.name;
    if (typeof log === "function") write({ level: "warn", event: "store-fell-back", fields: { next, error: String(name) } });
  };
  const { store = defaultStore(fellBack), fetch, log: _, ...data } = options;
  for (const [name, value] of Object.entries({ fetch, log, "store.load": store?.load, "store.compareAndSwap": store?.compareAndSwap })) {
    const optional = value === undefined && !name.startsWith("store");
    if (typeof value !== "function" && !optional) throw misuse(`\`${name}\` is not a function`);
  }
  return [
    data,
    () => ({
      ...outside(store),
      [What.Exchange]: exchange(fetch),
      [What.Sleep]: sleep,
      [What.Log]: (entry) => write(JSON.parse(entry)),
    }),
  ];
};

/** The same with the core asking for a credential with a fresh ticket. What `platformTicket` throws counts as none. */
export const withTickets = <Credential>(
  [data, host]: [object, HostFor],
  platformTicket: (() => Promise<Credential | undefined>) | undefined,
  asData = (credential?: Credential): unknown => credential,
): [object, HostFor] => {
  if (platformTicket === undefined) return [data, host];
  if (typeof platformTicket !== "function") throw misuse("`platformTicket` is not a function");
  const ticket = async () => toJson(asData(await platformTicket()));
  return [{ ...data, hasTickets: true }, () => ({ ...host(), [What.Ticket]: ticket })];
};

type HostFor = () => CoreHost;

/**
 * A client of the core that survives the instance it lives in: after a trap, the next call makes it anew in a new
 * instance, which finds its sessions in the store.
 */
export class Connection {
  readonly #runtime: Runtime;
  readonly #service: Operation;
  readonly #options: object;
  readonly #host: HostFor;
  #instance: Instance | undefined;
  #client = 0;

  constructor(runtime: Runtime, service: Operation, [options, host]: [object, HostFor]) {
    this.#runtime = runtime;
    this.#service = service;
    this.#options = options;
    this.#host = host;
  }

  async open(): Promise<this> {
    const instance = await this.#runtime();
    if (this.#instance !== instance) {
      this.#client = instance.create(this.#service, this.#options, this.#host());
      this.#instance = instance;
      instance.own(this, this.#client);
    }
    return this;
  }

  sync(operation: Operation, args: unknown): Answer {
    return this.#instance!.sync(this.#client, operation, args);
  }

  /** The answer, and the instance it came from: what a session made of it belongs to. */
  async call(options: CallOptions | undefined, operation: Operation, args: unknown): Promise<[Answer, Instance]> {
    await this.open();
    const instance = this.#instance!;
    return [await instance.call(this.#client, operation, args, options?.signal), instance];
  }
}
