// A launcher: signs a Steam player in to RallyHere, links the Xbox identity, switches cross-progression on, and tells a
// banned player until when. Everything it needs to know comes from the environment; it prints what happens, line by line.
//
//   RALLYHERE_URL=http://127.0.0.1:4000 npm start
import { createRallyHereClient, isPlayerLinkError } from "playerlink";
import { playerMessage } from "playerlink/messages";

const rallyhere = await createRallyHereClient({
  baseUrl: process.env.RALLYHERE_URL ?? "http://127.0.0.1:4000",
  clientId: process.env.RALLYHERE_CLIENT_ID ?? "game",
  clientSecret: process.env.RALLYHERE_CLIENT_SECRET ?? "game-secret", // of a public game client: no secret of yours
});

// Each asks the platform for a new ticket: many are good for one sign-in only. These are the emulator's.
const steam = () => ({ grant: "steam", ticket: process.env.STEAM_TICKET ?? "emu.s1" });
const xbox = () => ({ grant: "xboxlive", xstsToken: process.env.XBOX_TOKEN ?? "emu.x1" });
const banned = () => ({ grant: "steam", ticket: process.env.BANNED_TICKET ?? "emu.banned1" });

const asJson = process.argv.includes("--json");
const say = (event, facts = {}) => {
  if (asJson) return console.log(JSON.stringify({ event, ...facts }));
  const told = Object.entries(facts).filter(([, fact]) => fact !== undefined);
  console.log([event, ...told.map(([name, fact]) => `${name}: ${JSON.stringify(fact)}`)].join("\n    "));
};
// An error as the launcher tells it: `toJSON` holds no token, ticket or other secret.
const refused = (event, error) => {
  if (!isPlayerLinkError(error)) throw error;
  const { kind, code, status, agreements, restrictions } = error.toJSON();
  say(event, { kind, code, status, playerMessage: playerMessage(error), agreements, restrictions });
};

/** Signs in; where agreements are missing, shows them and tries again with what the player accepted. */
const signIn = async (newCredential, showAgreements) => {
  try {
    return await rallyhere.login(newCredential());
  } catch (error) {
    if (!isPlayerLinkError(error) || error.kind !== "agreements") throw error;
    refused("login-refused", error);
    const accept = await showAgreements(error.agreements);
    say("agreements-accepted", { accept });
    return rallyhere.login({ ...newCredential(), accept });
  }
};
const acceptAll = async (needed) => needed; // a real launcher shows the documents and waits for the player

// 1. Steam, with agreements.
const session = await signIn(steam, acceptAll);
say("signed-in", { player: session.player });

// 2. New tokens now. Nobody has to call this: `accessToken()` refreshes by itself before the token ends.
const before = await session.accessToken();
await session.refresh();
say("refreshed", { newToken: (await session.accessToken()) !== before });

// 3. The Xbox identity joins this person: signed in as the follower, with the leader's token.
const follower = await signIn(xbox, acceptAll);
say("follower-signed-in", { player: follower.player });
const link = await follower.link({ leaderAccessToken: await session.accessToken() });
say("linked", { changed: link.changed, player: link.player });

// 4. Cross-progression: the Xbox player becomes everyone's. The old token would still name the old player (the vendor
//    warns of it), so the SDK refreshes before the promise resolves, and tells whoever listens.
const stop = session.subscribe(({ player }) => say("player-changed", { player }));
const stale = await session.accessToken();
const { platform, platformUserId } = follower.player;
const progress = await session.enableCrossProgression({ platform, platformUserId });
const fresh = await session.accessToken();
await Promise.resolve(); // listeners are called after the change, not in the middle of it
stop();
say("cross-progression", { ...progress, newToken: fresh !== stale });

// 5. Somebody who is banned is told so, and until when.
await rallyhere.login(banned()).then(
  () => say("banned-player-signed-in"),
  (error) => refused("login-refused", error),
);

say("signed-out", { follower: await follower.logout(), session: await session.logout() });
