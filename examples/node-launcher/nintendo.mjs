// A game with PlayFab: two players share a console, and so its Nintendo account. Each signs in; the game's own server links
// the Nintendo account, refuses to give it to the second player, and moves it when they say so. It prints what happens,
// line by line.
//
//   PLAYFAB_URL=http://127.0.0.1:4000/playfab/ABCD1 GAME_SERVER_URL=http://127.0.0.1:4003 npm run nintendo
import { createPlayFabClient } from "playerlink";

const baseUrl = process.env.PLAYFAB_URL ?? "http://127.0.0.1:4000/playfab/ABCD1";
const gameServer = process.env.GAME_SERVER_URL ?? "http://127.0.0.1:4003";
const titleId = process.env.PLAYFAB_TITLE_ID ?? "ABCD1"; // all that a client knows: the secret key is the server's
/** A player's own device. */
const device = () => createPlayFabClient({ titleId, baseUrl });

// The platforms' proofs; here they are made by the emulator's test levers.
const lever = async (name, order) => {
  const headers = { "content-type": "application/json" };
  const url = new URL(`/__emulator/playfab/${name}`, baseUrl);
  return (await fetch(url, { method: "POST", headers, body: JSON.stringify(order) })).json();
};
/** The JWT that Nintendo issues for the account on the console. */
const nintendoToken = async () =>
  (await lever("identity-tokens", { platform: "nintendo_service_account", subject: "nsa-living-room" })).identity_token;
/** The hexadecimal bytes of Steam's GetAuthTicketForWebApi("AzurePlayFab"). */
const steamTicket = async () => (await lever("steam-tickets", { credential: "emu.76561198000000043.Noor?web" })).hex;

const asJson = process.argv.includes("--json");
const say = (event, facts = {}) => {
  if (asJson) return console.log(JSON.stringify({ event, ...facts }));
  console.log([event, ...Object.entries(facts).map(([name, fact]) => `${name}: ${JSON.stringify(fact)}`)].join("\n    "));
};

/** Asks the game server, which believes nothing but the session ticket and Nintendo's token. */
const linkNintendo = async (session, move = false) => {
  const proof = { sessionTicket: await session.sessionTicket(), identityToken: await nintendoToken(), move };
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${gameServer}/link-nintendo`, { method: "POST", headers, body: JSON.stringify(proof) });
  return { status: answer.status, ...(answer.status === 204 ? {} : await answer.json()) };
};

// 1. Mika plays without an account: an id the game has made up and keeps on the device.
const mika = await (await device()).login({ provider: "custom-id", customId: "guest-4f1c", createAccount: true });
say("signed-in", { player: mika.player, newlyCreated: (await mika.loginDetails()).newlyCreated });
say("linked", await linkNintendo(mika));

// 2. Noor comes from Steam. The console's Nintendo account is Mika's by now.
const steam = { provider: "steam", steamTicket: await steamTicket(), ticketIsServiceSpecific: true, createAccount: true };
const noor = await (await device()).login(steam);
say("signed-in", { player: noor.player, newlyCreated: (await noor.loginDetails()).newlyCreated });
const refusal = await linkNintendo(noor);
say("refused", refusal);

// 3. A conflict is the players' to settle: the game asks them (here they agree), then says `move`.
if (refusal.kind === "conflict") say("moved", await linkNintendo(noor, true));

// 4. Whoever signs in with the Nintendo account now is Noor. The session's entity token renews itself when it is due; here
// it is told to.
const nintendo = { provider: "nintendo-service-account", identityToken: await nintendoToken() };
const owner = await (await device()).login(nintendo);
say("signed-in", { player: owner.player, newlyCreated: (await owner.loginDetails()).newlyCreated });
const [before, ticket] = [await owner.entityToken(), await owner.sessionTicket()];
await owner.refresh();
say("refreshed", {
  newToken: (await owner.entityToken()) !== before,
  sameTicket: (await owner.sessionTicket()) === ticket,
});
for (const session of [mika, noor, owner]) await session.logout();
