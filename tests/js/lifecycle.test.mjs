// What a program of a user sees of a session's life in JavaScript: many calls at once, calls from inside listeners,
// hanging services, secrets, and a process that has nothing more to do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { load, node } from "./support/consumer.mjs";
import { createServices, rallyhereOptions } from "./support/services.mjs";

const { createRallyHereClient, isPlayerLinkError, memoryStore } = await load();
const steam = { grant: "steam", ticket: "14000000ab" };

const signIn = async (options = {}) => {
  const services = createServices();
  const rallyhere = await createRallyHereClient({ ...rallyhereOptions(services), ...options });
  return { services, rallyhere, session: await rallyhere.login(steam) };
};
const renamed = (name) => ({
  access_token: `token-of-${name}`,
  token_type: "Bearer",
  expires_in: 3600,
  refresh_token: `refresh-of-${name}`,
  active_player_uuid: "00000000-0000-4000-8000-000000000001",
  person_id: "00000000-0000-4000-8000-000000000002",
  platform: "Steam",
  portal_user_id: "76561190000000001",
  display_name: name,
});

test("R2: a thousand calls at once neither trap nor get in each other's way", async () => {
  const { services, rallyhere, session } = await signIn();
  const calls = Array.from({ length: 1000 }, (_, index) => {
    switch (index % 8) {
      case 0:
        return session.accessToken();
      case 1:
        return session.refresh();
      case 2:
        return session.fetch("http://127.0.0.1:9/game").then((response) => response.status);
      case 3:
        return rallyhere.restore();
      case 4:
        return session.links();
      case 5:
        return session.accessToken({ signal: AbortSignal.timeout(1) }).catch((error) => error.kind);
      case 6:
        return Promise.resolve(session.getSnapshot()).then((snapshot) => session.subscribe(() => snapshot)());
      default:
        return session.verify();
    }
  });
  const results = await Promise.allSettled(calls);
  const failed = results.filter(({ status }) => status === "rejected").map(({ reason }) => reason.kind);
  assert.ok(failed.every((kind) => kind !== "internal"), failed.join());
  assert.deepEqual(failed, []);
  assert.equal(session.getSnapshot().status, "signed-in");
  assert.ok(services.sent("/users/v1/login").length < 30, "the refreshes were shared");
});

test("R5: twenty refreshes at once are one request", async () => {
  const { services, session } = await signIn();
  const before = services.sent("/users/v1/login").length;
  await Promise.all(Array.from({ length: 20 }, () => session.refresh()));
  assert.equal(services.sent("/users/v1/login").length, before + 1);
});

test("R27: a service that never answers is given up at the deadline, and its request aborted", async () => {
  const { services, session } = await signIn({ deadlineMs: 1000 });
  let aborted = 0;
  services.hang((signal) => signal.addEventListener("abort", () => aborted++));
  const error = await session.refresh().catch((error) => error);
  assert.equal(error.kind, "timeout");
  assert.equal(aborted, services.requests.length - services.answered());
  assert.ok(aborted > 0);
});

test("R27: after two hundred refreshes an open session holds nothing that keeps a process alive", async () => {
  const program = `
    import { createRallyHereClient } from "playerlink";
    import { createServices, rallyhereOptions } from "./services.mjs";
    const services = createServices();
    const rallyhere = await createRallyHereClient(rallyhereOptions(services));
    const session = await rallyhere.login({ grant: "steam", ticket: "14000000ab" });
    session.subscribe(() => {});
    for (let i = 0; i < 200; i++) await session.refresh();
    services.next("/users/v1/login", 500, {});
    await session.refresh().catch(() => {});
    await new Promise((done) => setImmediate(done));
    console.log(JSON.stringify(process.getActiveResourcesInfo().filter((name) => name === "Timeout")));`;
  // Resources that keep no process alive, as the session's own timer, are not in that list; and the process has ended.
  assert.equal(await node("--input-type=module", "--eval", program), "[]\n");
});

