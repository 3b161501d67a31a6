import { createRallyHereClient, init } from "/node_modules/playerlink/slim.js";
import * as alone from "/node_modules/playerlink/rallyhere-slim.js";
import { createServices, rallyhereOptions } from "/services.mjs";

const early = await createRallyHereClient(rallyhereOptions(createServices())).catch((error) => error.kind);
await init(new URL("/node_modules/playerlink/sdk.split.wasm", location.href));
const rallyhere = await createRallyHereClient(rallyhereOptions(createServices()));
const session = await rallyhere.login({ grant: "anon", id: "slim" });
await alone.init(fetch("/node_modules/playerlink/rallyhere.split.wasm"));
const restored = await (await alone.createRallyHereClient(rallyhereOptions(createServices()))).restore();
globalThis.result = { early, player: session.player?.displayName, restored: restored?.player?.displayName };
