// The same with `require`.
const { createRallyHereClient, isPlayerLinkError } = require("playerlink");

(async () => {
  const { createServices, rallyhereOptions } = await import("../services.mjs");
  const rallyhere = await createRallyHereClient(rallyhereOptions(createServices()));
  const session = await rallyhere.login({ grant: "steam", ticket: "14000000ab" });
  const refused = await createRallyHereClient({}).catch((error) => error);
  console.log(JSON.stringify({ player: session.player?.displayName, refused: isPlayerLinkError(refused) }));
})();
