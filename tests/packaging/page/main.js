import { createRallyHereClient, isPlayerLinkError } from "playerlink";
import { playerMessage } from "playerlink/messages";
import { createXsollaServer } from "playerlink/server";
import { createServices, rallyhereOptions } from "/services.mjs";

const services = createServices();
const rallyhere = await createRallyHereClient(rallyhereOptions(services));
const session = await rallyhere.login({ grant: "steam", ticket: "14000000ab" });
// A second client, as after a reload: IndexedDB is the default store here.
const again = await (await createRallyHereClient(rallyhereOptions(services))).restore();
const server = await createXsollaServer({ clientId: 1, clientSecret: "never" }).catch((error) => error);
globalThis.result = {
  player: session.player?.displayName,
  durability: session.getSnapshot().durability,
  restored: again?.player?.playerId === session.player?.playerId,
  server: isPlayerLinkError(server) && [server.kind, server.message],
  told: playerMessage(server),
};
