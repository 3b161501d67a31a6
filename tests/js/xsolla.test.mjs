// Xsolla Login through the package and over HTTP: a service on loopback that answers as it is told.
import assert from "node:assert/strict";
import { createHmac, createSign, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, test } from "node:test";
import { load } from "./support/consumer.mjs";

const { createXsollaClient, isPlayerLinkError, memoryStore } = await load();
const { createXsollaServer } = await load("playerlink/server");

const MAIN = "f6c5011a-715e-4e5e-b7b1-a4812d85b8c8";
const SHADOW = "0b2d3c4e-5f60-4718-92a3-b4c5d6e7f809";
const CALLBACK = "https://game.example/callback";
const USER = "7f3c1a52-8d4e-4b6f-9a01-23456789abcd";

const encode = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const now = () => Math.floor(Date.now() / 1000);
const claims = (more) => ({ iss: "https://login.xsolla.com", sub: USER, iat: now(), exp: now() + 3600, xsolla_login_project_id: MAIN, ...more });
const jwt = (more) => `${encode({ alg: "RS256" })}.${encode(claims(more))}.c2ln`;
const tokens = () => ({ access_token: jwt(), token_type: "bearer", expires_in: 3600, refresh_token: "refresh", scope: "offline" });

// What was asked, and what is answered: `answers` first, by path, then the healthy service.
const asked = [];
let answers = [];
const healthy = (path, query) => {
  if (path === "/oauth2/token" || path === "/oauth2/login/token") return [200, tokens()];
  if (path === "/users/account/code") return [200, { code: "012345" }];
  if (path === "/users/me") return [200, { id: USER }];
  if (path === "/users/me/social_providers") return [200, [{ provider: "google", social_id: "g-1" }]];
  if (path.endsWith("/login_url")) return [200, { url: "https://login.xsolla.com/link" }];
  if (path.startsWith("/users/me/social_providers/")) return [204];
  if (path === "/users/login/server_custom_id") return [200, { token: jwt() }];
  if (path === "/users/account/link" || path === "/token/validate") return [204];
  if (path.startsWith("/oauth2/")) return [200, { login_url: `${CALLBACK}?code=c&state=${query.get("state")}` }];
  if (path.endsWith("/login_with_token")) return [200, { token: jwt({ provider: "discord" }) }];
  return [200, { login_url: `${CALLBACK}?token=${jwt({ provider: "steam", id: "https://steamcommunity.com/openid/id/765" })}` }];
};
const service = createServer(async (request, response) => {
  const url = new URL(request.url, "http://loopback");
  const path = url.pathname.replace(/^\/api/, "");
  let body = "";
  for await (const chunk of request) body += chunk;
  asked.push({ method: request.method, path, query: url.searchParams, headers: request.headers, body });
  const at = answers.findIndex((answer) => answer.path === path);
  const [status, answer] = at < 0 ? healthy(path, url.searchParams) : answers.splice(at, 1)[0].answer(body);
  response.writeHead(status, { "content-type": "application/json", ...(status === 429 && { "retry-after": "20" }) });
  response.end(answer === undefined ? "" : typeof answer === "string" ? answer : JSON.stringify(answer));
});
await new Promise((done) => service.listen(0, "127.0.0.1", done));
after(() => service.close().closeAllConnections());

const baseUrl = `http://127.0.0.1:${service.address().port}/api`;
const next = (path, status, answer) => answers.push({ path, answer: () => [status, answer] });
const fresh = () => {
  answers = [];
  asked.length = 0;
};
const oauth = { clientId: 60, redirectUri: CALLBACK };
const client = (more) => createXsollaClient({ projectId: SHADOW, baseUrl, oauth, store: memoryStore(), ...more });
const server = (more) => createXsollaServer({ clientId: 59, clientSecret: "server-secret", publisherProjectId: 44056, baseUrl, ...more });
const rejection = async (promise) => {
  const error = await promise.then(
    () => assert.fail("it should have been rejected"),
    (error) => error,
  );
  assert.ok(isPlayerLinkError(error), String(error));
  return error;
};

const steam = { platform: "steam", appId: 480, ticket: Uint8Array.of(0x14, 0, 0, 0xff) };
const xbox = { platform: "xbox", platformUserId: "x1" };
const registration = { username: "vega", password: "long enough", email: "vega@example.com" };
const session = async () => (await client()).login({ username: "nova", password: "p" });
const onSession = (call) => async () => {
  const open = await session();
  return () => call(open);
};
const onClient = (call) => async () => {
  const open = await client();
  return () => call(open);
};
const onServer = (call) => async () => {
  const open = await server();
  return () => call(open);
};

