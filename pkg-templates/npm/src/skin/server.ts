// Xsolla Login's server calls: the public verbs, each one call into the server build of the core.
import type { CallOptions } from "../api/options.js";
import type { XsollaServer, XsollaServerOptions } from "../api/server.js";
import type { Json } from "../boundary.js";
import { Connection, fromJson, type Runtime, split, toJson } from "./runtime.js";

export { isPlayerLinkError } from "./error.js";
export { openPlayFabServer } from "./playfab-server.js";
export { createRuntime } from "./runtime.js";

export const openXsollaServer = async (runtime: Runtime, options: XsollaServerOptions): Promise<XsollaServer> => {
  const [data, host] = split(options);
  const connection = new Connection(runtime, host, (glue, host) => glue.XsollaServerCore.create(toJson(data), host));
  await connection.open();
  // An operation by name; its result has the shape the public types say.
  const call = async <T>(operation: string, given: unknown, options: CallOptions | undefined): Promise<T> => {
    const args = toJson(given);
    const [text] = await connection.call(options, (server, signal) => server.call(operation, args, signal));
    return fromJson(text as Json<T> | undefined);
  };
  return {
    loginWithCustomId: (account, options) => call("loginWithCustomId", account, options),
    linkByCode: (link, options) => call("linkByCode", link, options),
    linkingInfo: (accounts, options) => call("linkingInfo", { accounts }, options),
    verifyToken: (token, options) => call("verifyToken", { token }, options),
    validateToken: (token, options) => call("validateToken", { token }, options),
    projectKeys: (projectId, options) => call("projectKeys", { projectId }, options),
  };
};
