// A fresh process: how long until there is a client, in milliseconds.
const began = performance.now();
const { createRallyHereClient } = await import("playerlink");
await createRallyHereClient({ baseUrl: "http://127.0.0.1:9", clientId: "game", clientSecret: "game-secret" });
console.log(performance.now() - began);
process.exit(0);
