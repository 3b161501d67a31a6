// What the driver does of what the machine says: requests, one timer, listeners, and nothing after `dispose()`.
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { load, node } from "../support/consumer.mjs";

const { loadLinking, linkingSource } = await load("playerlink/linking");
const core = await loadLinking();
const CODE = "730519";

// Virtual time: timers and both clocks.
mock.timers.enable({ apis: ["setTimeout", "Date"], now: 1_700_000_000_000 });
mock.method(performance, "now", () => Date.now() - 1_699_999_000_000);
const settle = () => new Promise((done) => setImmediate(done));
const run = async (ms) => {
  for (let left = ms; left > 0; left -= 250) {
    mock.timers.tick(Math.min(left, 250));
    await settle();
  }
};

const source = (more = {}) => {
  const calls = [];
  const noted = (name, answer) => async (options) => {
    calls.push(name);
    assert.ok(options.signal instanceof AbortSignal);
    return typeof answer === "function" ? answer(options, calls) : answer;
  };
  const made = { requestCode: noted("requestCode", { code: CODE, expiresInMs: 300_000 }) };
  for (const [name, answer] of Object.entries(more)) {
    made[name] = ["status", "links", "refresh", "revoke", "requestCode"].includes(name) ? noted(name, answer) : answer;
  }
  return Object.assign(made, { calls });
};

const watch = (linking) => {
  const seen = [];
  const linked = [];
  linking.subscribe((snapshot) => seen.push(snapshot));
  linking.onLinked((news) => linked.push(news));
  return { seen, linked };
};

test("nothing is asked before start, and nothing after dispose", async () => {
  const from = source({ status: "pending" });
  const linking = core.createLinking(from);
  const { seen } = watch(linking);
  await run(600_000);
  assert.deepEqual([from.calls, seen.map(({ state }) => state)], [[], ["idle"]]);
  linking.start();
  await run(10_000);
  assert.equal(linking.snapshot.code, CODE);
  linking.dispose();
  const { length } = from.calls;
  const told = seen.length;
  linking.start();
  linking.newCode();
  await run(3_600_000);
  assert.deepEqual([from.calls.length, seen.length, linking.snapshot.state, linking.snapshot.code], [length, told, "cancelled", undefined]);
});

test("a link by status is refreshed, and told once with who the player is", async () => {
  let linkedYet = false;
  const from = source({
    status: () => (linkedYet ? { linked: { platform: "XboxLive", displayName: "Nova" } } : "pending"),
    refresh: { playerChanged: true },
  });
  const linking = core.createLinking(from, { accountName: "Nova", format: "digits6" });
  const { seen, linked } = watch(linking);
  linking.start();
  await run(5_000);
  linkedYet = true;
  await run(60_000);
  assert.deepEqual(linked, [{ platform: "XboxLive", displayName: "Nova", evidence: "status", playerChanged: true }]);
  assert.equal(linking.snapshot.refresh, "done");
  assert.equal(from.calls.filter((name) => name === "refresh").length, 1);
  const revisions = seen.map(({ revision }) => revision);
  assert.deepEqual(revisions, [...new Set(revisions)].sort((a, b) => a - b), "each revision once, and in order");
  linking.dispose();
});

test("snapshots are counted down by the second and stay the same object in between", async () => {
  const linking = core.createLinking(source());
  const { seen } = watch(linking);
  linking.start();
  await run(1_000);
  const before = linking.snapshot;
  assert.equal(linking.snapshot, before);
  const { length } = seen;
  await run(10_000);
  assert.ok([9, 10, 11].includes(seen.length - length), `${seen.length - length}`);
  assert.ok(linking.snapshot.expiresInMs < before.expiresInMs);
  assert.ok(linking.snapshot.progress > 0.9 && linking.snapshot.progress < 1);
  linking.dispose();
});

test("X1 and X3: no log and no failure of a source brings the code anywhere", async () => {
  const logged = [];
  const log = mock.method(console, "warn", (...args) => logged.push(JSON.stringify(args)));
  const from = source({
    requestCode: { code: CODE, expiresInMs: 30_000 },
    status: () => {
      throw Object.assign(new Error(`the code ${CODE} failed`), { kind: "configuration", code: CODE });
    },
  });
  const linking = core.createLinking(from, { format: "digits8" });
  const { seen } = watch(linking);
  linking.start();
  await run(10_000);
  assert.equal(linking.snapshot.state, "failed");
  assert.ok(!JSON.stringify(linking.snapshot).includes(CODE));
  assert.deepEqual(logged.map((text) => /linking-[a-z-]+/.exec(text)[0]), ["linking-format-mismatch", "linking-short-lifetime"]);
  assert.ok(!logged.join().includes(CODE));
  assert.ok(seen.every(({ state, code }) => code === undefined || ["active", "expiring", "renewing"].includes(state)));
  log.mock.restore();
  linking.dispose();
});

