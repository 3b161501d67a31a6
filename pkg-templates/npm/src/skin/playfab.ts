// PlayFab: the public verbs, each one call into the core.
import type { CallOptions } from "../api/options.js";
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
import type { PlayFabCore } from "../boundary.js";
import { Connection, type Runtime, split, toJson } from "./runtime.js";
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

  async #session(credential: object | undefined, options: CallOptions | undefined): Promise<Session | undefined> {
    const [core, instance] = await this.#connection.call(options, (client, signal) => client.open(toJson(credential), signal));
    return core && new Session(instance, core, this.#fetch);
  }

  async restore(options?: CallOptions): Promise<PlayFabSession | undefined> {
    return this.#session(undefined, options);
  }

  // A caller without types may pass nothing: that is no wish to restore.
  async login(credential: PlayFabCredential, options?: CallOptions): Promise<PlayFabSession> {
    return (await this.#session(credential ?? {}, options))!;
  }

  async register(registration: PlayFabRegistration, options?: CallOptions): Promise<PlayFabSession> {
    return (await this.#session({ ...registration, provider: "registration" }, options))!;
  }
}

export const openPlayFab = async (runtime: Runtime, options: PlayFabOptions): Promise<PlayFabClient> => {
  const [data, host] = split(options);
  const connection = new Connection(runtime, host, (glue, host) => glue.PlayFabCore.create(toJson(data), host));
  return new Client(await connection.open(), options.fetch);
};
