// PlayFab through the installed package: every call, and every error that a call of the contract names.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load } from "./support/consumer.mjs";

const { createPlayFabClient, isPlayerLinkError, memoryStore } = await load();
const { createPlayFabServer } = await load("playerlink/server");
const { playerMessage } = await load("playerlink/messages");

const rows = (name) =>
  readFileSync(new URL(`../contracts/${name}`, import.meta.url), "utf8").trim().split("\n").slice(1).map((line) => line.split(","));
const kinds = new Map(rows("playfab-kinds.csv").map(([name, classification, kind]) => [name, { classification, kind }]));
const list = (cell) => cell.split(";").filter(Boolean);
const operations = rows("playfab-operations.csv").map(([api, operation, auth, required, , , errors]) => ({
  api,
  operation,
  auth,
  required: list(required),
  errors: list(errors).map((error) => error.split(":")).map(([name, number]) => [name, Number(number)]),
}));

// The names after LoginWith and Link, what is presented, and what an unlink names. A value is `v-` and its field's name.
const identityToken = "v-IdentityToken";
const clientCalls = [
  ["AndroidDeviceID", "AndroidDeviceID", { provider: "android-device", androidDeviceId: "v-AndroidDeviceId", os: "v-OS" }],
  ["Apple", "Apple", { provider: "apple", identityToken }],
  ["BattleNet", "BattleNetAccount", { provider: "battle-net", identityToken }],
  ["CustomID", "CustomID", { provider: "custom-id", customId: "v-CustomId" }],
  ["EmailAddress", "", { provider: "email", email: "v-Email", password: "v-Password" }],
  ["Facebook", "FacebookAccount", { provider: "facebook", accessToken: "v-AccessToken" }],
  [
    "FacebookInstantGamesId",
    "FacebookInstantGamesId",
    { provider: "facebook-instant-games", facebookInstantGamesSignature: "v-FacebookInstantGamesSignature" },
  ],
  [
    "GameCenter",
    "GameCenterAccount",
    { provider: "game-center", playerId: "v-PlayerId", publicKeyUrl: "v-PublicKeyUrl", salt: "v-Salt", signature: "v-Signature", timestamp: "v-Timestamp" },
  ],
  ["GoogleAccount", "GoogleAccount", { provider: "google", serverAuthCode: "v-ServerAuthCode" }],
  ["GooglePlayGamesServices", "GooglePlayGamesServicesAccount", { provider: "google-play-games", serverAuthCode: "v-ServerAuthCode" }],
  ["IOSDeviceID", "IOSDeviceID", { provider: "ios-device", deviceId: "v-DeviceId", deviceModel: "v-DeviceModel" }],
  ["Kongregate", "Kongregate", { provider: "kongregate", kongregateId: "v-KongregateId", authTicket: "v-AuthTicket" }],
  ["NintendoServiceAccount", "NintendoServiceAccount", { provider: "nintendo-service-account", identityToken }],
  [
    "NintendoSwitchDeviceId",
    "NintendoSwitchDeviceId",
    { provider: "nintendo-switch-device", nintendoSwitchDeviceId: "v-NintendoSwitchDeviceId" },
  ],
  ["OpenIdConnect", "OpenIdConnect", { provider: "open-id-connect", connectionId: "v-ConnectionId", idToken: "v-IdToken" }],
  ["PlayFab", "", { provider: "playfab", username: "v-Username", password: "v-Password" }],
  ["PSN", "PSNAccount", { provider: "psn", authCode: "v-AuthCode", redirectUri: "v-RedirectUri", issuerId: 256 }],
  ["Steam", "SteamAccount", { provider: "steam", steamTicket: "v-SteamTicket", ticketIsServiceSpecific: true }],
  ["Twitch", "Twitch", { provider: "twitch", accessToken: "v-AccessToken" }],
  ["Xbox", "XboxAccount", { provider: "xbox", xboxToken: "v-XboxToken" }],
];
const serverCalls = [
  ["AndroidDeviceID", "", { provider: "android-device", androidDeviceId: "v-AndroidDeviceId" }],
  ["BattleNet", "BattleNetAccount", { provider: "battle-net", identityToken }],
  ["CustomID", "", { provider: "custom-id", customId: "v-CustomId" }],
  ["", "FacebookAccount", { provider: "facebook" }],
  ["", "FacebookInstantGamesId", { provider: "facebook-instant-games", facebookInstantGamesId: "v-FacebookInstantGamesId" }],
  ["IOSDeviceID", "", { provider: "ios-device", deviceId: "v-DeviceId" }],
  ["", "NintendoServiceAccount", { provider: "nintendo-service-account", identityToken }],
  ["", "NintendoServiceAccountSubject", { provider: "nintendo-service-account-subject", subject: "v-Subject" }],
  ["", "NintendoSwitchDeviceId", { provider: "nintendo-switch-device", nintendoSwitchDeviceId: "v-NintendoSwitchDeviceId" }],
  ["PSN", "PSNAccount", { provider: "psn", authCode: "v-AuthCode", redirectUri: "v-RedirectUri" }],
  ["", "PSNId", { provider: "psn-id", psnUserId: "v-PSNUserId" }],
  ["ServerCustomId", "ServerCustomId", { provider: "server-custom-id", serverCustomId: "v-ServerCustomId" }],
  ["SteamId", "SteamId", { provider: "steam-id", steamId: "v-SteamId" }],
  ["Twitch", "TwitchAccount", { provider: "twitch", accessToken: "v-AccessToken" }],
  ["Xbox", "XboxAccount", { provider: "xbox", xboxToken: "v-XboxToken" }],
  ["XboxId", "XboxId", { provider: "xbox-id", xboxId: "v-XboxId", sandbox: "v-Sandbox" }],
];

