// PlayFab's server calls: the public verbs, each one call into the server build of the core.
import type { CallOptions } from "../api/options.js";
import type { PlayFabServer, PlayFabServerOptions } from "../api/playfab-server.js";
import { Connection, fromJson, type Runtime, split } from "./runtime.js";

export const openPlayFabServer = async (runtime: Runtime, options: PlayFabServerOptions): Promise<PlayFabServer> => {
  const connection = new Connection(runtime, "playfab", split(options));
  await connection.open();
  const call = async <T>(name: string, args?: object, callOptions?: CallOptions): Promise<T> => {
    const [answer] = await connection.call(callOptions, name, args);
    return fromJson(answer);
  };
  return {
    login: (credential, callOptions) => call("login", credential, callOptions),
    link: (identity, callOptions) => call("link", identity, callOptions),
    unlink: (identity, callOptions) => call("unlink", identity, callOptions),
    linkNintendoServiceAccount: (link, callOptions) =>
      call("link", { ...link, provider: "nintendo-service-account" }, callOptions),
    linkNintendoServiceAccountSubject: (link, callOptions) =>
      call("link", { ...link, provider: "nintendo-service-account-subject" }, callOptions),
    unlinkNintendoServiceAccount: (unlink, callOptions) =>
      call("unlink", { ...unlink, provider: "nintendo-service-account" }, callOptions),
    authenticateSessionTicket: (query, callOptions) => call("authenticateSessionTicket", query, callOptions),
    titleToken: (callOptions) => call("titleToken", undefined, callOptions),
    playFabIds: (query, callOptions) => call("playFabIds", query, callOptions),
  };
};
