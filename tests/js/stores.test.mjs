// Stores, locks and news between tabs, as far as they need no browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { coreHost } from "./support/core-host.mjs";
import { installed, load, node } from "./support/consumer.mjs";

const { memoryStore } = await load();
const { fromKeyValue } = await load("playerlink/stores");
const skin = await import(pathToFileURL(join(installed, "skin.js")));

// What waits here keeps no process alive by itself: in a program that is the caller's promise.
const alive = setInterval(() => {}, 1_000);
after(() => clearInterval(alive));

const turn = (ms = 0) => new Promise((done) => setTimeout(done, ms));
const plain = ({ load, compareAndSwap }) => ({ load, compareAndSwap });

/** What React Native's AsyncStorage is like: no atomicity, and slow. */
const slowStorage = () => {
  const kept = new Map();
  return {
    kept,
    getItem: async (key) => (await turn(), kept.get(key)),
    setItem: async (key, text) => (await turn(), void kept.set(key, text)),
    removeItem: async (key) => (await turn(), void kept.delete(key)),
  };
};

test("R34: get, set and remove become a store whose swaps do not mix", async () => {
  for (const storage of [slowStorage(), syncStorage()]) {
    const store = fromKeyValue(storage);
    assert.equal(await store.load("n"), null);
    const count = async () => {
      for (let counted = 0; counted < 10; ) {
        const found = await store.load("n");
        if (await store.compareAndSwap("n", found, String(Number(found) + 1))) counted++;
      }
    };
    await Promise.all([count(), count(), count()]);
    assert.equal(await store.load("n"), "30");
    assert.equal(await store.compareAndSwap("n", "30", null), true);
    assert.equal(await store.compareAndSwap("n", null, null), true);
    assert.equal(storage.kept.size, 0);
  }
});

const syncStorage = () => {
  const kept = new Map();
  return {
    kept,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, text) => kept.set(key, text),
    removeItem: (key) => kept.delete(key),
  };
};

test("R35: a storage that fails is an error, and the next operation goes on", async () => {
  const storage = slowStorage();
  const { setItem } = storage;
  const store = fromKeyValue(storage);
  storage.setItem = async () => Promise.reject(new Error("full"));
  await assert.rejects(Promise.resolve(store.compareAndSwap("k", null, "text")), /full/);
  storage.setItem = setItem;
  assert.equal(await store.compareAndSwap("k", null, "text"), true);
});

test("one holds the lock of a store in memory at a time, and who gives up is not waited for", async () => {
  const shared = { store: memoryStore() };
  const hosts = [await coreHost(skin, shared), await coreHost(skin, shared)].map(({ host }) => host);
  const first = hosts[0].lock("s");
  await first.promise;
  const waiting = hosts.map((host) => host.lock("s"));
  let held = 0;
  const taken = waiting.map(({ promise }) => promise.then(() => held++));
  const another = hosts[1].lock("another");
  await another.promise;
  another.stop();
  await turn(20);
  assert.equal(held, 0);
  waiting[0].stop();
  taken[0].catch(() => {});
  first.stop();
  await waiting[1].promise;
  waiting[1].stop();
  const last = hosts[0].lock("s");
  await last.promise;
  last.stop();
});

test("who has given up before asking keeps nobody out", async () => {
  const { lock } = memoryStore();
  await assert.rejects(lock("s", AbortSignal.abort()), { name: "AbortError" });
  (await lock("s", new AbortController().signal))();
});

test("where there are no locks the core is told, and keeps others off by its note in the record", async () => {
  const { host } = await coreHost(skin, { store: plain(memoryStore()) });
  assert.equal(await host.lock("s").promise, "none");
});

test("whatever an instance holds or waits for is given back when it is stopped", async () => {
  const store = memoryStore();
  const { host } = await coreHost(skin, { store });
  const held = host.lock("s");
  await held.promise;
  const waiting = host.lock("s");
  waiting.promise.catch(() => {});
  for (const { stop } of [held, waiting]) stop();
  const next = (await coreHost(skin, { store })).host.lock("s");
  await next.promise;
  next.stop();
});

test("a store's own lock is used, and where it fails the core goes on without", async () => {
  const store = { ...plain(memoryStore()), lock: () => Promise.reject(new Error("no")) };
  const { host } = await coreHost(skin, { store });
  const { promise, stop } = host.lock("s");
  await assert.rejects(promise, /no/);
  stop();
});