test("what a source rejects with is understood by its kind, its name or its status", async () => {
  const rejected = async (error) => {
    const linking = core.createLinking(source({ requestCode: () => { throw error; } }));
    linking.start();
    await run(20_000);
    const { state, error: problem } = linking.snapshot;
    linking.dispose();
    return [state, problem?.kind, problem?.retryable];
  };
  assert.deepEqual(await rejected(Object.assign(new Error(), { kind: "busy", retryAfterMs: 60_000 })), ["limited", "busy", true]);
  assert.deepEqual(await rejected(Object.assign(new Error(), { kind: "session-over" })), ["failed", "session-over", false]);
  assert.deepEqual(await rejected({ status: 429 }), ["limited", "busy", true]);
  assert.deepEqual(await rejected({ status: 401 }), ["failed", "session-over", false]);
  assert.deepEqual(await rejected(new TypeError("Failed to fetch")), ["failed", "network", true]);
  assert.deepEqual(await rejected(new SyntaxError("<html>")), ["failed", "protocol", true]);
  assert.deepEqual(await rejected(undefined), ["failed", "service", true]);
  const conflict = Object.assign(new Error(), { kind: "conflict", code: "platform_already_linked" });
  assert.deepEqual(await rejected(conflict), ["failed", "conflict", false]);
});

test("answers that are no answers count as failures, and harm nothing", async () => {
  const cyclic = {};
  cyclic.self = cyclic;
  for (const answer of [undefined, null, 5, "x", [], {}, { code: "" }, { code: null }, { code: 10n }, { code: cyclic }]) {
    const linking = core.createLinking(source({ requestCode: answer }));
    linking.start();
    await run(20_000);
    assert.equal(linking.snapshot.state, "failed");
    linking.dispose();
  }
  // A number has lost its zeros, and a lifetime that is none is unknown.
  const linking = core.createLinking(source({ requestCode: { code: 1234, expiresInMs: NaN } }), { format: "digits6", log() {} });
  linking.start();
  await run(1_000);
  assert.equal(linking.snapshot.code, "001234");
  assert.equal(linking.snapshot.expiresInMs, undefined);
  linking.dispose();
});

test("push: the backend tells, and is no longer listened to afterwards", async () => {
  let tell;
  let stopped = 0;
  const listen = (told) => {
    tell = told;
    return () => stopped++;
  };
  const linking = core.createLinking(source({ listen }));
  const { linked } = watch(linking);
  linking.start();
  await run(1_000);
  tell({ platform: "PSN", displayName: "Ada" });
  assert.equal(linking.snapshot.evidence, "backend");
  assert.deepEqual([linked.length, stopped], [1, 1]);
  tell({ platform: "PSN" });
  assert.equal(linked.length, 1);
  linking.newCode();
  linking.dispose();
  assert.equal(stopped, 1);

  // Moving a link undoes one: it is only offered where the player can.
  for (const [capabilities, choices] of [
    [{ undo: "player" }, ["keep", "switch", "support"]],
    [{ undo: "never" }, ["keep", "support"]],
    [{}, ["keep", "support"]],
  ]) {
    const other = core.createLinking(source({ listen, capabilities }));
    other.start();
    await run(1_000);
    tell({ conflict: "platform-linked-elsewhere" });
    const { state, error } = other.snapshot;
    assert.deepEqual([state, error.conflict, error.choices], ["failed", "platform-linked-elsewhere", choices]);
    other.dispose();
  }
});

test("cancelling aborts what is in the air and takes the code back", async () => {
  let aborted = 0;
  const hang = ({ signal }) => new Promise(() => signal.addEventListener("abort", () => aborted++));
  const from = source({ status: hang, revoke: undefined });
  const linking = core.createLinking(from);
  linking.start();
  await run(5_000);
  linking.cancel();
  await settle();
  assert.deepEqual([aborted, from.calls.at(-1), linking.snapshot.state], [1, "revoke", "cancelled"]);
  assert.deepEqual(linking.snapshot.actions, ["start"]);
  linking.dispose();
});