// Each call of the table: the path that is refused, and how it is made.
const calls = {
  login: ["/oauth2/login/token", onClient((c) => c.login({ username: "nova", password: "p" }))],
  code: ["/oauth2/token", onClient((c) => c.completeRedirect({ code: "c" }))],
  refresh: ["/oauth2/token", onSession((s) => s.refresh())],
  create_code: ["/users/account/code", onSession((s) => s.createLinkingCode())],
  profile: ["/users/me", onSession((s) => s.profile())],
  server_token: ["/oauth2/token", onServer((s) => s.linkingInfo([xbox]))],
  custom_id: ["/users/login/server_custom_id", onServer((s) => s.loginWithCustomId({ customId: "c" }))],
  link: ["/users/account/link", onServer((s) => s.linkByCode({ code: "1", ...xbox }))],
  cross_auth: ["/social/steam/cross_auth", onClient((c) => c.silentLogin({ ...steam, protocol: "jwt" }))],
  cross_auth_oauth: ["/oauth2/social/steam/cross_auth", onClient((c) => c.silentLogin(steam))],
  register: ["/oauth2/user", onClient((c) => c.register(registration))],
  device: ["/oauth2/login/device/ios", onClient((c) => c.deviceLogin({ device: "ios", model: "m", deviceId: "d" }))],
  social_token: ["/social/discord/login_with_token", onClient((c) => c.socialTokenLogin({ network: "discord", accessToken: "t", protocol: "jwt" }))],
  social_links: ["/users/me/social_providers", onSession((s) => s.socialLinks())],
  social_link_url: ["/users/me/social_providers/google/login_url", onSession((s) => s.socialLinkUrl({ network: "google" }))],
  social_link_remove: ["/users/me/social_providers/google", onSession((s) => s.removeSocialLink("google"))],
  linking_info: ["/users/linking_info", onServer((s) => s.linkingInfo([xbox]))],
  validate: ["/token/validate", onServer((s) => s.validateToken("t"))],
  project_keys: [`/projects/${MAIN}/keys`, onServer((s) => s.projectKeys(MAIN))],
};

const table = readFileSync(new URL("../contracts/xsolla-status.csv", import.meta.url), "utf8").trim().split("\n").slice(1);
const rows = [...new Set(table.map((line) => line.split(",").slice(0, 4).join(",")))].map((line) => line.split(","));

test("each row of the status table is an error with exactly its code, status and kind", async () => {
  assert.deepEqual(new Set(rows.map(([call]) => call)), new Set(Object.keys(calls)));
  for (const [call, status, code, kind] of rows) {
    const [path, prepare] = calls[call];
    fresh();
    const make = await prepare();
    // A refused token is replaced once; the second refusal is final.
    for (let i = 0; i < 2; i++) next(path, Number(status), { error: { code, description: "CANARY" } });
    const error = await rejection(make());
    assert.deepEqual([call, error.code, error.status, error.kind], [call, code, Number(status), kind]);
    assert.equal(error.retryAfterMs, status === "429" ? 20_000 : undefined);
    assert.doesNotMatch(JSON.stringify(error) + String(error), /CANARY/);
  }
});

test("a Steam ticket of bytes signs in by both protocols, in Base64 or hexadecimal; a text is sent as it is", async () => {
  fresh();
  const xsolla = await client();
  const first = await xsolla.silentLogin(steam);
  assert.equal(first.outcome, "signed-in");
  assert.equal((await first.session.refresh()).player.playerId, USER);
  const second = await xsolla.silentLogin({ ...steam, encoding: "hex", protocol: "jwt", loginUrl: CALLBACK, fields: ["email", "bday"], payload: "p", logOutOthers: true });
  assert.equal(second.session.player.platformUserId, "765");
  await xsolla.silentLogin({ ...steam, ticket: "as-it-is", scopes: ["playfab"], audience: "a", existingOnly: true });
  const [oauth, , , jwt, verbatim] = asked;
  assert.equal(oauth.query.get("session_ticket"), "FAAA/w==");
  assert.deepEqual([oauth.query.get("is_redirect"), oauth.query.get("app_id"), oauth.query.get("state").length], ["false", "480", 32]);
  assert.equal(jwt.query.get("session_ticket"), "140000ff");
  assert.deepEqual(["projectId", "fields", "payload", "with_logout"].map((name) => jwt.query.get(name)), [SHADOW, "email,bday", "p", "1"]);
  assert.deepEqual(["session_ticket", "scope", "audience", "no_user_creation"].map((name) => verbatim.query.get(name)), ["as-it-is", "offline playfab", "a", "true"]);
});

