// What sessions of every service share: tokens, snapshots, the fetch that attaches the token.
import type { ServiceName } from "../api/errors.js";
import type { CallOptions, RefreshOptions } from "../api/options.js";
import type { Player, PlayerChange, PlayerChanged, Session, SessionSnapshot } from "../api/session.js";
import { Operation } from "../boundary.js";
import { attempt } from "./attempt.js";
import { cancelled, isObject, misuse } from "./error.js";
import { read } from "./exchange.js";
import { fromJson, type Instance } from "./runtime.js";

type Fetch = typeof globalThis.fetch;

// Symbol.asyncDispose is newer than the oldest engines we run on; this is the name esbuild's and Babel's helpers for
// `await using` fall back to.
const asyncDispose: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? (/* @__PURE__ */ Symbol.for("Symbol.asyncDispose") as typeof Symbol.asyncDispose);

// More than any error envelope; an endless body must not be read to its end.
const REFUSAL_LIMIT = 65_536;

export abstract class SessionBase implements Session {
  abstract readonly service: ServiceName;
  protected readonly instance: Instance;
  readonly #number: number;
  #fetch: Fetch | undefined;
  #snapshot: SessionSnapshot;
  #listeners = new Set<() => void>();
  #subscribed = false;
  #closed = false;

  constructor(instance: Instance, number: number, fetch: Fetch | undefined) {
    this.instance = instance;
    this.#number = number;
    this.#fetch = fetch;
    instance.own(this, number);
    this.#snapshot = fromJson(instance.sync(number, Operation.Snapshot));
  }

  /** An operation by name, and its answer as the core gives it. */
  protected run(name: Operation, args?: object, options?: CallOptions): Promise<string | undefined> {
    this.#open();
    return this.instance.call(this.#number, name, args, options?.signal) as Promise<string | undefined>;
  }

  /** An operation by name; its result has the shape the public types say. */
  protected async operation<T>(name: Operation, args?: object, options?: CallOptions): Promise<T> {
    return fromJson(await this.run(name, args, options));
  }

  #open(): void {
    if (this.#closed) throw misuse("the session was closed; restore it or sign in again");
  }

  get player(): Readonly<Player> | undefined {
    return this.getSnapshot().player;
  }

  async accessToken(options?: CallOptions): Promise<string> {
    return (await this.run(Operation.AccessToken, undefined, options))!;
  }

  async refresh(options?: RefreshOptions): Promise<PlayerChange> {
    return this.operation(Operation.Refresh, { playerMayHaveChanged: options?.playerMayHaveChanged }, options);
  }

  async logout(options?: CallOptions): Promise<{ revoked: boolean }> {
    return this.operation(Operation.Logout, undefined, options);
  }

  async makeActive(options?: CallOptions): Promise<void> {
    await this.operation(Operation.MakeActive, undefined, options);
  }

  getSnapshot(): SessionSnapshot {
    const known = this.#snapshot;
    if (this.#closed || this.instance.dead) return known;
    return (this.#snapshot = fromJson(this.instance.sync(this.#number, Operation.Snapshot, { known: known.revision })) ?? known);
  }

  subscribe(listener: (snapshot: SessionSnapshot) => void): () => void {
    this.#open();
    const call = () => listener(this.getSnapshot());
    this.#listeners.add(call);
    // Outside the core's own call: a listener may well call the session again.
    if (!this.#subscribed) {
      this.instance.listen(this.#number, () => queueMicrotask(() => this.#changed()));
      this.#subscribed = true;
    }
    return () => {
      this.#listeners.delete(call);
      if (!this.#listeners.size) this.#unsubscribe();
    };
  }

  onPlayerChanged(listener: (change: PlayerChanged) => void): () => void {
    let known = this.player;
    return this.subscribe(({ player }) => {
      const previous = known;
      if (!player || !previous || (player.playerId === previous.playerId && player.personId === previous.personId)) return;
      known = player;
      listener({ previous, player });
    });
  }

  #changed(): void {
    for (const call of [...this.#listeners]) {
      try {
        if (this.#listeners.has(call)) call();
      } catch (error) {
        // Reported as uncaught, like an event listener's, without keeping the others from theirs.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  #unsubscribe(): void {
    if (this.#subscribed && !this.instance.dead) this.instance.listen(this.#number, undefined);
    this.#subscribed = false;
  }

  async fetch(input: Parameters<Fetch>[0], init?: Parameters<Fetch>[1]): Promise<Response> {
    const request = isObject(input) && "url" in input ? input : undefined;
    const url = absolute(request?.url ?? String(input));
    const signal = init?.signal ?? request?.signal;
    if (signal?.aborted) throw cancelled();
    const send = (token: string) => {
      const headers = new Headers(init?.headers ?? request?.headers);
      headers.set("authorization", `Bearer ${token}`);
      return (this.#fetch ?? globalThis.fetch)(input, { ...init, headers });
    };
    const token = (await this.run(Operation.AccessToken, { url }, signal ? { signal } : undefined))!;
    const response = await send(token);
    // A stream is spent once it was sent; the body of a Request object is one.
    const replayable = init?.body === undefined ? !request?.body : !isStream(init.body);
    if ((response.status !== 401 && response.status !== 403) || !replayable) return response;
    const body = await read(response.clone(), REFUSAL_LIMIT);
    const fresh = await this.run(Operation.Rejected, { token, status: response.status, body });
    if (fresh === undefined) return response;
    await response.body?.cancel();
    return send(fresh);
  }

  close(): void {
    if (this.#closed) return;
    if (!this.instance.dead) {
      this.getSnapshot();
      this.#unsubscribe();
      this.instance.sync(this.#number, Operation.Close);
    }
    this.#listeners.clear();
    this.#closed = true;
  }

  async [asyncDispose](): Promise<void> {
    this.close();
    if (!this.instance.dead) await this.instance.call(this.#number, Operation.Settle);
  }
}

const absolute = (url: string): string => {
  const { href } = attempt(() => new URL(url, globalThis.location?.href)) ?? {};
  if (href === undefined) throw misuse("session.fetch needs a valid URL, and outside a page an absolute one");
  return href;
};

// Async iterables too: Node's fetch takes them as bodies, and strings and typed arrays only have the other iterator.
const isStream = (body: unknown): boolean =>
  isObject(body) && ("getReader" in body || Symbol.asyncIterator in body);
