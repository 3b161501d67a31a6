// The rules the skin itself keeps: snapshots, listeners, signals, the fetch that attaches the token, errors.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load, node } from "./support/consumer.mjs";
import { createServices, rallyhereOptions, xsollaOptions } from "./support/services.mjs";

const { createRallyHereClient, createXsollaClient, isPlayerLinkError, memoryStore } = await load();
const steam = { grant: "steam", ticket: "14000000ab" };
const game = "http://127.0.0.1:9/game";

const signIn = async (options = {}) => {
  const services = createServices();
  const rallyhere = await createRallyHereClient({ ...rallyhereOptions(services), ...options });
  return { services, rallyhere, session: await rallyhere.login(steam) };
};
const rejection = async (promise) => {
  const error = await promise.then(
    () => assert.fail("it should have been rejected"),
    (error) => error,
  );
  assert.ok(isPlayerLinkError(error), String(error));
  return error;
};
const turn = () => new Promise((done) => setImmediate(done));

test("a session knows the player", async () => {
  const { session } = await signIn();
  assert.deepEqual(session.player, {
    playerId: "00000000-0000-4000-8000-000000000001",
    personId: "00000000-0000-4000-8000-000000000002",
    platform: "Steam",
    platformUserId: "76561190000000001",
    displayName: "Nova",
  });
  assert.equal(session.service, "rallyhere");
});

test("R30: the snapshot is the same object until something changes", async () => {
  const { session } = await signIn();
  const first = session.getSnapshot();
  await session.accessToken();
  assert.equal(session.getSnapshot(), first);
  assert.equal(first.status, "signed-in");
  await session.logout();
  assert.notEqual(session.getSnapshot(), first);
  assert.equal(session.getSnapshot(), session.getSnapshot());
  assert.equal(session.getSnapshot().status, "signed-out");
});

test("R30: a listener hears what changes until it stops, and one that throws does not keep others from it", async () => {
  // In a process of its own: what a listener throws is an uncaught exception there, as it would be for the user.
  const heard = JSON.parse(await node("node-esm/listeners.mjs"));
  assert.deepEqual(heard, { heard: "signed-out", thrown: "listener", afterStop: 0 });
});

// A token that was just issued is not replaced because of what a game's own server says.
const later = (t) => {
  const now = Date.now;
  t.mock.method(Date, "now", () => now() + 120_000);
};

test("R7: a refused token is replaced, and the request replayed once with the same body", async (t) => {
  const { services, session } = await signIn();
  services.revoke();
  later(t);
  const response = await session.fetch(game, { method: "POST", body: "save", headers: { "x-save": "1" } });
  assert.deepEqual(await response.json(), { saved: true });
  const [first, second, ...more] = services.sent("/game");
  assert.deepEqual(more, []);
  assert.deepEqual([first.body, second.body], ["save", "save"]);
  assert.deepEqual([first.headers["x-save"], second.headers["x-save"]], ["1", "1"]);
  assert.notEqual(first.headers.authorization, second.headers.authorization);
});

test("R7: a token that is refused again is not replayed again", async (t) => {
  const { services, session } = await signIn();
  later(t);
  for (let i = 0; i < 3; i++) services.next("/game", 401, { auth_success: false, error_code: "auth_token_expired", desc: "" });
  const response = await session.fetch(game);
  assert.equal(response.status, 401);
  assert.equal(services.sent("/game").length, 2);
});

test("a refusal that is not about the token comes back as it is, with its body", async () => {
  const { services, session } = await signIn();
  services.next("/game", 403, { auth_success: true, error_code: "insufficient_permissions", desc: "no" });
  const response = await session.fetch(game);
  assert.equal(response.status, 403);
  assert.equal((await response.json()).error_code, "insufficient_permissions");
  assert.equal(services.sent("/game").length, 1);
});

test("R7: a stream is never replayed", async () => {
  const { services, session } = await signIn();
  services.revoke();
  const body = new Blob(["save"]).stream();
  const response = await session.fetch(game, { method: "POST", body, duplex: "half" });
  assert.equal(response.status, 403);
  assert.equal(services.sent("/game").length, 1);
});

test("a Request is sent as it is, with the token attached", async () => {
  const { services, session } = await signIn();
  const response = await session.fetch(new Request(game, { headers: { "x-save": "1" } }));
  assert.equal(response.status, 200);
  assert.equal(services.sent("/game")[0].headers["x-save"], "1");
});

test("R40: the token never goes over plain http to another machine", async () => {
  const { services, session } = await signIn();
  const error = await rejection(session.fetch("http://game.example/game"));
  assert.equal(error.kind, "misuse");
  assert.equal(services.sent("/game").length, 0);
});