test("Xbox, Epic and a platform of tomorrow sign in by their own fields", async () => {
  fresh();
  const xsolla = await client({ oauth: undefined });
  await xsolla.silentLogin({ platform: "xbox", xid: "2533", userHash: "u", xstsToken: "t" });
  await xsolla.silentLogin({ platform: "epicgames", exchangeCode: "e", deploymentId: "d" });
  await xsolla.silentLogin({ platform: "raw", platformName: "holo deck", ticket: "t", code: "c" });
  const tickets = asked.map(({ path, query }) => [path, query.get("session_ticket")]);
  assert.deepEqual(tickets, [
    ["/social/xbox/cross_auth", Buffer.from("2533-u;t").toString("base64")],
    ["/social/epicgames/cross_auth", Buffer.from("e").toString("base64")],
    ["/social/holo%20deck/cross_auth", "t"],
  ]);
});

test("what comes before a session is a result, not an error", async () => {
  fresh();
  const xsolla = await client();
  const url = "https://login-widget.xsolla.com/latest/ask?projectId=p";
  next("/oauth2/social/steam/cross_auth", 200, { login_url: url, ask_fields: [{ name: "email", required: true, type: "email", step: 1 }] });
  const needs = await xsolla.silentLogin(steam);
  assert.deepEqual(needs, {
    outcome: "needs-user-data",
    url,
    fields: [{ name: "email", required: true, kind: "email", step: 1 }],
    state: asked[0].query.get("state"),
  });
  const session = await xsolla.completeRedirect({ url: `${CALLBACK}?code=c&state=${needs.state}`, state: needs.state });
  assert.equal(session.player.playerId, USER);
  next("/oauth2/user", 204);
  assert.deepEqual(await xsolla.register(registration), { outcome: "needs-email-confirmation" });
});

test("a redirect may bring a token, and Xsolla Launcher one among the arguments", async () => {
  fresh();
  const xsolla = await client({ oauth: undefined });
  const token = jwt();
  assert.equal((await xsolla.completeRedirect(`${CALLBACK}?token=${token}`)).player.playerId, USER);
  assert.ok(await xsolla.restore());
  assert.equal((await rejection(xsolla.completeRedirect({ url: `${CALLBACK}?token=${token}`, state: "mine" }))).kind, "misuse");
  const denied = await rejection(xsolla.completeRedirect(`${CALLBACK}?error_code=010-026&error_description=denied`));
  assert.deepEqual([denied.code, denied.kind], ["010-026", "permission"]);
  assert.equal((await xsolla.sessionFromLauncher(["game", "--xsolla-login-token", token])).player.playerId, USER);
  assert.equal((await xsolla.sessionFromLauncher(["game", "--own", token], { name: "own" })).player.playerId, USER);
  assert.equal(await xsolla.sessionFromLauncher(["game"]), undefined);
  assert.equal(asked.length, 0);
});

test("social links are listed, begun at an address and removed", async () => {
  const open = await session();
  assert.deepEqual(await open.socialLinks(), [{ network: "google", socialId: "g-1" }]);
  assert.equal(await open.socialLinkUrl({ network: "vk", loginUrl: CALLBACK }), "https://login.xsolla.com/link");
  assert.equal(asked.at(-1).query.get("login_url"), CALLBACK);
  assert.equal(await open.removeSocialLink("google"), undefined);
  assert.equal(asked.at(-1).method, "DELETE");
});