const json = (status, body) => new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
const success = (data) => json(200, { code: 200, status: "OK", data });
const failure = (status, error, errorCode, more) =>
  json(status, { code: status, status: "BadRequest", error, errorCode, errorMessage: "m", ...more });

/** A title as a `fetch`: it answers what `script` says, else as if all were well, and keeps what was sent. */
const createTitle = () => {
  let tokens = 0;
  const token = () => ({
    EntityToken: `ET-${++tokens}`,
    TokenExpiration: new Date(Date.now() + 86_400_000).toISOString(),
    Entity: { Id: "T1", Type: "title_player_account" },
  });
  const title = {
    sent: [],
    script: undefined,
    async fetch(input, init) {
      const request = new Request(input, init);
      const { pathname } = new URL(request.url);
      const headers = Object.fromEntries(request.headers);
      title.sent.push({ method: request.method, path: pathname, headers, body: JSON.parse(await request.text()) });
      const scripted = title.script?.(pathname);
      if (scripted) return scripted;
      if (/\/LoginWith|\/Register/.test(pathname)) {
        return success({ SessionTicket: "ST", PlayFabId: "A1", NewlyCreated: true, EntityToken: token() });
      }
      return success(pathname.endsWith("/GetEntityToken") ? token() : {});
    },
  };
  return title;
};

const options = (title) => ({ titleId: "ABCD1", baseUrl: "http://127.0.0.1:9", fetch: title.fetch });
const client = (title) => createPlayFabClient({ ...options(title), store: memoryStore() });
const server = (title) => createPlayFabServer({ ...options(title), secretKey: "SECRET-KEY" });
const signedIn = async (title) => (await client(title)).login({ provider: "custom-id", customId: "guest-1", createAccount: true });
const refusal = (promise) => promise.then(() => assert.fail("it worked"), (error) => (assert.ok(isPlayerLinkError(error)), error));

