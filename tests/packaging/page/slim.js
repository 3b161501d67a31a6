import { createRallyHereClient, init } from "/node_modules/playerlink/slim.js";
import { createServices, rallyhereOptions } from "/services.mjs";

const early = await createRallyHereClient(rallyhereOptions(createServices())).catch((error) => error.kind);
await init(new URL("/node_modules/playerlink/sdk.split.wasm", location.href));
const rallyhere = await createRallyHereClient(rallyhereOptions(createServices()));
const session = await rallyhere.login({ grant: "anon", id: "slim" });
globalThis.result = { early, player: session.player?.displayName };
