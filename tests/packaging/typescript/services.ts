// An entry for each service. Only compiled.
import { createPlayFabClient, type PlayFabOptions } from "playerlink/playfab";
import { createRallyHereClient, isPlayerLinkError, type RallyHereClient } from "playerlink/rallyhere";
import { createXsollaClient, init } from "playerlink/xsolla/slim";
import { createXsollaClient as ofAnotherEntry } from "playerlink/rallyhere";

export const open = async (options: PlayFabOptions): Promise<RallyHereClient> => {
  await init(new URL("https://cdn.example/xsolla.split.wasm"));
  await createXsollaClient({ projectId: "p" });
  await createPlayFabClient(options).catch(isPlayerLinkError);
  // @ts-expect-error the entry has the type and not the function
  void ofAnotherEntry;
  return createRallyHereClient({ environment: "demo", clientId: "a", clientSecret: "b" });
};
