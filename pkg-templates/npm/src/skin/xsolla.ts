// Xsolla Login: the public verbs, each one call into the core.
import type { XsollaCredential, XsollaProtocol, XsollaSilentCredential } from "../api/credentials.js";
import type { Address, CallOptions, XsollaOptions } from "../api/options.js";
import type {
  LinkingCode,
  XsollaClient,
  XsollaDeviceCredential,
  XsollaProfile,
  XsollaRegistration,
  XsollaSession,
  XsollaSignIn,
  XsollaSocialCredential,
  XsollaSocialLink,
} from "../api/xsolla.js";
import type { WebSignIn } from "../api/session.js";
import { Operation } from "../boundary.js";
import { ClientBase } from "./client-base.js";
import { isObject } from "./error.js";
import { Connection, type Runtime, split, withTickets } from "./runtime.js";
import { SessionBase } from "./session.js";
import { WayBack } from "./way-back.js";

class Session extends SessionBase implements XsollaSession {
  readonly service = "xsolla";

  async createLinkingCode(options?: CallOptions): Promise<LinkingCode> {
    return this.operation(Operation.CreateLinkingCode, undefined, options);
  }

  async profile(options?: CallOptions): Promise<XsollaProfile> {
    return this.operation(Operation.Profile, undefined, options);
  }

  async socialLinks(options?: CallOptions): Promise<XsollaSocialLink[]> {
    return this.operation(Operation.SocialLinks, undefined, options);
  }

  async socialLinkUrl(link: { network: string; loginUrl?: string }, options?: CallOptions): Promise<string> {
    return this.operation(Operation.SocialLinkUrl, link, options);
  }

  async removeSocialLink(network: string, options?: CallOptions): Promise<void> {
    return this.operation(Operation.RemoveSocialLink, { network }, options);
  }
}

class Client extends ClientBase<XsollaSession> implements XsollaClient {
  protected readonly session = Session;
  readonly #wayBack = new WayBack();

  /** A sign-in that may also end in something that is still to be done. */
  async #signIn(operation: Operation, args: unknown, options: CallOptions | undefined): Promise<XsollaSignIn> {
    const came: unknown = await this.call(operation, args, options);
    return came instanceof Session ? { outcome: "signed-in", session: came } : (came as XsollaSignIn);
  }

  async beginOauth(request?: { page?: string }, options?: CallOptions): Promise<WebSignIn> {
    return this.call(Operation.BeginOauth, request, options);
  }

  async login(credential: XsollaCredential, options?: CallOptions): Promise<XsollaSession> {
    return this.call(Operation.Login, credential, options);
  }

  async passwordLogin(credential: XsollaCredential & XsollaProtocol, options?: CallOptions): Promise<XsollaSignIn> {
    return this.#signIn(Operation.PasswordLogin, credential, options);
  }

  async silentLogin(credential: XsollaSilentCredential & XsollaProtocol, options?: CallOptions): Promise<XsollaSignIn> {
    return this.#signIn(Operation.SilentLogin, encoded(credential), options);
  }

  async register(registration: XsollaRegistration & XsollaProtocol, options?: CallOptions): Promise<XsollaSignIn> {
    return this.#signIn(Operation.Register, registration, options);
  }

  async deviceLogin(credential: XsollaDeviceCredential, options?: CallOptions): Promise<XsollaSignIn> {
    return this.#signIn(Operation.DeviceLogin, credential, options);
  }

  async socialTokenLogin(credential: XsollaSocialCredential & XsollaProtocol, options?: CallOptions): Promise<XsollaSignIn> {
    return this.#signIn(Operation.SocialTokenLogin, credential, options);
  }

  async completeRedirect(
    redirect: Address | { url?: Address; state?: string } | { code: string } = {},
    options?: CallOptions,
  ): Promise<XsollaSession> {
    const asked = typeof redirect === "string" || (isObject(redirect) && "href" in redirect) ? { url: redirect } : redirect;
    return this.call(Operation.CompleteRedirect, this.#wayBack.of(asked), options);
  }

  async sessionFromToken(token: string, options?: CallOptions): Promise<XsollaSession> {
    return this.call(Operation.SessionFromToken, { token }, options);
  }

  async sessionFromLauncher(
    args: readonly string[],
    options?: CallOptions & { name?: string },
  ): Promise<XsollaSession | undefined> {
    return this.call(Operation.SessionFromLauncher, { arguments: args, name: options?.name }, options);
  }
}

// A ticket of bytes becomes text here: bytes do not cross to the core.
const encoded = (credential?: XsollaSilentCredential): unknown => {
  const { ticket, encoding } = (credential ?? {}) as { ticket?: unknown; encoding?: string };
  if (!(ticket instanceof Uint8Array)) return credential;
  const text =
    encoding === "hex"
      ? Array.from(ticket, (byte) => byte.toString(16).padStart(2, "0")).join("")
      : btoa(String.fromCharCode(...ticket));
  return { ...credential, ticket: text };
};

export const openXsolla = async (runtime: Runtime, options: XsollaOptions): Promise<XsollaClient> => {
  const connection = new Connection(runtime, Operation.Xsolla, withTickets(split(options), options.platformTicket, encoded));
  return new Client(await connection.open(), options.fetch);
};