test("outside a page a relative URL is misuse", async () => {
  const { services, session } = await signIn();
  assert.equal((await rejection(session.fetch("/game"))).kind, "misuse");
  assert.equal(services.sent("/game").length, 0);
});

test("R28: a signal that is aborted already sends nothing", async () => {
  const { services, rallyhere, session } = await signIn();
  const before = services.requests.length;
  const options = { signal: AbortSignal.abort() };
  for (const call of [
    () => rallyhere.login(steam, options),
    () => rallyhere.restore(options),
    () => rallyhere.publicKeys(options),
    () => session.accessToken(options),
    () => session.refresh(options),
    () => session.verify(options),
    () => session.links(undefined, options),
    () => session.unlink(undefined, options),
    () => session.fetch(game, options),
    () => session.logout(options),
  ]) {
    assert.equal((await rejection(call())).kind, "cancelled");
  }
  assert.equal(services.requests.length, before);
  assert.equal(session.getSnapshot().status, "signed-in");
});

test("R28: aborting ends a login that waits for its answer", async () => {
  const services = createServices();
  const rallyhere = await createRallyHereClient(rallyhereOptions(services));
  services.hang();
  const controller = new AbortController();
  const login = rejection(rallyhere.login(steam, { signal: controller.signal }));
  await turn();
  controller.abort("any reason, not even an Error");
  assert.equal((await login).kind, "cancelled");
});

test("missing agreements say which, and the next login accepts them", async () => {
  const services = createServices();
  const rallyhere = await createRallyHereClient(rallyhereOptions(services));
  services.next("/users/v1/login", 403, { auth_success: true, error_code: "user_needs_agreements", desc: "", needs_eula: true });
  const error = await rejection(rallyhere.login(steam));
  assert.equal(error.kind, "agreements");
  assert.deepEqual(error.agreements, { eula: true, termsOfService: false, privacyPolicy: false });
  await rallyhere.login({ ...steam, accept: { eula: true } });
  const { accept_eula, accept_tos } = JSON.parse(services.sent("/users/v1/login").at(-1).body);
  assert.deepEqual([accept_eula, Boolean(accept_tos)], [true, false]);
});

test("R29: an error is an Error with the service's code, and its JSON can be logged", async () => {
  const services = createServices();
  const rallyhere = await createRallyHereClient(rallyhereOptions(services));
  services.next("/users/v1/login", 403, { auth_success: false, error_code: "code_of_tomorrow", desc: steam.ticket });
  const error = await rejection(rallyhere.login(steam));
  assert.ok(error instanceof Error);
  assert.deepEqual([error.name, error.code, error.status], ["PlayerLinkError", "code_of_tomorrow", 403]);
  const logged = JSON.stringify(error);
  assert.deepEqual(JSON.parse(logged).code, "code_of_tomorrow");
  assert.doesNotMatch(logged + String(error) + error.stack, /14000000ab|embedded/);
});

test("R29: other errors are not taken for ours", () => {
  for (const value of [new Error("x"), { kind: "misuse" }, undefined, null, "misuse"]) assert.equal(isPlayerLinkError(value), false);
});

test("R29: no answer is an error of kind network, whatever fetch rejects with", async () => {
  for (const reason of [new TypeError("fetch failed"), "text", undefined]) {
    const fetch = () => Promise.reject(reason);
    const rallyhere = await createRallyHereClient({ ...rallyhereOptions({ fetch }), retries: false });
    assert.equal((await rejection(rallyhere.login(steam))).kind, "network");
  }
});

test("restore finds the session in the store, and nothing after a logout", async () => {
  const store = memoryStore();
  const { services, session } = await signIn({ store });
  const restored = await (await createRallyHereClient({ ...rallyhereOptions(services), store })).restore();
  assert.deepEqual(restored?.player, session.player);
  await restored.logout();
  assert.equal(await (await createRallyHereClient({ ...rallyhereOptions(services), store })).restore(), undefined);
});

test("R33: what a log throws does not end a sign-in, and it never sees a secret", async () => {
  const entries = [];
  const log = (entry) => {
    entries.push(entry);
    throw new Error("log");
  };
  const { session } = await signIn({ log });
  const token = await session.accessToken();
  const text = JSON.stringify(entries);
  for (const secret of [steam.ticket, token, "embedded", "refresh-"]) assert.ok(!text.includes(secret), secret);
});

test("R45: a closed session says so", async () => {
  const { session } = await signIn();
  const last = session.getSnapshot();
  session.close();
  session.close();
  assert.equal((await rejection(session.accessToken())).kind, "misuse");
  assert.equal((await rejection(session.fetch(game))).kind, "misuse");
  assert.equal(session.getSnapshot(), last);
});

