// What clients of every service share: calls by name into the core, and the sessions that come of them.
import type { CallOptions, RestoreOptions } from "../api/options.js";
import type { Account } from "../api/session.js";
import { Operation } from "../boundary.js";
import { type Connection, fromJson, type Instance } from "./runtime.js";

type Fetch = typeof globalThis.fetch;
type SessionClass<S> = new (instance: Instance, number: number, fetch: Fetch | undefined) => S;

export abstract class ClientBase<S> {
  protected readonly connection: Connection;
  readonly #fetch: Fetch | undefined;

  constructor(connection: Connection, fetch: Fetch | undefined) {
    this.connection = connection;
    this.#fetch = fetch;
  }

  protected abstract readonly session: SessionClass<S>;

  /** An operation by name. What comes of it, a session or data, has the shape the public types say. */
  protected async call<T>(operation: Operation, args?: unknown, options?: CallOptions): Promise<T> {
    const [came, instance] = await this.connection.call(options, operation, args);
    return (typeof came === "number" ? new this.session(instance, came, this.#fetch) : fromJson(came)) as T;
  }

  async restore(options?: RestoreOptions): Promise<S | undefined> {
    return this.call(Operation.Restore, { account: options?.account }, options);
  }

  async accounts(options?: CallOptions): Promise<Account[]> {
    return this.call(Operation.Accounts, undefined, options);
  }
}
