// A game on Steam signs its player in to Xsolla Login silently, without a word from the player: once by the JWT protocol,
// once by OAuth 2.0, whose session can be refreshed. It prints what happens, line by line.
//
//   XSOLLA_URL=http://127.0.0.1:4000/api npm run steam
import { createXsollaClient, isPlayerLinkError } from "playerlink";
import { playerMessage } from "playerlink/messages";

const baseUrl = process.env.XSOLLA_URL ?? "http://127.0.0.1:4000/api";
const appId = process.env.STEAM_APP_ID ?? "480";
const xsolla = await createXsollaClient({
  baseUrl,
  projectId: process.env.XSOLLA_PROJECT_ID ?? "0b2d3c4e-5f60-4718-92a3-b4c5d6e7f809", // the shadow project: platform accounts
  oauth: { clientId: process.env.XSOLLA_CLIENT_ID ?? 60, redirectUri: "https://companion.example/callback" },
});

// The bytes of a new session ticket. In a game they come from Steam's GetAuthSessionTicket (here: from the emulator's
// test lever). Each is good for one sign-in.
const steamTicket = async () => {
  const order = { platform: "steam", user_id: "76561198000000042", app_id: appId, name: "Kai" };
  const lever = new URL("/__emulator/xsolla/tickets", baseUrl);
  const headers = { "content-type": "application/json" };
  const answer = await fetch(lever, { method: "POST", headers, body: JSON.stringify(order) });
  return new Uint8Array(Buffer.from((await answer.json()).base64, "base64"));
};

const asJson = process.argv.includes("--json");
const say = (event, facts = {}) => {
  if (asJson) return console.log(JSON.stringify({ event, ...facts }));
  console.log([event, ...Object.entries(facts).map(([name, fact]) => `${name}: ${JSON.stringify(fact)}`)].join("\n    "));
};

/** Signs in; what may come before a session is told, and ends the program. */
const signIn = async (ticket, protocol) => {
  const came = await xsolla.silentLogin({ platform: "steam", appId, ticket, protocol });
  if (came.outcome === "signed-in") return came.session;
  say(came.outcome); // a game opens `came.url`, and goes on with `completeRedirect`
  process.exit(1);
};

// 1. The JWT protocol: one token, for a day.
const ticket = await steamTicket();
const first = await signIn(ticket, "jwt");
say("signed-in", { protocol: "jwt", player: first.player });
const token = await first.accessToken();

// 2. The same ticket again: it is spent. The SDK never sends one twice by itself.
await signIn(ticket, "jwt").then(
  () => say("spent-ticket-accepted"),
  (error) => {
    if (!isPlayerLinkError(error)) throw error;
    const { kind, code, status } = error.toJSON();
    say("refused", { kind, code, status, playerMessage: playerMessage(error) });
  },
);

// 3. OAuth 2.0 with a new ticket: `state` and the swap of the code are the SDK's affair. This session can be refreshed.
const second = await signIn(await steamTicket(), "oauth");
say("signed-in", { protocol: "oauth", player: second.player });
const before = await second.accessToken();
const { changed } = await second.refresh();
const after = await second.accessToken();
say("refreshed", { changed, newToken: after !== before && after !== token });

say("signed-out", await second.logout());
