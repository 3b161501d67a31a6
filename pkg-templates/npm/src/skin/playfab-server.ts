// PlayFab's server calls: the public verbs, each one call into the server build of the core.
import type { CallOptions } from "../api/options.js";
import type { PlayFabServer, PlayFabServerOptions } from "../api/playfab-server.js";
import { Operation } from "../boundary.js";
import { Connection, fromJson, type Runtime, split } from "./runtime.js";

export const openPlayFabServer = async (runtime: Runtime, options: PlayFabServerOptions): Promise<PlayFabServer> => {
  const connection = new Connection(runtime, Operation.Playfab, split(options));
  await connection.open();
  const call = async <T>(name: Operation, args?: object, callOptions?: CallOptions): Promise<T> => {
    const [answer] = await connection.call(callOptions, name, args);
    return fromJson(answer);
  };
  return {
    login: (credential, callOptions) => call(Operation.Login, credential, callOptions),
    link: (identity, callOptions) => call(Operation.Link, identity, callOptions),
    unlink: (identity, callOptions) => call(Operation.Unlink, identity, callOptions),
    linkNintendoServiceAccount: (link, callOptions) =>
      call(Operation.Link, { ...link, provider: "nintendo-service-account" }, callOptions),
    linkNintendoServiceAccountSubject: (link, callOptions) =>
      call(Operation.Link, { ...link, provider: "nintendo-service-account-subject" }, callOptions),
    unlinkNintendoServiceAccount: (unlink, callOptions) =>
      call(Operation.Unlink, { ...unlink, provider: "nintendo-service-account" }, callOptions),
    authenticateSessionTicket: (query, callOptions) => call(Operation.AuthenticateSessionTicket, query, callOptions),
    titleToken: (callOptions) => call(Operation.TitleToken, undefined, callOptions),
    playFabIds: (query, callOptions) => call(Operation.PlayFabIds, query, callOptions),
  };
};
