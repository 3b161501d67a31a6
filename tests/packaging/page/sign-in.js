// First visit: begins, and goes where the portal would send the browser. Second visit: completes, twice.
import { createRallyHereClient } from "playerlink";
import { createServices, rallyhereOptions } from "/services.mjs";

const services = createServices();
const rallyhere = await createRallyHereClient(rallyhereOptions(services));
if (location.search === "") {
  const { state } = await rallyhere.beginOauth({ portal: "steam" });
  location.assign(`?lang=de&code=CANARY&state=${state}`);
} else if (location.search.includes("code=")) {
  const completing = rallyhere.completeOauth();
  const atOnce = location.href;
  const sessions = await Promise.all([completing, rallyhere.completeOauth({ url: location.href })]);
  history.pushState({}, "", "?next");
  history.back();
  await new Promise((done) => addEventListener("popstate", done, { once: true }));
  globalThis.result = {
    atOnce: new URL(atOnce).search,
    afterBack: location.search,
    players: sessions.map(({ player }) => player?.displayName),
    exchanges: services.sent("/users/v1/oauth/token").length,
  };
}
