// Several accounts on a device, fresh platform tickets, changed players, and how a session ends.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support/consumer.mjs";
import { createServices, rallyhereOptions } from "./support/services.mjs";

const { createRallyHereClient, memoryStore } = await load();
const LOGIN = "/users/v1/login";
const steam = { grant: "steam", ticket: "14000000ab" };
const turn = () => new Promise((done) => setImmediate(done));

const signIn = async (options = {}) => {
  const services = createServices();
  const store = memoryStore();
  const rallyhere = await createRallyHereClient({ ...rallyhereOptions(services), store, ...options });
  return { services, store, rallyhere, session: await rallyhere.login(steam) };
};
const second = { active_player_uuid: "p-2", person_id: "q-2", portal_user_id: "2", display_name: "Vega" };

test("R44: the accounts on a device can be listed, restored one by one, and made the active one", async () => {
  const { services, rallyhere, session: nova } = await signIn();
  services.next(LOGIN, 200, services.login(second));
  const vega = await rallyhere.login(steam);
  const names = async () => (await rallyhere.accounts()).map(({ player, active }) => [player.displayName, active]);
  assert.deepEqual(await names(), [["Vega", true], ["Nova", false]]);
  await nova.makeActive();
  assert.deepEqual(await names(), [["Nova", true], ["Vega", false]]);
  assert.equal((await rallyhere.restore())?.player?.displayName, "Nova");
  const { id } = (await rallyhere.accounts())[1];
  assert.equal((await rallyhere.restore({ account: id }))?.player?.displayName, "Vega");
  assert.equal(await rallyhere.restore({ account: "nobody" }), undefined);
  await vega.logout();
  assert.deepEqual(await names(), [["Nova", true]]);
});

test("R28: the new calls take a signal, too", async () => {
  const { services, rallyhere, session } = await signIn();
  const before = services.requests.length;
  const options = { signal: AbortSignal.abort() };
  for (const call of [
    () => rallyhere.accounts(options),
    () => rallyhere.restore({ account: "x", ...options }),
    () => rallyhere.beginOauth({ portal: "steam" }, options),
    () => rallyhere.completeOauth({ code: "c" }, options),
    () => session.makeActive(options),
  ]) {
    const error = await call().catch((error) => error);
    assert.equal(error.kind, "cancelled");
  }
  assert.equal(services.requests.length, before);
});

test("a session that can no longer be refreshed asks for a fresh platform ticket, once, and lives on", async () => {
  const asked = [];
  const platformTicket = async () => (asked.push("asked"), { grant: "steam", ticket: "14000000cd" });
  const { services, session } = await signIn({ platformTicket });
  services.next(LOGIN, 401, { auth_success: false, error_code: "refresh_token_not_found", desc: "" });
  await session.refresh();
  assert.equal(session.getSnapshot().status, "signed-in");
  assert.deepEqual(asked, ["asked"]);
  const last = JSON.parse(services.sent(LOGIN).at(-1).body);
  assert.deepEqual([last.grant_type, last.portal_access_token], ["steam", "14000000cd"]);
});

test("without a ticket, or with one that is none, the session is over with its token", async (t) => {
  for (const platformTicket of [
    undefined,
    async () => undefined,
    async () => Promise.reject(new Error("no")),
    () => {
      throw new Error("no");
    },
    async () => "14000000cd",
    async () => ({ grant: "steam" }),
  ]) {
    const { services, session } = await signIn({ platformTicket });
    const before = services.sent(LOGIN).length;
    services.next(LOGIN, 401, { auth_success: false, error_code: "refresh_token_not_found", desc: "" });
    const error = await session.refresh().catch((error) => error);
    assert.equal(error.kind, "session-over", String(platformTicket));
    assert.ok(await session.accessToken(), "the last token serves while it is valid");
    const { now } = Date;
    const clock = t.mock.method(Date, "now", () => now() + 7_200_000);
    assert.equal((await session.accessToken().catch((error) => error)).kind, "session-over");
    assert.equal(session.getSnapshot().status, "signed-out");
    clock.mock.restore();
    assert.equal(services.sent(LOGIN).length, before + 1);
  }
  const error = await signIn({ platformTicket: "14000000cd" }).catch((error) => error);
  assert.equal(error.kind, "misuse");
});

test("R30: a changed player is told once, with both; a new name alone is none", async () => {
  const { services, session } = await signIn();
  const heard = [];
  const stop = session.onPlayerChanged((change) => heard.push(change));
  const before = session.player;
  services.next(LOGIN, 200, services.login({ display_name: "Renamed" }));
  await session.refresh();
  services.next(LOGIN, 200, services.login({ ...second, portal_user_id: before.platformUserId }));
  await session.refresh();
  services.next(LOGIN, 200, services.login({ ...second, portal_user_id: before.platformUserId }));
  await session.refresh();
  await turn();
  assert.deepEqual(heard, [{ previous: before, player: session.player }]);
  assert.equal(session.player.playerId, "p-2");
  stop();
  await session.refresh();
  await turn();
  assert.equal(heard.length, 1);
});

test("R31: whatever a listener awaits resolves", async () => {
  const { services, session, rallyhere } = await signIn();
  const done = new Promise((resolve, reject) => {
    const stop = session.onPlayerChanged(async () => {
      stop(); // the refresh below brings the first player back
      try {
        await session.accessToken();
        await session.refresh();
        await session.makeActive();
        await rallyhere.accounts();
        await rallyhere.restore();
        await session.logout();
        await session[Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]();
        resolve("done");
      } catch (error) {
        reject(error);
      }
    });
  });
  services.next(LOGIN, 200, services.login(second));
  await session.refresh();
  assert.equal(await done, "done");
});

test("R45: disposing waits until a refresh that was sent is stored", async () => {
  let answer;
  const services = createServices();
  const held = new Promise((resolve) => (answer = resolve));
  let hold = false;
  const fetch = async (...args) => {
    const response = await services.fetch(...args);
    if (hold) await held;
    return response;
  };
  const store = memoryStore();
  const rallyhere = await createRallyHereClient({ ...rallyhereOptions(services), store, fetch });
  const session = await rallyhere.login(steam);
  const { id } = (await rallyhere.accounts())[0];
  hold = true;
  session.refresh().catch(() => {});
  while (services.sent(LOGIN).length < 2) await turn();
  let disposed = false;
  const disposing = session[Symbol.asyncDispose ?? Symbol.for("Symbol.asyncDispose")]().then(() => (disposed = true));
  for (let i = 0; i < 5; i++) await turn();
  assert.equal(disposed, false);
  answer();
  await disposing;
  hold = false;
  const next = await (await createRallyHereClient({ ...rallyhereOptions(services), store })).restore({ account: id });
  await next.refresh();
  const sent = services.sent(LOGIN).map(({ body }) => JSON.parse(body).portal_access_token);
  assert.notEqual(sent.at(-1), sent.at(-2), "the refresh token that was sent is spent; the next one was stored");
});

test("R22: the revoke request asks fetch to outlive the page, and no other does", async () => {
  const seen = [];
  const services = createServices();
  const fetch = (url, init) => {
    seen.push([new URL(url).pathname, init.keepalive]);
    return services.fetch(url, init);
  };
  const rallyhere = await createRallyHereClient({ ...rallyhereOptions(services), fetch });
  const session = await rallyhere.login(steam);
  await session.refresh();
  assert.deepEqual(await session.logout(), { revoked: true });
  assert.deepEqual(seen, [[LOGIN, undefined], [LOGIN, undefined], ["/users/v1/logout", true]]);
});
