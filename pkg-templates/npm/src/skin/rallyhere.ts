// RallyHere: the public verbs, each one call into the core.
import type { RallyHereCredential } from "../api/credentials.js";
import type { Restriction } from "../api/errors.js";
import type { CallOptions, RallyHereOptions } from "../api/options.js";
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
import type { WebSignIn } from "../api/session.js";
import { Operation } from "../boundary.js";
import { ClientBase } from "./client-base.js";
import { Connection, type Runtime, split, withTickets } from "./runtime.js";
import { SessionBase } from "./session.js";
import { WayBack } from "./way-back.js";

class Session extends SessionBase implements RallyHereSession {
  readonly service = "rallyhere";

  async verify(options?: CallOptions): Promise<void> {
    await this.operation(Operation.Verify, undefined, options);
  }

  async links(query?: { playerId?: string }, options?: CallOptions): Promise<Links> {
    return this.operation(Operation.Links, query, options);
  }

  async link(request: LinkRequest, options?: CallOptions): Promise<AccountChange> {
    return this.operation(Operation.Link, request, options);
  }

  async unlink(target?: OptionalPlatformIdentity, options?: CallOptions): Promise<AccountChange> {
    return this.operation(Operation.Unlink, target, options);
  }

  async enableCrossProgression(target?: OptionalPlatformIdentity, options?: CallOptions): Promise<AccountChange> {
    return this.operation(Operation.EnableCrossProgression, target, options);
  }

  async disableCrossProgression(
    target?: OptionalPlatformIdentity | { personId: string },
    options?: CallOptions,
  ): Promise<AccountChange> {
    return this.operation(Operation.DisableCrossProgression, target, options);
  }

  async restrictions(query: { of: "person" | "player" }, options?: CallOptions): Promise<Restriction[]> {
    return this.operation(Operation.Restrictions, query, options);
  }

  async loginResult(options?: CallOptions): Promise<RallyHereLoginResult | undefined> {
    return this.operation(Operation.LoginResult, undefined, options);
  }
}

class Client extends ClientBase<RallyHereSession> implements RallyHereClient {
  protected readonly session = Session;
  readonly #wayBack = new WayBack();

  async login(credential: RallyHereCredential, options?: CallOptions): Promise<RallyHereSession> {
    return this.call(Operation.Login, credential, options);
  }

  async beginOauth(request: Omit<OauthLoginRequest, "state">, options?: CallOptions): Promise<WebSignIn> {
    return this.call(Operation.BeginOauth, request, options);
  }

  oauthLoginUrl(request: OauthLoginRequest): string {
    return this.connection.sync(Operation.OauthLoginUrl, request) as string;
  }

  async completeOauth(completion: OauthCompletion = {}, options?: CallOptions): Promise<RallyHereSession> {
    return this.call(Operation.CompleteOauth, this.#wayBack.of(completion), options);
  }

  async publicKeys(options?: CallOptions): Promise<PublicKey[]> {
    return this.call(Operation.PublicKeys, undefined, options);
  }

  async publicKey(keyId: string, options?: CallOptions): Promise<PublicKey> {
    return this.call(Operation.PublicKey, { keyId }, options);
  }

  async clientToken(options?: CallOptions): Promise<ClientToken> {
    return this.call(Operation.ClientToken, undefined, options);
  }

  async oauthClientToken(options?: CallOptions): Promise<ClientToken> {
    return this.call(Operation.OauthClientToken, undefined, options);
  }

  async portalTokenDetails(
    request: { grant: "ps4_v1" | "ps4_v3" | "ps5_v3"; token: string },
    options?: CallOptions,
  ): Promise<Record<string, string>> {
    return this.call(Operation.PortalTokenDetails, request, options);
  }
}

export const openRallyHere = async (runtime: Runtime, options: RallyHereOptions): Promise<RallyHereClient> => {
  const connection = new Connection(runtime, Operation.Rallyhere, withTickets(split(options), options.platformTicket));
  return new Client(await connection.open(), options.fetch);
};
