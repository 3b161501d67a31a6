// RallyHere: the public verbs, each one call into the core.
import type { RallyHereCredential } from "../api/credentials.js";
import type { Restriction } from "../api/errors.js";
import type { CallOptions, RallyHereOptions, RestoreOptions } from "../api/options.js";
import type {
  AccountChange,
  ClientToken,
  LinkRequest,
  Links,
  OauthCompletion,
  OauthLoginRequest,
  OptionalPlatformIdentity,
  PublicKey,
  RallyHereClient,
  RallyHereLoginResult,
  RallyHereSession,
} from "../api/rallyhere.js";
import type { Account, WebSignIn } from "../api/session.js";
import type { Json, RallyHereCore, SessionCore } from "../boundary.js";
import { fail } from "./error.js";
import { Connection, fromJson, type Runtime, split, toJson } from "./runtime.js";
import { SessionBase } from "./session.js";
import { WayBack } from "./way-back.js";

class Session extends SessionBase implements RallyHereSession {
  readonly service = "rallyhere";

  async verify(options?: CallOptions): Promise<void> {
    await this.operation("verify", undefined, options);
  }

  async links(query?: { playerId?: string }, options?: CallOptions): Promise<Links> {
    return this.operation("links", query, options);
  }

  async link(request: LinkRequest, options?: CallOptions): Promise<AccountChange> {
    return this.operation("link", request, options);
  }

  async unlink(target?: OptionalPlatformIdentity, options?: CallOptions): Promise<AccountChange> {
    return this.operation("unlink", target, options);
  }

  async enableCrossProgression(target?: OptionalPlatformIdentity, options?: CallOptions): Promise<AccountChange> {
    return this.operation("enableCrossProgression", target, options);
  }

  async disableCrossProgression(
    target?: OptionalPlatformIdentity | { personId: string },
    options?: CallOptions,
  ): Promise<AccountChange> {
    return this.operation("disableCrossProgression", target, options);
  }

  async restrictions(query: { of: "person" | "player" }, options?: CallOptions): Promise<Restriction[]> {
    return this.operation("restrictions", query, options);
  }

  async loginResult(options?: CallOptions): Promise<RallyHereLoginResult | undefined> {
    return this.operation("loginResult", undefined, options);
  }
}

type Fetch = typeof globalThis.fetch;

class Client implements RallyHereClient {
  readonly #connection: Connection<RallyHereCore>;
  readonly #fetch: Fetch | undefined;
  readonly #wayBack = new WayBack();

  constructor(connection: Connection<RallyHereCore>, fetch: Fetch | undefined) {
    this.#connection = connection;
    this.#fetch = fetch;
  }

  #call(name: string, args: object | undefined, options: CallOptions | undefined) {
    return this.#connection.call(options, (client, signal) => client.call(name, toJson(args), signal));
  }

  async #session<S = RallyHereSession>(name: string, args: object | undefined, options: CallOptions | undefined): Promise<S> {
    const [core, instance] = await this.#call(name, args, options);
    return (core && new Session(instance, core as SessionCore, this.#fetch)) as S;
  }

  async restore(options?: RestoreOptions): Promise<RallyHereSession | undefined> {
    return this.#session("restore", { account: options?.account }, options);
  }

  async accounts(options?: CallOptions): Promise<Account[]> {
    return this.#operation("accounts", undefined, options);
  }

  async login(credential: RallyHereCredential, options?: CallOptions): Promise<RallyHereSession> {
    return this.#session("login", credential, options);
  }

  async beginOauth(request: Omit<OauthLoginRequest, "state">, options?: CallOptions): Promise<WebSignIn> {
    return this.#operation("beginOauth", request, options);
  }

  oauthLoginUrl(request: OauthLoginRequest): string {
    return this.#connection.sync((client) => client.oauthLoginUrl(toJson(request)));
  }

  async completeOauth(completion: OauthCompletion = {}, options?: CallOptions): Promise<RallyHereSession> {
    return this.#session("completeOauth", this.#wayBack.of(completion), options);
  }

  async #operation<T>(name: string, args: object | undefined, options: CallOptions | undefined): Promise<T> {
    const [answer] = await this.#call(name, args, options);
    return fromJson(answer as Json<T> | undefined);
  }

  async publicKeys(options?: CallOptions): Promise<PublicKey[]> {
    return this.#operation("publicKeys", undefined, options);
  }

  async publicKey(keyId: string, options?: CallOptions): Promise<PublicKey> {
    return this.#operation("publicKey", { keyId }, options);
  }

  async clientToken(options?: CallOptions): Promise<ClientToken> {
    return this.#operation("clientToken", undefined, options);
  }

  async oauthClientToken(options?: CallOptions): Promise<ClientToken> {
    return this.#operation("oauthClientToken", undefined, options);
  }

  async portalTokenDetails(
    request: { grant: "ps4_v1" | "ps4_v3" | "ps5_v3"; token: string },
    options?: CallOptions,
  ): Promise<Record<string, string>> {
    return this.#operation("portalTokenDetails", request, options);
  }
}

export const openRallyHere = async (runtime: Runtime, options: RallyHereOptions): Promise<RallyHereClient> => {
  const [data, host] = split(options);
  const { platformTicket } = options;
  if (platformTicket !== undefined && typeof platformTicket !== "function") {
    throw fail({ kind: "misuse", message: "`platformTicket` is not a function" });
  }
  // As data: what it throws counts as no ticket.
  const ticket = platformTicket && { ticket: async () => toJson(await platformTicket()) };
  const connection = new Connection(runtime, host, (glue, host) =>
    glue.RallyHereCore.create(toJson(data), Object.assign(host, ticket)),
  );
  return new Client(await connection.open(), options.fetch);
};
