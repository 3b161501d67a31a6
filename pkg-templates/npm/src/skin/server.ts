// Xsolla Login's server calls: the public verbs, each one call into the server build of the core.
import type { CallOptions } from "../api/options.js";
import type { XsollaServer, XsollaServerOptions } from "../api/server.js";
import { Connection, fromJson, type Runtime, split, toJson } from "./runtime.js";

export { isPlayerLinkError } from "./error.js";
export { createRuntime } from "./runtime.js";

export const openXsollaServer = async (runtime: Runtime, options: XsollaServerOptions): Promise<XsollaServer> => {
  const [data, host] = split(options);
  const connection = new Connection(runtime, host, (glue, host) => glue.XsollaServerCore.create(toJson(data), host));
  await connection.open();
  return {
    async loginWithCustomId(account, callOptions?: CallOptions) {
      const args = toJson(account);
      return fromJson((await connection.call(callOptions, (server, signal) => server.loginWithCustomId(args, signal)))[0]);
    },
    async linkByCode(link, callOptions?: CallOptions) {
      const args = toJson(link);
      return fromJson((await connection.call(callOptions, (server, signal) => server.linkByCode(args, signal)))[0]);
    },
  };
};
