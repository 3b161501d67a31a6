// A Node program with `import`: signs in, restores, and ends by itself.
import { createRallyHereClient, createXsollaClient, isPlayerLinkError, memoryStore } from "playerlink";
import { createServices, rallyhereOptions, xsollaOptions } from "../services.mjs";

const services = createServices();
const store = memoryStore();
const options = { ...rallyhereOptions(services), store };
const rallyhere = await createRallyHereClient(options);
const session = await rallyhere.login({ grant: "steam", ticket: "14000000ab" });
const again = await (await createRallyHereClient(options)).restore();
const xsolla = await createXsollaClient(xsollaOptions(services));
const main = await xsolla.login({ username: "nova", password: "secret" });
const refused = await createRallyHereClient({}).catch((error) => error);
console.log(
  JSON.stringify({
    player: session.player?.displayName,
    restored: again?.player?.playerId === session.player?.playerId,
    main: main.player?.playerId,
    refused: isPlayerLinkError(refused) && refused.kind,
  }),
);
