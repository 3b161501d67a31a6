// PlayFab: the public verbs, each one call into the core.
import type { CallOptions, RestoreOptions } from "../api/options.js";
import type {
  PlayFabClient,
  PlayFabCredential,
  PlayFabLink,
  PlayFabOptions,
  PlayFabRegistration,
  PlayFabSession,
  PlayFabUnlink,
} from "../api/playfab.js";
import type { PlayFabLoginDetails } from "../api/playfab-login.js";
import type { Account } from "../api/session.js";
import type { Json, PlayFabCore, SessionCore } from "../boundary.js";
import { Connection, fromJson, type Runtime, split, toJson } from "./runtime.js";
import { SessionBase } from "./session.js";

class Session extends SessionBase implements PlayFabSession {
  readonly service = "playfab";

  async entityToken(options?: CallOptions): Promise<string> {
    return this.accessToken(options);
  }

  async sessionTicket(options?: CallOptions): Promise<string> {
    return (await this.run(options, (signal) => this.core.call("sessionTicket", undefined, signal)))!;
  }

  async link(identity: PlayFabLink, options?: CallOptions): Promise<void> {
    await this.operation("link", identity, options);
  }

  async unlink(identity: PlayFabUnlink, options?: CallOptions): Promise<void> {
    await this.operation("unlink", identity, options);
  }

  async call<Data extends object>(path: string, body: object = {}, options?: CallOptions): Promise<Data> {
    return this.operation("call", { path, body }, options);
  }

  async loginDetails(options?: CallOptions): Promise<PlayFabLoginDetails> {
    return this.operation("loginDetails", undefined, options);
  }
}

type Fetch = typeof globalThis.fetch;

class Client implements PlayFabClient {
  readonly #connection: Connection<PlayFabCore>;
  readonly #fetch: Fetch | undefined;

  constructor(connection: Connection<PlayFabCore>, fetch: Fetch | undefined) {
    this.#connection = connection;
    this.#fetch = fetch;
  }

  #call(name: string, args: object | undefined, options: CallOptions | undefined) {
    return this.#connection.call(options, (client, signal) => client.call(name, toJson(args), signal));
  }

  async #session(name: string, args: object | undefined, options: CallOptions | undefined): Promise<Session | undefined> {
    const [core, instance] = await this.#call(name, args, options);
    return core && new Session(instance, core as SessionCore, this.#fetch);
  }

  async restore(options?: RestoreOptions): Promise<PlayFabSession | undefined> {
    return this.#session("restore", { account: options?.account }, options);
  }

  async accounts(options?: CallOptions): Promise<Account[]> {
    return fromJson((await this.#call("accounts", undefined, options))[0] as Json<Account[]>);
  }

  async login(credential: PlayFabCredential, options?: CallOptions): Promise<PlayFabSession> {
    return (await this.#session("login", credential, options))!;
  }

  async register(registration: PlayFabRegistration, options?: CallOptions): Promise<PlayFabSession> {
    return (await this.#session("login", { ...registration, provider: "registration" }, options))!;
  }
}

export const openPlayFab = async (runtime: Runtime, options: PlayFabOptions): Promise<PlayFabClient> => {
  const [data, host] = split(options);
  const connection = new Connection(runtime, host, (glue, host) => glue.PlayFabCore.create(toJson(data), host));
  return new Client(await connection.open(), options.fetch);
};
