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
import { Operation } from "../boundary.js";
import { ClientBase } from "./client-base.js";
import { Connection, type Runtime, split, withTickets } from "./runtime.js";
import { SessionBase } from "./session.js";

class Session extends SessionBase implements PlayFabSession {
  readonly service = "playfab";

  async entityToken(options?: CallOptions): Promise<string> {
    return this.accessToken(options);
  }

  async sessionTicket(options?: CallOptions): Promise<string> {
    return (await this.run(Operation.SessionTicket, undefined, options))!;
  }

  async link(identity: PlayFabLink, options?: CallOptions): Promise<void> {
    await this.operation(Operation.Link, identity, options);
  }

  async unlink(identity: PlayFabUnlink, options?: CallOptions): Promise<void> {
    await this.operation(Operation.Unlink, identity, options);
  }

  async call<Data extends object>(path: string, body: object = {}, options?: CallOptions): Promise<Data> {
    return this.operation(Operation.Call, { path, body }, options);
  }

  async loginDetails(options?: CallOptions): Promise<PlayFabLoginDetails> {
    return this.operation(Operation.LoginDetails, undefined, options);
  }
}

class Client extends ClientBase<PlayFabSession> implements PlayFabClient {
  protected readonly session = Session;

  async login(credential: PlayFabCredential, options?: CallOptions): Promise<PlayFabSession> {
    return this.call(Operation.Login, credential, options);
  }

  async register(registration: PlayFabRegistration, options?: CallOptions): Promise<PlayFabSession> {
    return this.call(Operation.Login, { ...registration, provider: "registration" }, options);
  }
}

export const openPlayFab = async (runtime: Runtime, options: PlayFabOptions): Promise<PlayFabClient> => {
  const connection = new Connection(runtime, Operation.Playfab, withTickets(split(options), options.platformTicket));
  return new Client(await connection.open(), options.fetch);
};