test("R31: everything a session has can be awaited inside a listener", async () => {
  const { services, rallyhere, session } = await signIn();
  const done = [];
  let heard;
  const finished = new Promise((resolve) => (heard = resolve));
  const stop = session.subscribe(async ({ player }) => {
    stop();
    done.push(player.displayName);
    done.push(typeof (await session.accessToken()));
    done.push((await session.refresh()).changed);
    done.push((await session.fetch("http://127.0.0.1:9/game")).status);
    done.push((await rallyhere.restore()) !== undefined);
    done.push(session.getSnapshot().status);
    const inner = session.subscribe(() => inner());
    done.push((await session.logout()).revoked);
    session.close();
    heard();
  });
  services.next("/users/v1/login", 200, renamed("Renamed"));
  await session.refresh();
  await finished;
  assert.deepEqual(done, ["Renamed", "string", false, 200, true, "signed-in", true]);
});

test("R32: no secret is in a log, an error, a snapshot, the console or what inspecting a session shows", async (t) => {
  const shown = [];
  for (const name of ["log", "info", "warn", "error", "debug", "trace"]) {
    t.mock.method(console, name, (...args) => shown.push(...args.map(String)));
  }
  const entries = [];
  const store = memoryStore();
  const { services, rallyhere, session } = await signIn({ store, log: (entry) => entries.push(entry), deadlineMs: 1000 });
  const secrets = ["14000000ab", "embedded", "CANARY"];
  secrets.push(await session.accessToken());
  services.next("/users/v1/login", 200, { ...renamed("Nova"), access_token: "CANARY-access", refresh_token: "CANARY-refresh" });
  await session.refresh();
  session.subscribe((snapshot) => shown.push(JSON.stringify(snapshot)));
  const echo = "CANARY-access CANARY-refresh";
  const errors = [];
  const fails = async (call) => errors.push(await call.then(() => assert.fail("it worked"), (error) => error));
  for (const [status, body] of [
    [403, { auth_success: false, error_code: "of_tomorrow", desc: echo }],
    [500, { desc: echo }],
    [422, { detail: [{ loc: ["body", "portal_access_token"], msg: "field required", type: "value_error.missing", input: echo, ctx: { given: echo } }] }],
    [200, { access_token: 7, note: echo }],
    [403, { auth_success: false, error_code: "refresh_token_not_found", desc: echo }],
  ]) {
    services.next("/users/v1/login", status, body);
    services.next("/users/v1/login", status, body);
    await fails(session.refresh());
    await fails(rallyhere.login(steam));
  }
  await fails(session.accessToken({ signal: AbortSignal.abort("CANARY") }));
  for (const error of errors) {
    assert.ok(isPlayerLinkError(error));
    shown.push(inspect(error, { showHidden: true, depth: 20, getters: true }), JSON.stringify(error), error.stack, String(error));
  }
  shown.push(inspect(session, { showHidden: true, depth: 6 }), JSON.stringify(session), JSON.stringify(session.getSnapshot()));
  shown.push(inspect(rallyhere, { showHidden: true, depth: 4 }), JSON.stringify(entries));
  await session.logout();
  assert.ok(shown.length > 30 && entries.length > 0);
  for (const text of shown) {
    for (const secret of secrets) assert.ok(!String(text).includes(secret), `${secret} in ${String(text).slice(0, 400)}`);
  }
});

test("R33: the log is off until one is given, and gets time, number, level, event and fields of each entry", async (t) => {
  const shown = t.mock.method(console, "log", () => {});
  const quiet = await signIn();
  quiet.services.next("/users/v1/login", 500, {});
  await quiet.session.refresh().catch(() => {});
  assert.equal(shown.mock.callCount(), 0);
  const entries = [];
  const { services, session } = await signIn({ log: (entry) => entries.push(entry) });
  services.next("/users/v1/login", 500, {});
  await session.refresh().catch(() => {});
  services.next("/users/v1/login", 500, {});
  await session.refresh().catch(() => {});
  const [first, second] = entries.filter(({ event }) => event === "refresh-failed");
  const { at, seq, ...refused } = first;
  assert.ok(Number.isInteger(at) && Math.abs(Date.now() - at) < 60_000);
  assert.deepEqual(refused, { level: "info", event: "refresh-failed", fields: { kind: "service", refresh: "1" } });
  assert.equal(second.fields.refresh, "2", "another refresh");
  assert.deepEqual(entries.map((entry) => entry.seq), entries.map((_, index) => index + 1));
  assert.ok(second.seq > seq && second.at >= at);
});
