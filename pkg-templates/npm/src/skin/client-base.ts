// What clients of every service share: calls by name into the core, and the sessions that come of them.
import type { CallOptions, RestoreOptions } from "../api/options.js";
import type { Account } from "../api/session.js";
import type { ClientCore, SessionCore } from "../boundary.js";
import { type Connection, fromJson, type Instance, toJson } from "./runtime.js";

type Fetch = typeof globalThis.fetch;
type SessionClass<S> = new (instance: Instance, core: SessionCore, fetch: Fetch | undefined) => S;

export abstract class ClientBase<S, Core extends ClientCore> {
  protected readonly connection: Connection<Core>;
  readonly #fetch: Fetch | undefined;

  constructor(connection: Connection<Core>, fetch: Fetch | undefined) {
    this.connection = connection;
    this.#fetch = fetch;
  }

  protected abstract readonly session: SessionClass<S>;

  /** An operation by name. What comes of it, a session or data, has the shape the public types say. */
  protected async call<T>(operation: string, args?: unknown, options?: CallOptions): Promise<T> {
    const json = toJson(args);
    const [came, instance] = await this.connection.call(options, (core, signal) => core.call(operation, json, signal));
    return (typeof came === "object" ? new this.session(instance, came, this.#fetch) : fromJson(came)) as T;
  }

  async restore(options?: RestoreOptions): Promise<S | undefined> {
    return this.call("restore", { account: options?.account }, options);
  }

  async accounts(options?: CallOptions): Promise<Account[]> {
    return this.call("accounts", undefined, options);
  }
}
