// What a server bundles into one file.
import { createRallyHereClient } from "playerlink";
import { createServices, rallyhereOptions } from "../services.mjs";

const signIn = async () => {
  const rallyhere = await createRallyHereClient(rallyhereOptions(createServices()));
  return rallyhere.login({ grant: "steam", ticket: "14000000ab" });
};
signIn().then((session) => console.log(JSON.stringify({ player: session.player?.displayName })));
