// Xsolla Login: the public verbs, each one call into the core.
import type { XsollaCredential } from "../api/credentials.js";
import type { CallOptions, XsollaOptions } from "../api/options.js";
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
import type { Json, XsollaCore } from "../boundary.js";
import { Connection, fromJson, isObject, type Runtime, split, toJson } from "./runtime.js";
import { SessionBase } from "./session.js";

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

  constructor(connection: Connection<XsollaCore>, fetch: Fetch | undefined) {
    this.#connection = connection;
    this.#fetch = fetch;
  }

  async restore(options?: CallOptions): Promise<XsollaSession | undefined> {
    const [core, instance] = await this.#connection.call(options, (client, signal) => client.restore(signal));
    return core && new Session(instance, core, this.#fetch);
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
    redirect: Location | URL | string | { url: Location | URL | string; state?: string } | { code: string },
    options?: CallOptions,
  ): Promise<XsollaSession> {
    // Anything but an object is taken for the address: the core says what is wrong with it.
    const asked = !isObject(redirect) || "href" in redirect ? { url: redirect } : redirect;
    const args = "url" in asked ? { ...asked, url: String(asked.url) } : asked;
    if ("url" in asked && asked.url && asked.url === globalThis.location) scrubAddressBar(asked.url);
    return this.#session("completeRedirect", args, options);
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

// A code or token must not stay in the address bar, the history, or the Referer of what the page loads next.
const scrubAddressBar = (location: Location): void => {
  const url = new URL(location.href);
  for (const name of ["code", "state", "token"]) url.searchParams.delete(name);
  globalThis.history?.replaceState(globalThis.history.state, "", url);
};

export const openXsolla = async (runtime: Runtime, options: XsollaOptions): Promise<XsollaClient> => {
  const [data, host] = split(options);
  const connection = new Connection(runtime, host, (glue, host) => glue.XsollaCore.create(toJson(data), host));
  return new Client(await connection.open(), options.fetch);
};