test("R12: news passes between processes' threads with key and generation only, and leaves nothing behind", async () => {
  // A store that could be shared: of one in memory nobody would need to hear.
  const hosts = [await coreHost(skin, { store: plain(memoryStore()) }), await coreHost(skin, { store: plain(memoryStore()) })];
  const [one, two] = hosts.map(({ host }) => host);
  const spy = new BroadcastChannel("playerlink");
  const seen = [];
  spy.onmessage = ({ data }) => seen.push(data);
  const heard = [[], []];
  const listening = [one.listen((news) => heard[0].push(news)), two.listen((news) => heard[1].push(news))];
  one.broadcast("key", 7);
  spy.postMessage({ key: "key", generation: 8, token: "canary" });
  for (const nonsense of [null, 1, "text", [], { key: {} }]) spy.postMessage(nonsense);
  await turn(50);
  assert.deepEqual(seen, [{ key: "key", generation: 7 }]);
  assert.ok(heard[1].includes('{"key":"key","generation":7}') && !heard[0].includes('{"key":"key","generation":7}'));
  assert.ok(heard[0].includes('{"key":"key","generation":8}'));
  assert.ok(!JSON.stringify(heard).includes("canary"));
  for (const { stop } of listening) stop();
  const before = heard.flat().length;
  one.broadcast("key", 9); // also heard by those who listen when the sender does not
  await turn(50);
  assert.deepEqual(seen.at(-1), { key: "key", generation: 9 });
  assert.equal(heard.flat().length, before);
  spy.close();
});

test("of a store in memory nobody is told", async () => {
  const spy = new BroadcastChannel("playerlink");
  spy.onmessage = () => assert.fail("nobody could read it");
  const { host } = await coreHost(skin, {});
  const { stop } = host.listen(() => {});
  host.broadcast("key", 1);
  await turn(30);
  stop();
  spy.close();
  assert.equal(host.durable(), false, "memory is the default here");
});

test("what a store hears of is told with the record's generation", async () => {
  const watched = new Map();
  const store = {
    ...plain(memoryStore()),
    watch: (key, changed) => (watched.set(key, changed), () => watched.delete(key)),
  };
  const { host } = await coreHost(skin, { store });
  await host.load("record");
  assert.equal(watched.size, 0, "nobody listens yet");
  const heard = [];
  const { stop } = host.listen((news) => heard.push(news));
  await host.swap("active", null, "nova");
  await host.swap("record", null, '{"v":1,"generation":5,"session":{"access_token":"canary"}}');
  assert.deepEqual([...watched.keys()].sort(), ["active", "record"]);
  for (const changed of watched.values()) changed();
  await turn();
  assert.deepEqual(heard, ['{"key":"record","generation":5}']);
  stop();
  assert.equal(watched.size, 0);
});

test("R15: waiting for longer than a timer can is waiting that long, and can be stopped", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { host } = await coreHost(skin, {});
  const month = 30 * 24 * 3_600_000;
  let over = false;
  const { promise } = host.sleep(month);
  promise.then(() => (over = true));
  const stopped = host.sleep(month);
  stopped.promise.then(() => assert.fail("it was stopped"));
  t.mock.timers.tick(2 ** 30);
  stopped.stop();
  for (let left = month - 2 ** 30; left > 1; left -= Math.min(left, 2 ** 29)) {
    await Promise.resolve();
    assert.equal(over, false);
    t.mock.timers.tick(Math.min(left, 2 ** 29));
  }
  await promise;
  assert.equal(over, true);
});

test("R27: a process that listens, waits and holds ends by itself", async () => {
  const program = `
    import * as skin from ${JSON.stringify(pathToFileURL(join(installed, "skin.js")).href)};
    import { coreHost } from ${JSON.stringify(new URL("support/core-host.mjs", import.meta.url).href)};
    const kept = new Map();
    const store = { load: (key) => kept.get(key) ?? null, compareAndSwap: (key, _, next) => (kept.set(key, next), true) };
    store.lock = skin.memoryStore().lock;
    const { host } = await coreHost(skin, { store });
    host.listen(() => {});
    host.sleep(2 ** 31);
    await host.lock("s").promise;
    host.lock("s").promise.catch(() => {});
    console.log("done");`;
  assert.equal((await node("--input-type=module", "--eval", program)).trim(), "done");
});

test("the entry of the stores knows nothing of the module", () => {
  for (const name of ["stores.js", "stores.cjs", "node-store.js", "node-store.cjs"]) {
    assert.doesNotMatch(readFileSync(join(installed, name), "utf8"), /WebAssembly|sdk\.wasm/);
  }
});