/** One call of the contract's table. */
const call = ({ api, operation }, parties) => {
  const customTags = { build: "1.2.3" };
  for (const [login, link, identity] of api === "Client" ? clientCalls : serverCalls) {
    const [playFabId, target] = api === "Client" ? [undefined, parties.session] : ["v-PlayFabId", parties.server];
    if (login && operation === `LoginWith${login}`) {
      const credential = { ...identity, playFabId, createAccount: true, customTags, info: ["PlayerProfile"] };
      return (api === "Client" ? parties.client : parties.server).login(credential);
    }
    if (link && operation === `Link${link}`) return target.link({ ...identity, playFabId, forceLink: true, customTags });
    if (link && operation === `Unlink${link}`) return target.unlink({ ...identity, playFabId, customTags });
  }
  return assert.fail(`${api}/${operation} cannot be called`);
};

test("every call has the address, the credential and the fields of the contract", async () => {
  const title = createTitle();
  const parties = { client: await client(title), session: await signedIn(title), server: await server(title) };
  const auth = { none: {}, ticket: { "x-authorization": "ST" }, secret: { "x-secretkey": "SECRET-KEY" } };
  assert.equal(operations.length, 87);
  for (const row of operations) {
    title.sent.length = 0;
    await call(row, parties);
    assert.equal(title.sent.length, 1, row.operation);
    const [{ method, path, headers, body }] = title.sent;
    assert.deepEqual([method, path], ["POST", `/${row.api}/${row.operation}`]);
    const { "content-type": type, ...credential } = headers;
    assert.deepEqual([type, credential], ["application/json", auth[row.auth]], row.operation);
    for (const field of row.required) assert.ok(field in body, `${row.operation} lacks ${field}`);
    for (const [field, value] of Object.entries(body)) {
      if (typeof value === "string" && field !== "TitleId" && field !== "GameCenterId") assert.equal(value, `v-${field}`);
    }
  }
});

test("every error a login, link or unlink call names is exactly that code, number, class and kind", async () => {
  const title = createTitle();
  const parties = { client: await client(title), session: await signedIn(title), server: await server(title) };
  const names = new Set();
  for (const row of operations) {
    for (const [name, number] of row.errors) {
      title.script = () => failure(400, name, number);
      const error = await refusal(call(row, parties));
      const { code, codeNumber, service, classification, kind, status } = error;
      const wanted = { code: name, codeNumber: number, service: "playfab", ...kinds.get(name), status: 400 };
      assert.deepEqual({ code, codeNumber, service, classification, kind, status }, wanted, row.operation);
      assert.match(playerMessage(error), /^[A-Z].*\.$/);
      names.add(name);
    }
  }
  assert.equal(names.size, 59);
});

test("an error in a 200, a hint to wait, a ban, and refused fields come through", async () => {
  const title = createTitle();
  const playfab = await client(title);
  const answer = (response) => {
    title.script = () => response;
    return refusal(playfab.login({ provider: "steam", steamTicket: "14" }));
  };
  const hidden = await answer(json(200, { code: 401, error: "NotAuthenticated", errorCode: "1074" }));
  assert.deepEqual([hidden.kind, hidden.codeNumber, hidden.status], ["session-over", 1074, 401]);
  const busy = await answer(failure(429, "APIClientRequestRateLimitExceeded", 1199, { retryAfterSeconds: 8 }));
  assert.deepEqual([busy.kind, busy.retryAfterMs], ["busy", 8000]);
  const banned = await answer(failure(403, "AccountBanned", 1002, { errorDetails: { cheating: ["2030-01-01T00:00:00Z"] } }));
  assert.deepEqual(banned.restrictions, [{ type: "account_ban", reason: "cheating", expiresAt: Date.UTC(2030, 0, 1) }]);
  const fields = await answer(failure(400, "InvalidParams", 1000, { errorDetails: { SteamTicket: ["Required."] } }));
  assert.deepEqual([fields.kind, fields.fields], ["misuse", [{ path: "SteamTicket", message: "Required." }]]);
  const tomorrow = await answer(failure(400, "SteamIsOnHoliday", 70_000));
  assert.deepEqual([tomorrow.code, tomorrow.codeNumber, tomorrow.classification], ["SteamIsOnHoliday", 70_000, undefined]);
  for (const body of ["", "<html>", "{}", '{"code":200,"status":"OK"}']) {
    assert.equal((await answer(new Response(body, { status: 200 }))).kind, "protocol", body);
  }
});

