// Xsolla Login's server calls: the public verbs, each one call into the server build of the core.
import type { CallOptions } from "../api/options.js";
import type { XsollaServer, XsollaServerOptions } from "../api/server.js";
import { Operation, What } from "../boundary.js";
import { Connection, fromJson, type Runtime, split } from "./runtime.js";

export { isPlayerLinkError } from "./error.js";
export { openPlayFabServer } from "./playfab-server.js";
export { createRuntime } from "./runtime.js";

export const openXsollaServer = async (runtime: Runtime, options: XsollaServerOptions): Promise<XsollaServer> => {
  const [data, host] = split(options);
  const connection = new Connection(runtime, Operation.Xsolla, [data, () => ({ ...host(), [What.Verify]: verify })]);
  await connection.open();
  // An operation by name; its result has the shape the public types say.
  const call = async <T>(operation: Operation, given: unknown, options: CallOptions | undefined): Promise<T> => {
    const [answer] = await connection.call(options, operation, given);
    return fromJson(answer);
  };
  return {
    loginWithCustomId: (account, options) => call(Operation.LoginWithCustomId, account, options),
    linkByCode: (link, options) => call(Operation.LinkByCode, link, options),
    linkingInfo: (accounts, options) => call(Operation.LinkingInfo, { accounts }, options),
    verifyToken: (token, options) => call(Operation.VerifyToken, { token }, options),
    validateToken: (token, options) => call(Operation.ValidateToken, { token }, options),
    projectKeys: (projectId, options) => call(Operation.ProjectKeys, { projectId }, options),
  };
};

// By Node's own cryptography: it is here already, and as wasm it would weigh more than all the rest. Throws where it is
// missing; a key that cannot be used proves nothing.
const verify = async (asked: string): Promise<string | undefined> => {
  const { jwk, secret, signature, message } = JSON.parse(asked);
  const { subtle } = crypto;
  const bytes = (text: string) => new TextEncoder().encode(text);
  const key = jwk
    ? subtle.importKey("jwk", jwk, { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" }, false, ["verify"])
    : subtle.importKey("raw", bytes(secret), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  const signed = Uint8Array.from(atob(signature), (char) => char.charCodeAt(0));
  const isRight = key.then((key) => subtle.verify(key.algorithm.name, key, signed, bytes(message))).catch(() => false);
  return (await isRight) ? "yes" : undefined;
};
