// Xsolla Login's server calls: the public verbs, each one call into the server build of the core.
import type { CallOptions } from "../api/options.js";
import type { XsollaServer, XsollaServerOptions } from "../api/server.js";
import { Connection, type Runtime, split } from "./runtime.js";

export { isPlayerLinkError } from "./error.js";
export { createRuntime } from "./runtime.js";

export const openXsollaServer = async (runtime: Runtime, options: XsollaServerOptions): Promise<XsollaServer> => {
  const [data, host] = split(options);
  const connection = new Connection(runtime, host, (glue, host) => glue.XsollaServerCore.create(data, host));
  await connection.open();
  return {
    async loginWithCustomId(account, callOptions?: CallOptions) {
      return (await connection.call(callOptions, (server, signal) => server.loginWithCustomId(account, signal)))[0];
    },
    async linkByCode(link, callOptions?: CallOptions) {
      return (await connection.call(callOptions, (server, signal) => server.linkByCode(link, signal)))[0];
    },
  };
};