test("a session has both credentials, and calls carry the one their API takes", async () => {
  const title = createTitle();
  const session = await signedIn(title);
  assert.equal(session.service, "playfab");
  assert.deepEqual({ ...session.player }, { playerId: "A1", platform: "custom-id" });
  assert.equal(await session.sessionTicket(), "ST");
  assert.equal(await session.entityToken(), "ET-1");
  assert.equal(await session.accessToken(), "ET-1");
  assert.deepEqual(await session.loginDetails(), { playFabId: "A1", titlePlayerId: "T1", newlyCreated: true });
  title.script = (path) => (path === "/Client/GetAccountInfo" ? success({ AccountInfo: { PlayFabId: "A1" } }) : undefined);
  assert.deepEqual(await session.call("Client/GetAccountInfo"), { AccountInfo: { PlayFabId: "A1" } });
  await session.call("Group/ListMembership", { Entity: null });
  const [, account, group] = title.sent;
  assert.deepEqual([account.headers["x-authorization"], account.headers["x-entitytoken"]], ["ST", undefined]);
  assert.deepEqual([group.headers["x-authorization"], group.headers["x-entitytoken"]], [undefined, "ET-1"]);
  assert.deepEqual((await session.refresh()).changed, false);
  assert.equal(await session.entityToken(), "ET-2");
  assert.deepEqual(await session.logout(), { revoked: false });
  assert.equal((await refusal(session.sessionTicket())).reason, "signed-out");
});

test("a session is restored with both lives", async () => {
  const title = createTitle();
  const store = memoryStore();
  const first = await createPlayFabClient({ ...options(title), store });
  await first.login({ provider: "steam", steamTicket: "14" });
  const restored = await (await createPlayFabClient({ ...options(title), store })).restore();
  assert.deepEqual([await restored.sessionTicket(), await restored.entityToken()], ["ST", "ET-1"]);
  assert.equal(title.sent.length, 1);
});

test("a registration makes an account", async () => {
  const title = createTitle();
  const session = await (await client(title)).register({ username: "nova", password: "correct-horse" });
  assert.equal(session.player.playerId, "A1");
  const [{ path, body }] = title.sent;
  assert.equal(path, "/Client/RegisterPlayFabUser");
  assert.deepEqual(body, { TitleId: "ABCD1", Password: "correct-horse", Username: "nova", RequireBothUsernameAndEmail: false });
});

test("mistakes are told before anything is sent", async () => {
  const title = createTitle();
  const playfab = await client(title);
  const session = await signedIn(title);
  title.sent.length = 0;
  for (const [promise, kind, says] of [
    [createPlayFabClient({ ...options(title), titleId: "https://abcd1" }), "configuration", /`ABCD1`/],
    [createPlayFabServer(options(title)), "configuration", /Secret Keys/],
    [playfab.login({ provider: "discord" }), "misuse", /one of .*steam/],
    [playfab.login(), "misuse", /one of .*steam/],
    [playfab.login({ provider: "steam" }), "misuse", /`SteamTicket` is missing/],
    [playfab.login({ provider: "steam", steamTicket: 14 }), "misuse", /`steamTicket` must be a text/],
    [playfab.login({ provider: "custom-id", customId: "c", createAccount: "yes" }), "misuse", /`createAccount` must be/],
    [playfab.login({ provider: "custom-id", customId: "c", customTags: { build: 1 } }), "misuse", /`customTags` must be/],
    [playfab.login({ provider: "custom-id", customId: "c", info: ["Everything"] }), "misuse", /PlayerProfile/],
    [playfab.login({ provider: "psn", authCode: "c", redirectUri: "r", issuerId: 1.5 }), "misuse", /`issuerId` must be/],
    [playfab.login({ provider: "playfab", username: "nova", password: "short" }), "credentials", /6 to 100/],
    [playfab.register({ password: "correct-horse" }), "misuse", /user name/],
    [session.link({ provider: "email", email: "a@b.example", password: "correct-horse" }), "misuse", /no call/],
    [session.link({ provider: "open-id-connect", connectionId: "c".repeat(101), idToken: "t" }), "misuse", /1 to 100/],
    [session.call("Server/BanUsers"), "misuse", /game server/],
    [session.call("Client/Get?x"), "misuse", /Client\/GetAccountInfo/],
  ]) {
    const error = await refusal(promise);
    assert.equal(error.kind, kind, error.message);
    assert.match(error.message, says);
  }
  assert.equal(title.sent.length, 0);
});

