// Xsolla Login: the public verbs, each one call into the core.
import type { XsollaCredential } from "../api/credentials.js";
import type { CallOptions, XsollaOptions } from "../api/options.js";
import type { LinkingCode, XsollaClient, XsollaProfile, XsollaSession } from "../api/xsolla.js";
import type { XsollaCore } from "../boundary.js";
import { Connection, isObject, type Runtime, split, toJson } from "./runtime.js";
import { SessionBase } from "./session.js";

class Session extends SessionBase implements XsollaSession {
  readonly service = "xsolla";

  async createLinkingCode(options?: CallOptions): Promise<LinkingCode> {
    return this.operation("createLinkingCode", undefined, options);
  }

  async profile(options?: CallOptions): Promise<XsollaProfile> {
    return this.operation("profile", undefined, options);
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

  async login(credential: XsollaCredential, options?: CallOptions): Promise<XsollaSession> {
    const [core, instance] = await this.#connection.call(options, (client, signal) => client.login(toJson(credential), signal));
    return new Session(instance, core, this.#fetch);
  }

  async completeRedirect(
    redirect: Location | URL | string | { url: Location | URL | string; state?: string } | { code: string },
    options?: CallOptions,
  ): Promise<XsollaSession> {
    // Anything but an object is taken for the address: the core says what is wrong with it.
    const asked = !isObject(redirect) || "href" in redirect ? { url: redirect } : redirect;
    const args = "url" in asked ? { ...asked, url: String(asked.url) } : asked;
    if ("url" in asked && asked.url && asked.url === globalThis.location) scrubAddressBar(asked.url);
    const [core, instance] = await this.#connection.call(options, (client, signal) =>
      client.completeRedirect(toJson(args), signal),
    );
    return new Session(instance, core, this.#fetch);
  }

  async sessionFromToken(token: string, options?: CallOptions): Promise<XsollaSession> {
    const [core, instance] = await this.#connection.call(options, (client, signal) =>
      client.sessionFromToken(toJson({ token }), signal),
    );
    return new Session(instance, core, this.#fetch);
  }
}

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