test("RallyHere's calls answer in the shapes their types say", async () => {
  const { session, rallyhere } = await signIn();
  const uuid = (last) => `00000000-0000-4000-8000-00000000000${last}`;
  const restriction = { type: "account_ban", reason: "fraud", expiresAt: Date.UTC(2030, 0, 1) };
  const account = { platform: "Steam", platformUserId: "76561190000000001", playerId: uuid(1) };
  const links = { playerId: uuid(1), personId: uuid(2), accounts: [account] };
  assert.equal(await session.verify(), undefined);
  assert.deepEqual(await session.links(), links);
  assert.deepEqual(await session.links({ playerId: uuid(1) }), links);
  assert.deepEqual(await session.restrictions({ of: "person" }), [restriction]);
  assert.deepEqual(await session.restrictions({ of: "player" }), [restriction]);
  const unchanged = { changed: true, playerChanged: false, player: session.player };
  assert.deepEqual(await session.enableCrossProgression({ platform: "XboxLive", platformUserId: "2533" }), unchanged);
  assert.deepEqual(await session.disableCrossProgression(), unchanged);
  assert.deepEqual(await session.link({ leaderAccessToken: "other" }), unchanged);
  assert.deepEqual(await session.unlink(), unchanged);
  const result = await session.loginResult();
  assert.deepEqual([result.permissions, result.parent], [["user:restriction:read:self"], undefined]);
  assert.deepEqual(await session.refresh(), { changed: false, player: session.player });

  const key = { kid: "1", kty: "RSA", n: "AQAB", e: "AQAB" };
  assert.deepEqual(await rallyhere.publicKeys(), [key]);
  assert.deepEqual(await rallyhere.publicKey("1"), key);
  assert.deepEqual(await rallyhere.portalTokenDetails({ grant: "ps5_v3", token: "t" }), { env: "np" });
  const { accessToken, expiresInMs, permissions } = await rallyhere.oauthClientToken();
  assert.deepEqual([typeof accessToken, expiresInMs, permissions], ["string", 60_000, []]);
  assert.equal(typeof (await rallyhere.clientToken()).accessToken, "string");
  assert.equal(
    rallyhere.oauthLoginUrl({ portal: "xbox", state: "a b" }),
    "http://127.0.0.1:9/users/v1/oauth/login/xbox?state=a%20b",
  );
});

test("a refresh after a change outside lets no token of before out: not while it lasts, not when it fails", async () => {
  const first = await signIn();
  const before = await first.session.accessToken();
  const refreshing = first.session.refresh({ playerMayHaveChanged: true });
  const meanwhile = first.session.accessToken();
  assert.deepEqual(await refreshing, { changed: false, player: first.session.player });
  assert.notEqual(await meanwhile, before, "who asked meanwhile waited");

  const { services, session } = await signIn();
  services.next("/users/v1/login", 503, {});
  services.next("/users/v1/login", 503, {});
  await rejection(session.refresh());
  assert.equal(typeof (await session.accessToken()), "string", "a refresh that fails costs no token that is valid");
  const error = await rejection(session.refresh({ playerMayHaveChanged: true }));
  assert.equal(error.kind, "session-stale");
  assert.equal((await rejection(session.accessToken())).kind, "session-stale");
  const wrong = await rejection(session.refresh({ playerMayHaveChanged: "yes" }));
  assert.equal(wrong.kind, "misuse");
});

test("a switch back to an account that is linked already is no error, and says why nothing changed", async () => {
  const { services, session } = await signIn();
  const desc = "already";
  services.next("/users/v1/cross-progression/enable", 400, { error_code: "already_cross_progression_player", desc });
  const { changed, code } = await session.enableCrossProgression();
  assert.deepEqual([changed, code], [false, "already_cross_progression_player"]);
});

test("Xsolla: a password sign-in, a linking code with its leading zero, a token from elsewhere", async () => {
  const services = createServices();
  const xsolla = await createXsollaClient(xsollaOptions(services));
  const session = await xsolla.login({ username: "nova", password: "secret" });
  assert.equal(session.service, "xsolla");
  const { code, groups, requestedAtMs } = await session.createLinkingCode();
  assert.equal(code, "012345");
  assert.equal(groups.join(""), code);
  assert.ok(Math.abs(requestedAtMs - Date.now()) < 60_000);
  assert.deepEqual(await session.profile(), { id: session.player.playerId, nickname: "Nova" });
  const handed = await xsolla.sessionFromToken(await session.accessToken());
  assert.equal(handed.player?.playerId, session.player?.playerId);
});