test("a listener that throws or calls back keeps nobody from theirs", async () => {
  const linking = core.createLinking(source());
  const uncaught = [];
  const report = mock.method(globalThis, "queueMicrotask", (task) => {
    try {
      task();
    } catch (error) {
      uncaught.push(error.message);
    }
  });
  linking.subscribe(() => {
    throw new Error("theirs");
  });
  linking.subscribe(({ state, concealed }) => {
    if (state === "active" && !concealed) linking.conceal();
  });
  const { seen } = watch(linking);
  linking.start();
  await run(1_000);
  assert.ok(uncaught.length > 0 && uncaught.every((message) => message === "theirs"));
  assert.equal(linking.snapshot.concealed, true);
  assert.equal(seen.at(-1), linking.snapshot);
  linking.dispose();
  report.mock.restore();
});

test("a session of Xsolla is a source: it makes codes, refreshes, and says that a link stays", async () => {
  const session = {
    service: "xsolla",
    player: { playerId: "p-1" },
    createLinkingCode: async ({ signal }) => (assert.ok(signal), { code: CODE, groups: ["730", "519"], requestedAtMs: 5 }),
    refresh: async ({ playerMayHaveChanged }) => (assert.equal(playerMayHaveChanged, true), { changed: false, player: {} }),
  };
  const linking = core.createLinking(linkingSource(session));
  const { linked } = watch(linking);
  linking.start();
  await run(60_000);
  const { code, undo, expirySource, expiresInMs, actions } = linking.snapshot;
  assert.deepEqual([code, undo, expirySource, expiresInMs], [CODE, "never", "unknown", undefined]);
  assert.ok(actions.includes("finished"));
  linking.finished();
  await run(1_000);
  assert.deepEqual(linked, [{ evidence: "manual", playerChanged: false }]);
  linking.dispose();
});

test("a session of RallyHere lists links, and has no codes of its own", async () => {
  const session = {
    service: "rallyhere",
    player: { playerId: "p-1" },
    links: async () => ({ accounts: [{ platform: "Steam", platformUserId: "s1", displayName: "Nova" }] }),
    refresh: async () => ({ changed: true }),
  };
  const bare = core.createLinking(linkingSource(session));
  bare.start();
  await run(1_000);
  assert.equal(bare.snapshot.error.kind, "configuration");
  bare.dispose();
  const from = linkingSource(session, { requestCode: async () => ({ code: CODE }) });
  assert.deepEqual(await from.links({}), [{ platform: "Steam", id: "s1", displayName: "Nova" }]);
  assert.equal(from.account, "rallyhere:p-1");
});

test("options that cannot be are a misuse", () => {
  const kinds = [() => core.createLinking(), () => core.createLinking({}), () => core.createLinking(source(), { format: "digits7" })];
  kinds.push(() => core.readCode("1", { alphabet: "0", length: 0 }), () => core.createLinking(source(), { format: { alphabet: "01", length: 6, groups: [1] } }));
  for (const call of kinds) assert.throws(call, { kind: "misuse" });
});

test("links are read only from the page they belong to", () => {
  const rule = { origin: "https://link.example", parameter: "code" };
  assert.equal(core.readCode("https://link.example/#code=123456", "digits6", rule).normalized, "123456");
  assert.deepEqual(core.readCode("https://evil.example/#code=123456", "digits6", rule).problem, { kind: "foreign-link" });
});

test("X5: after the end the module's memory holds no code", async () => {
  const program = `
    const memories = [];
    const { instantiate } = WebAssembly;
    WebAssembly.instantiate = async (...args) => {
      const made = await instantiate.apply(WebAssembly, args);
      memories.push(made.exports.memory);
      return made;
    };
    const { loadLinking } = await import("playerlink/linking");
    const core = await loadLinking();
    const code = "QXZKWV";
    const holds = () => memories.some(({ buffer }) => Buffer.from(buffer).includes(code));
    const linking = core.createLinking({ requestCode: async () => ({ code }) }, { format: "xsolla-legacy6" });
    linking.start();
    await new Promise((done) => setTimeout(done, 20));
    const shown = linking.snapshot.code === code && holds();
    linking.cancel();
    const after = holds();
    linking.dispose();
    core.readCode(code, "xsolla-legacy6");
    console.log(memories.length, shown, after, holds());`;
  assert.equal(await node("--input-type=module", "--eval", program), "1 true false false\n");
});

test("require gives the same, and importing runs nothing", async () => {
  const program = `require("playerlink/linking").loadLinking().then((core) => console.log(core.readCode("12O-45l", "digits6").normalized))`;
  assert.equal(await node("--eval", program), "120451\n");
  const module = await load("playerlink/linking");
  assert.deepEqual(Object.keys(module).sort(), ["linkingSource", "loadLinking"]);
});