test("arguments of a wrong type or over their limits are refused before anything is sent", async () => {
  const xsolla = await client();
  const open = await server({ trustedProjects: [{ projectId: MAIN, kind: "standard", algorithm: "RS256" }] });
  fresh();
  const refused = [
    [() => xsolla.silentLogin(undefined), "misuse"],
    [() => xsolla.silentLogin({ ...steam, ticket: undefined }), "misuse"],
    [() => xsolla.silentLogin({ ...steam, appId: undefined }), "misuse"],
    [() => xsolla.silentLogin({ ...steam, ticket: [1, 2] }), "misuse"],
    [() => xsolla.silentLogin({ ...steam, protocol: "saml" }), "misuse"],
    [() => xsolla.silentLogin({ ...steam, protocol: "jwt", fields: "email" }), "misuse"],
    [() => xsolla.silentLogin({ ...steam, protocol: "jwt", logOutOthers: 1 }), "misuse"],
    [() => xsolla.silentLogin({ platform: "xbox", xid: "", userHash: "u", xstsToken: "t" }), "misuse"],
    [() => xsolla.deviceLogin({ device: "toaster", model: "m", deviceId: "d" }), "misuse"],
    [() => xsolla.deviceLogin({ device: "ios", model: "m", deviceId: "d", protocol: "jwt" }), "misuse"],
    [() => xsolla.register({ ...registration, password: "short" }), "credentials"],
    [() => xsolla.register({ ...registration, username: "u".repeat(256) }), "credentials"],
    [() => xsolla.socialTokenLogin({ network: "google" }), "misuse"],
    [() => xsolla.sessionFromLauncher("--xsolla-login-token a.b.c"), "misuse"],
    [() => open.linkByCode({ code: 123456, ...xbox }), "misuse"],
    [() => open.linkByCode({ code: "", ...xbox }), "misuse"],
    [() => open.loginWithCustomId({ customId: "c".repeat(257) }), "misuse"],
    [() => open.loginWithCustomId({ customId: "c", attributes: { key: "a" } }), "misuse"],
    [() => open.loginWithCustomId({ customId: "c", attributes: [{ key: "a-b", value: 1 }] }), "misuse"],
    [() => open.loginWithCustomId({ customId: "c", attributes: [{ key: "a", value: 1, writer: "me" }] }), "misuse"],
    [() => open.linkingInfo(xbox), "misuse"],
    [() => open.linkingInfo([{ platform: "xbox" }]), "misuse"],
    [() => open.linkingInfo([{ platform: "xbox", platformUserId: 7 }]), "misuse"],
    [() => open.validateToken(), "misuse"],
    [() => open.validateToken(7), "misuse"],
    [() => open.projectKeys("44056"), "configuration"],
    [() => open.verifyToken("a.b.c"), "session-over"],
    [async () => (await server()).verifyToken(jwt()), "misuse"],
    [() => server({ trustedProjects: [{ projectId: MAIN, kind: "standard" }] }), "configuration"],
    [() => server({ trustedProjects: [{ projectId: MAIN, kind: "main", algorithm: "RS256" }] }), "configuration"],
    [() => server({ trustedProjects: [{ projectId: MAIN, kind: "standard", algorithm: "HS256" }] }), "configuration"],
    [async () => (await client({ oauth: undefined })).login({ username: "nova", password: "p" }), "configuration"],
  ];
  for (const [call, kind] of refused) assert.equal((await rejection(call())).kind, kind, String(call));
  assert.equal(asked.length, 0);
});

test("attributes and a payload go with a custom id", async () => {
  fresh();
  const attributes = [{ key: "gold", value: { coins: 5 } }, { key: "skin", value: "red", writer: "client", public: true, readOnly: false }];
  await (await server()).loginWithCustomId({ customId: "c", payload: "p", logOutOthers: true, attributes });
  const [, sent] = asked;
  assert.deepEqual(JSON.parse(sent.body).attributes, [
    { key: "gold", value: { coins: 5 }, attr_type: "server", permission: "private" },
    { key: "skin", value: "red", attr_type: "client", permission: "public", read_only: false },
  ]);
  assert.deepEqual([sent.query.get("payload"), sent.query.get("with_logout")], ["p", "1"]);
});

test("whose accounts are is asked fifty at a time and told in the order asked", async () => {
  fresh();
  const accounts = Array.from({ length: 51 }, (_, at) => ({ platform: "xbox", platformUserId: `x${at}` }));
  const row = ({ platform, user_id }) => ({ platform, user_id, xl_uid: user_id === "x50" ? USER : null, email: null });
  const path = "/users/linking_info";
  for (let i = 0; i < 2; i++) answers.push({ path, answer: (body) => [200, JSON.parse(body).users.map(row).reverse()] });
  const infos = await (await server()).linkingInfo(accounts);
  assert.deepEqual(infos, accounts.map((account, at) => (at === 50 ? { ...account, userId: USER } : account)));
  assert.deepEqual(asked.filter((sent) => sent.path === path).map((sent) => JSON.parse(sent.body).users.length), [50, 1]);
});