test("a game server links a Nintendo account, checks a ticket, and gets the title's token", async () => {
  const title = createTitle();
  const playfab = await server(title);
  const jwt = "eyJraWQi...";
  assert.equal(await playfab.linkNintendoServiceAccount({ playFabId: "1234FA342", identityToken: jwt }), undefined);
  await playfab.linkNintendoServiceAccountSubject({ playFabId: "P", subject: "s", forceLink: true });
  await playfab.unlinkNintendoServiceAccount({ playFabId: "P" });
  assert.deepEqual(
    title.sent.map(({ path, body }) => [path, body]),
    [
      ["/Server/LinkNintendoServiceAccount", { IdentityToken: jwt, PlayFabId: "1234FA342" }],
      ["/Server/LinkNintendoServiceAccountSubject", { Subject: "s", ForceLink: true, PlayFabId: "P" }],
      ["/Server/UnlinkNintendoServiceAccount", { PlayFabId: "P" }],
    ],
  );
  const login = await playfab.login({ provider: "server-custom-id", serverCustomId: "player-1", createAccount: true });
  assert.deepEqual([login.sessionTicket, login.entityToken, login.playFabId], ["ST", "ET-1", "A1"]);
  title.script = () => success({ UserInfo: { PlayFabId: "A1" }, IsSessionTicketExpired: false });
  const checked = await playfab.authenticateSessionTicket({ sessionTicket: "ST" });
  assert.deepEqual(checked, { playFabId: "A1", expired: false, userInfo: { PlayFabId: "A1" } });
  title.script = () => success({ Data: [{ NintendoServiceAccountId: "n1", PlayFabId: null }] });
  assert.deepEqual(await playfab.playFabIds({ nintendoAccountIds: ["n1"] }), [{ nintendoAccountId: "n1", playFabId: null }]);
  title.script = undefined;
  const { token, entityId, entityType } = await playfab.titleToken();
  assert.deepEqual([token, entityId, entityType], ["ET-2", "T1", "title_player_account"]);
  title.script = () => failure(401, "SecretKeyNotFound", 1293);
  const wrong = await refusal(playfab.titleToken());
  assert.equal(wrong.kind, "configuration");
  assert.doesNotMatch(`${wrong} ${JSON.stringify(wrong)}`, /SECRET-KEY/);
});

test("a session whose ticket is refused for good asks for a fresh platform ticket, once, and lives on", async () => {
  const title = createTitle();
  let tickets = 0;
  const platformTicket = async () => (tickets++, { provider: "steam", steamTicket: "fresh" });
  const playfab = await createPlayFabClient({ ...options(title), store: memoryStore(), platformTicket });
  const session = await playfab.login({ provider: "steam", steamTicket: "first" });
  title.script = (path) => path.endsWith("/GetEntityToken") && failure(401, "NotAuthenticated", 1074);
  await session.refresh();
  assert.equal(session.getSnapshot().status, "signed-in");
  assert.equal(tickets, 1);
  assert.deepEqual([title.sent.at(-1).path, title.sent.at(-1).body.SteamTicket], ["/Client/LoginWithSteam", "fresh"]);
  const wrong = await refusal(createPlayFabClient({ ...options(title), platformTicket: "14" }));
  assert.equal(wrong.kind, "misuse");
});
