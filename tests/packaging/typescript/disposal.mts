// `await using`, and an ES module among CommonJS. Only compiled.
import { createRallyHereClient } from "playerlink";

const rallyhere = await createRallyHereClient({ baseUrl: "http://127.0.0.1:1", clientId: "a", clientSecret: "b" });
await using session = await rallyhere.login({ grant: "anon", id: "x" });
void session.player?.playerId;
