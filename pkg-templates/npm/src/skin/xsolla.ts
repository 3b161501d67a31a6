// Xsolla Login: the public verbs, each one call into the core.
import type { XsollaCredential } from "../api/credentials.js";
import type { Address, CallOptions, RestoreOptions, XsollaOptions } from "../api/options.js";
import type {
  LinkingCode,
  XsollaClient,
  XsollaDeviceCredential,
  XsollaProfile,
  XsollaProtocol,
  XsollaRegistration,
  XsollaSession,
  XsollaSignIn,
  XsollaSilentCredential,
  XsollaSocialCredential,
  XsollaSocialLink,
} from "../api/xsolla.js";
import type { Account, WebSignIn } from "../api/session.js";
import type { Json, XsollaCore } from "../boundary.js";
import { Connection, fromJson, isObject, type Runtime, split, toJson } from "./runtime.js";
import { SessionBase } from "./session.js";
import { WayBack } from "./way-back.js";

class Session extends SessionBase implements XsollaSession {
  readonly service = "xsolla";

  async createLinkingCode(options?: CallOptions): Promise<LinkingCode> {
    return this.operation("createLinkingCode", undefined, options);
  }

  async profile(options?: CallOptions): Promise<XsollaProfile> {
    return this.operation("profile", undefined, options);
  }

  async socialLinks(options?: CallOptions): Promise<XsollaSocialLink[]> {
    return this.operation("socialLinks", undefined, options);
  }

  async socialLinkUrl(link: { network: string; loginUrl?: string }, options?: CallOptions): Promise<string> {
    return this.operation("socialLinkUrl", link, options);
  }

  async removeSocialLink(network: string, options?: CallOptions): Promise<void> {
    return this.operation("removeSocialLink", { network }, options);
  }
}

type Fetch = typeof globalThis.fetch;

class Client implements XsollaClient {
  readonly #connection: Connection<XsollaCore>;
  readonly #fetch: Fetch | undefined;
  readonly #wayBack = new WayBack();

  constructor(connection: Connection<XsollaCore>, fetch: Fetch | undefined) {
    this.#connection = connection;
    this.#fetch = fetch;
  }

  async restore(options?: RestoreOptions): Promise<XsollaSession | undefined> {
    return this.#session("restore", { account: options?.account }, options);
  }

  async accounts(options?: CallOptions): Promise<Account[]> {
    return this.#answer("accounts", undefined, options);
  }

  async beginOauth(request?: { page?: string }, options?: CallOptions): Promise<WebSignIn> {
    return this.#answer("beginOauth", request, options);
  }

  /** A call that makes no session. */
  async #answer<T>(operation: string, args: unknown, options: CallOptions | undefined): Promise<T> {
    return (await this.#signIn(operation, args, options)) as T;
  }

  async #signIn(operation: string, args: unknown, options: CallOptions | undefined): Promise<XsollaSignIn | undefined> {
    const json = toJson(args);
    const [came, instance] = await this.#connection.call(options, (client, signal) => client.call(operation, json, signal));
    if (typeof came !== "object") return fromJson(came as Json<XsollaSignIn> | undefined);
    return { outcome: "signed-in", session: new Session(instance, came, this.#fetch) };
  }

  /** A sign-in that ends in a session or an error. */
  async #session<S = XsollaSession>(operation: string, args: unknown, options: CallOptions | undefined): Promise<S> {
    const came = await this.#signIn(operation, args, options);
    return (came as { session: XsollaSession } | undefined)?.session as S;
  }

  async login(credential: XsollaCredential, options?: CallOptions): Promise<XsollaSession> {
    return this.#session("login", credential, options);
  }

  async silentLogin(credential: XsollaSilentCredential & XsollaProtocol, options?: CallOptions): Promise<XsollaSignIn> {
    return this.#signIn("silentLogin", encoded(credential), options) as Promise<XsollaSignIn>;
  }

  async register(registration: XsollaRegistration & XsollaProtocol, options?: CallOptions): Promise<XsollaSignIn> {
    return this.#signIn("register", registration, options) as Promise<XsollaSignIn>;
  }

  async deviceLogin(credential: XsollaDeviceCredential, options?: CallOptions): Promise<XsollaSignIn> {
    return this.#signIn("deviceLogin", credential, options) as Promise<XsollaSignIn>;
  }

  async socialTokenLogin(credential: XsollaSocialCredential & XsollaProtocol, options?: CallOptions): Promise<XsollaSignIn> {
    return this.#signIn("socialTokenLogin", credential, options) as Promise<XsollaSignIn>;
  }

  async completeRedirect(
    redirect: Address | { url?: Address; state?: string } | { code: string } = {},
    options?: CallOptions,
  ): Promise<XsollaSession> {
    const asked = typeof redirect === "string" || (isObject(redirect) && "href" in redirect) ? { url: redirect } : redirect;
    return this.#session("completeRedirect", this.#wayBack.of(asked), options);
  }

  async sessionFromToken(token: string, options?: CallOptions): Promise<XsollaSession> {
    return this.#session("sessionFromToken", { token }, options);
  }

  async sessionFromLauncher(
    args: readonly string[],
    options?: CallOptions & { name?: string },
  ): Promise<XsollaSession | undefined> {
    return this.#session("sessionFromLauncher", { arguments: args, name: options?.name }, options);
  }
}

// A ticket of bytes becomes text here: bytes do not cross to the core.
const encoded = (credential: XsollaSilentCredential): unknown => {
  const { ticket, encoding } = (credential ?? {}) as { ticket?: unknown; encoding?: string };
  if (!(ticket instanceof Uint8Array)) return credential;
  const text =
    encoding === "hex"
      ? Array.from(ticket, (byte) => byte.toString(16).padStart(2, "0")).join("")
      : btoa(String.fromCharCode(...ticket));
  return { ...credential, ticket: text };
};

export const openXsolla = async (runtime: Runtime, options: XsollaOptions): Promise<XsollaClient> => {
  const [data, host] = split(options);
  const connection = new Connection(runtime, host, (glue, host) => glue.XsollaCore.create(toJson(data), host));
  return new Client(await connection.open(), options.fetch);
};