test("a player's token is verified by its signature, with the project's own algorithm", async () => {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
  const hex = (text) => Buffer.from(text, "base64url").toString("hex");
  const published = (key, kid) => {
    const { n, e } = key.export({ format: "jwk" });
    return { alg: "RS256", kty: "RSA", use: "sig", kid, n: hex(n), e: hex(e).replace(/^0/, "") };
  };
  const rs256 = (more, key = privateKey, header = { alg: "RS256", kid: "k" }) => {
    const message = `${encode(header)}.${encode(claims(more))}`;
    return `${message}.${createSign("RSA-SHA256").update(message).sign(key).toString("base64url")}`;
  };
  const hs256 = (secret, more) => {
    const message = `${encode({ alg: "HS256" })}.${encode(claims(more))}`;
    return `${message}.${createHmac("sha256", secret).update(message).digest("base64url")}`;
  };
  fresh();
  const keys = [published(publicKey, "k"), published(weak.publicKey, "weak")];
  const path = `/projects/${MAIN}/keys`;
  next(path, 200, keys);
  const xsolla = await server({
    trustedProjects: [
      { projectId: MAIN, kind: "standard", algorithm: "RS256" },
      { projectId: SHADOW, kind: "shadow", algorithm: "HS256", secret: "hs-secret" },
    ],
  });
  const good = rs256({ provider: "steam", id: "https://steamcommunity.com/openid/id/765", payload: "p" });
  const user = await xsolla.verifyToken(good);
  assert.deepEqual(user, {
    account: "main",
    token: good,
    userId: USER,
    projectId: MAIN,
    expiresAt: user.expiresAt,
    platform: "steam",
    platformUserId: "765",
    payload: "p",
  });
  assert.equal((await xsolla.verifyToken(rs256({ is_master: false }))).account, "platform");
  const shadow = { xsolla_login_project_id: SHADOW };
  assert.equal((await xsolla.verifyToken(hs256("hs-secret", shadow))).account, "platform");
  assert.equal(asked.length, 1, "the keys are kept");
  const expired = await rejection(xsolla.verifyToken(rs256({ exp: now() - 61 })));
  assert.deepEqual([expired.kind, expired.reason], ["session-over", "expired"]);
  const forged = [
    rs256({}, weak.privateKey),
    rs256({}, weak.privateKey, { alg: "RS256", kid: "weak" }),
    rs256({}, privateKey, { alg: "RS512", kid: "k" }),
    rs256({}, privateKey, { alg: "none", kid: "k" }),
    rs256({}, privateKey, { alg: "RS256", kid: "unknown" }),
    rs256({ iss: "https://login.xsolla.example" }),
    rs256({ xsolla_login_project_id: "00000000-0000-4000-8000-000000000000" }),
    rs256(shadow),
    hs256("hs-secret"),
    hs256("guessed", shadow),
    hs256(publicKey.export({ format: "pem", type: "spki" })),
    `${good.slice(0, -4)}AAAA`,
    good.split(".").slice(0, 2).join("."),
  ];
  for (const token of forged) {
    const error = await rejection(xsolla.verifyToken(token));
    assert.deepEqual([error.kind, error.reason], ["session-over", undefined], token);
  }
  next(path, 200, keys);
  const [jwk] = await xsolla.projectKeys(MAIN);
  assert.deepEqual(jwk, { ...publicKey.export({ format: "jwk" }), alg: "RS256", use: "sig", kid: "k" });
});

test("a session of the JWT protocol asks for a fresh platform ticket, once, and lives on", async () => {
  fresh();
  let tickets = 0;
  const platformTicket = async () => (tickets++, { ...steam, ticket: new Uint8Array([20, 0, 7]), encoding: "hex", protocol: "jwt" });
  const xsolla = await client({ oauth: undefined, platformTicket });
  const { session } = await xsolla.silentLogin({ ...steam, protocol: "jwt" });
  await session.refresh();
  assert.equal(session.getSnapshot().status, "signed-in");
  assert.equal(tickets, 1);
  assert.equal(asked.at(-1).query.get("session_ticket"), "140007");
  const wrong = await client({ platformTicket: "14" }).catch((error) => error);
  assert.equal(wrong.kind, "misuse");
});

test("without a ticket a session of the JWT protocol is what it was", async () => {
  for (const platformTicket of [async () => undefined, () => Promise.reject(new Error("no")), async () => ({ platform: "steam" })]) {
    fresh();
    const xsolla = await client({ oauth: undefined, platformTicket });
    const { session } = await xsolla.silentLogin({ ...steam, protocol: "jwt" });
    const error = await session.refresh().catch((error) => error);
    assert.equal(error.kind, "session-over");
    assert.ok(await session.accessToken(), "it is valid still");
    assert.equal(asked.length, 1);
  }
});

test("a password signs in by the JWT protocol where there is no OAuth 2.0 client", async () => {
  fresh();
  const xsolla = await client({ oauth: undefined });
  const { outcome, session } = await xsolla.passwordLogin({ username: "nova", password: "p", protocol: "jwt", loginUrl: CALLBACK });
  assert.equal(outcome, "signed-in");
  assert.equal(session.player.playerId, USER);
  const [{ method, path, query, body }] = asked;
  assert.deepEqual([method, path, query.get("projectId"), query.get("login_url")], ["POST", "/login", SHADOW, CALLBACK]);
  assert.deepEqual(JSON.parse(body), { username: "nova", password: "p" });
});
