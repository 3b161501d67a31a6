// Stores, locks and news between tabs in Chromium: real IndexedDB, real Web Locks, real pages.
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { openBrowser, serve } from "./support/browser.mjs";
import { consumer } from "./support/consumer.mjs";
import { startEmulator } from "./support/emulator.mjs";

let browser, files, emulator, context;
before(async () => {
  [browser, files, emulator] = await Promise.all([openBrowser(), serve(consumer), startEmulator()]);
});
after(async () => {
  await browser?.close();
  await files?.close();
  emulator?.stop();
});
// Storage of its own for each test, as for another user.
beforeEach(async () => {
  await context?.close();
  context = await browser.createBrowserContext();
});

/** A page that has the package; `prepare` runs in it before anything else. */
const openPage = async (prepare, ...args) => {
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  const failures = [];
  page.on("pageerror", (error) => failures.push(error));
  if (prepare) await page.evaluateOnNewDocument(prepare, ...args);
  await page.goto(`${files.url}/page/stores.html`);
  await page.waitForFunction("globalThis.result").catch((error) => Promise.reject(failures[0] ?? error));
  return page;
};
const pages = (count, prepare, ...args) => Promise.all(Array.from({ length: count }, () => openPage(prepare, ...args)));
const everywhere = (pages, work, ...args) => Promise.all(pages.map((page) => page.evaluate(work, ...args)));

/** In a page: signs in over services in the same page; where the session lies, and what the log said. */
const signIn = async () => {
  const { rallyhereOptions, createServices } = services;
  const log = [];
  const options = { ...rallyhereOptions(createServices()), log: (entry) => log.push(entry) };
  const client = await playerlink.createRallyHereClient(options);
  const session = await client.login({ grant: "steam", ticket: "14000000ab" });
  const token = await session.accessToken();
  const again = await client.restore();
  const index = `playerlink/rallyhere/${encodeURIComponent(options.baseUrl)}/${options.clientId}/accounts`;
  const inDatabase = await stores.indexedDbStore().load(index).catch(() => null);
  return {
    token: token.length > 0,
    restored: again?.player.displayName,
    durability: session.getSnapshot().durability,
    database: !!inDatabase,
    localStorage: Object.keys(safe(() => ({ ...localStorage })) ?? {}).some((name) => name === index),
    fallen: log.filter(({ event }) => event === "store-fell-back").map(({ fields }) => fields.next),
  };

  function safe(read) {
    try {
      return read();
    } catch {
      return undefined;
    }
  }
};
const wasKept = { token: true, restored: "Nova", durability: "durable" };

test("R34: by default a session is in IndexedDB, and nothing is left of the probe", async () => {
  const page = await openPage();
  assert.deepEqual(await page.evaluate(signIn), { ...wasKept, database: true, localStorage: false, fallen: [] });
  const left = await page.evaluate(() => stores.indexedDbStore().load("playerlink.probe"));
  assert.equal(left, null);
});

const withoutLocks = () => {
  delete Navigator.prototype.locks;
};
const hung = () => {
  IDBFactory.prototype.open = () => ({});
};
const refused = () => {
  // As in a sandboxed frame or with blocked cookies: the property itself throws.
  Object.defineProperty(globalThis, "indexedDB", { get: () => { throw new DOMException("no", "SecurityError"); } });
};
const cannotWrite = () => {
  // As private modes of older browsers: it opens, and refuses to be written.
  IDBObjectStore.prototype.put = () => { throw new DOMException("private", "InvalidStateError"); };
};
const noSpace = () => {
  const { transaction } = IDBDatabase.prototype;
  IDBDatabase.prototype.transaction = function (...args) {
    const made = transaction.apply(this, args);
    if (args[1] === "readwrite") queueMicrotask(() => made.abort());
    return made;
  };
};
for (const [name, prepare] of [["does not answer", hung], ["is blocked", refused], ["cannot be written", cannotWrite], ["has no space", noSpace]]) {
  test(`where IndexedDB ${name}, localStorage keeps the session, and the log says so`, async () => {
    const page = await openPage(prepare);
    assert.deepEqual(await page.evaluate(signIn), { ...wasKept, database: false, localStorage: true, fallen: ["localStorage"] });
  });
}

test("R35: where nothing can be written, the session lives in memory, and the store says so", async () => {
  for (const prepare of [
    () => {
      Object.defineProperty(globalThis, "indexedDB", { get: () => { throw new DOMException("no", "SecurityError"); } });
      Object.defineProperty(globalThis, "localStorage", { get: () => { throw new DOMException("no", "SecurityError"); } });
    },
    () => {
      IDBFactory.prototype.open = () => { throw new DOMException("no", "InvalidStateError"); };
      Storage.prototype.setItem = () => { throw new DOMException("full", "QuotaExceededError"); };
    },
  ]) {
    const page = await openPage(prepare);
    assert.deepEqual(await page.evaluate(signIn), {
      ...wasKept,
      durability: "memory",
      database: false,
      localStorage: false,
      fallen: ["memory"],
    });
  }
});

test("a session that was kept in localStorage is found there when IndexedDB works again", async () => {
  const failing = await openPage(refused);
  await failing.evaluate(signIn);
  await failing.close();
  const page = await openPage();
  const restored = await page.evaluate(async () => {
    const client = await playerlink.createRallyHereClient(services.rallyhereOptions(services.createServices()));
    return (await client.restore())?.player.displayName;
  });
  assert.equal(restored, "Nova");
});

test("a worker keeps sessions in IndexedDB too", async () => {
  const page = await openPage();
  const kept = await page.evaluate(
    () =>
      new Promise((done, failed) => {
        const program = `
          import { createRallyHereClient } from "${location.origin}/node_modules/playerlink/index.js";
          import { createServices, rallyhereOptions } from "${location.origin}/services.mjs";
          const client = await createRallyHereClient(rallyhereOptions(createServices()));
          await client.login({ grant: "steam", ticket: "14000000ab" });
          postMessage("kept");`;
        const worker = new Worker(URL.createObjectURL(new Blob([program], { type: "text/javascript" })), { type: "module" });
        worker.onmessage = async () => {
          const client = await playerlink.createRallyHereClient(services.rallyhereOptions(services.createServices()));
          done((await client.restore())?.player.displayName);
        };
        worker.onerror = (event) => failed(new Error(event.message));
      }),
  );
  assert.equal(kept, "Nova");
});

// Not localStorage: Chromium shows one process's writes to another late, even under a Web Lock. What that may cost is the
// session's to survive, which treats the record as two tabs' that race.
for (const [store, name] of [
  ["indexedDbStore", "IndexedDB"],
  ["encrypted", "encrypted IndexedDB"],
]) {
  test(`no swap of three tabs is lost: ${name}`, async () => {
    const tabs = await pages(3);
    const open = (made) => {
      globalThis.store = made === "encrypted" ? stores.encrypted(stores.indexedDbStore()) : stores[made]();
    };
    await everywhere(tabs, open, store);
    await everywhere(tabs, async () => {
      for (let counted = 0; counted < 40; ) {
        const found = await store.load("n");
        if (await store.compareAndSwap("n", found, String(Number(found) + 1))) counted++;
      }
    });
    assert.equal(await tabs[0].evaluate(() => store.load("n")), "120");
  });
}

test("R35: a database that is closed or deleted under a session is opened again", async () => {
  const page = await openPage();
  const seen = await page.evaluate(async () => {
    const store = stores.indexedDbStore();
    const connections = [];
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = function (...args) {
      connections.push(this);
      return transaction.apply(this, args);
    };
    await store.compareAndSwap("k", null, "one");
    connections.at(-1).close(); // as "connection lost": the next transaction throws
    const afterClose = await store.load("k");
    // Somebody clears the site's data: nothing of ours may block it.
    await new Promise((done, failed) => {
      const request = indexedDB.deleteDatabase("playerlink");
      request.onsuccess = done;
      request.onblocked = () => failed(new Error("blocked"));
    });
    const afterDelete = await store.load("k");
    return { afterClose, afterDelete, again: await store.compareAndSwap("k", null, "two"), text: await store.load("k") };
  });
  assert.deepEqual(seen, { afterClose: "one", afterDelete: null, again: true, text: "two" });
});

test("R35: a write that hangs is given up, is not made later, and the next one works", async () => {
  const page = await openPage();
  const seen = await page.evaluate(async () => {
    const store = stores.indexedDbStore();
    await store.compareAndSwap("k", null, "one");
    // A transaction of somebody else that never ends holds up all that follow on the table.
    const database = await new Promise((done) => (indexedDB.open("playerlink").onsuccess = ({ target }) => done(target.result)));
    let busy = true;
    const table = database.transaction("kept", "readwrite").objectStore("kept");
    const spin = () => busy && (table.get("x").onsuccess = spin);
    spin();
    const failure = await store.compareAndSwap("k", "one", "late").then(() => "done", (error) => error.message);
    busy = false;
    return { failure, text: await store.load("k"), next: await store.compareAndSwap("k", "one", "two") };
  });
  assert.deepEqual(seen, { failure: "IndexedDB does not answer", text: "one", next: true });
});

test("R37: what is encrypted is not to be read, belongs to its key, and a lost key is told once", async () => {
  const page = await openPage();
  const seen = await page.evaluate(async () => {
    const inner = stores.memoryStore();
    const unreadable = [];
    const make = () => stores.encrypted(inner, { onUnreadable: (key) => unreadable.push(key) });
    await inner.compareAndSwap("old", null, "in the clear");
    const store = make();
    const clear = await store.load("old");
    await store.compareAndSwap("old", "in the clear", "canary-1");
    await store.compareAndSwap("a", null, "canary-2 ü");
    const other = { seen: await make().load("a"), refused: await make().compareAndSwap("a", "canary-3", "x") };
    const raw = [await inner.load("old"), await inner.load("a")];
    // Moved to another account: not accepted there.
    await inner.compareAndSwap("b", null, raw[1]);
    const moved = await store.load("b");
    const key = await new Promise((done) => {
      indexedDB.open("playerlink-keys").onsuccess = ({ target }) => {
        const request = target.result.transaction("kept").objectStore("kept").get("key");
        request.onsuccess = () => (target.result.close(), done(request.result));
      };
    });
    const exported = await crypto.subtle.exportKey("raw", key).then(() => "exported", (error) => error.name);
    await new Promise((done) => (indexedDB.deleteDatabase("playerlink-keys").onsuccess = done));
    const fresh = make();
    const lost = [await fresh.load("a"), await fresh.load("a"), await fresh.compareAndSwap("old", "canary-1", "x")];
    const aside = (await inner.load("a/unreadable")) === raw[1];
    const next = [await fresh.compareAndSwap("a", null, "new"), await make().load("a")];
    // The tab that had the old key in hand finds the new one.
    return { clear, other, moved, exported, lost, aside, next, third: await store.load("a"), raw: raw.join(), unreadable };
  });
  assert.doesNotMatch(seen.raw, /canary/);
  delete seen.raw;
  assert.deepEqual(seen, {
    clear: "in the clear",
    other: { seen: "canary-2 ü", refused: false },
    moved: null,
    exported: "InvalidAccessError",
    lost: [null, null, false],
    aside: true,
    next: [true, "new"],
    third: "new",
    unreadable: ["b", "a", "old"],
  });
});

test("R37: a key that cannot be had right now is a failure, and takes nothing away", async () => {
  const page = await openPage();
  const seen = await page.evaluate(async () => {
    const inner = stores.memoryStore();
    await stores.encrypted(inner).compareAndSwap("k", null, "text");
    const { open } = IDBFactory.prototype;
    IDBFactory.prototype.open = () => { throw new DOMException("no", "SecurityError"); };
    const store = stores.encrypted(inner);
    const failure = await store.load("k").catch((error) => error.name);
    IDBFactory.prototype.open = open;
    return { failure, text: await store.load("k") };
  });
  assert.deepEqual(seen, { failure: "SecurityError", text: "text" });
});

test("R10: one of two tabs holds the lock at a time, and a closed tab holds none", async () => {
  const [one, two] = await pages(2);
  await everywhere([one, two], async () => {
    const { host } = await coreHost(await import("/node_modules/playerlink/skin.js"));
    globalThis.take = async (settle) => {
      const lock = host.lock("s");
      await lock.promise;
      if (settle) lock.stop();
      return Date.now();
    };
    globalThis.giveUp = () => {
      const lock = host.lock("s");
      lock.promise.catch(() => {});
      lock.stop();
    };
  });
  await one.evaluate(() => take(false));
  const taken = two.evaluate(() => take(true));
  await two.evaluate(() => giveUp());
  await new Promise((done) => setTimeout(done, 300));
  const closed = Date.now();
  await one.close();
  assert.ok((await taken) >= closed, "not while the other tab held it");
  await two.evaluate(() => take(true));
});

// localStorage without Web Locks is not here: nothing keeps two tabs apart there, and the service decides.
for (const [locks, kept, prepare] of [
  ["Web Locks", "IndexedDB"],
  ["Web Locks", "localStorage"],
  ["no Web Locks", "IndexedDB", withoutLocks],
]) {
  test(`ten tabs at one expiry refresh once, and all have the new token: ${locks}, ${kept}`, async () => {
    await emulator.pull("POST", "/reset");
    await emulator.pull("POST", "/rallyhere/environment", { rotation: "rotate_strict" });
    const tabs = await pages(10, prepare);
    const open = async (baseUrl, kept, credential) => {
      const store = kept === "localStorage" ? { store: stores.localStorageStore() } : {};
      const client = await playerlink.createRallyHereClient({ baseUrl, clientId: "game", clientSecret: "game-secret", ...store });
      globalThis.session = credential ? await client.login(credential) : await client.restore();
      const now = Date.now.bind(Date);
      globalThis.later = (ms) => void (Date.now = () => now() + ms);
      return session.accessToken();
    };
    const first = await tabs[0].evaluate(open, emulator.url, kept, { grant: "steam", ticket: "emu.s1" });
    const tokens = await everywhere(tabs.slice(1), open, emulator.url, kept);
    assert.deepEqual(new Set(tokens), new Set([first]));
    const before = await emulator.logins();
    await emulator.pull("POST", "/clock", { advance_ms: 3_700_000 });
    await everywhere(tabs, () => later(3_700_000));
    const fresh = new Set(await everywhere(tabs, () => session.accessToken()));
    assert.equal(fresh.size, 1);
    assert.ok(!fresh.has(first));
    assert.equal((await emulator.logins()) - before, 1);
  });
}

test("R12: news passes between tabs with key and generation only, also where there is no BroadcastChannel", async () => {
  for (const prepare of [undefined, () => delete globalThis.BroadcastChannel]) {
    const tabs = await pages(2, prepare);
    await everywhere(tabs, async () => {
      const { host } = await coreHost(await import("/node_modules/playerlink/skin.js"));
      globalThis.heard = [];
      const listening = host.listen((news) => heard.push(news));
      Object.assign(globalThis, { host, listening });
    });
    await tabs[0].evaluate(() => host.broadcast("key", 7));
    await tabs[1].waitForFunction(() => heard.length > 0);
    assert.deepEqual(await tabs[1].evaluate(() => heard), ['{"key":"key","generation":7}']);
    assert.deepEqual(await tabs[0].evaluate(() => [heard, Object.keys(localStorage)]), [[], []]);
    await tabs[1].evaluate(() => listening.stop());
    await tabs[0].evaluate(() => host.broadcast("key", 8));
    await new Promise((done) => setTimeout(done, 100));
    assert.equal(await tabs[1].evaluate(() => heard.length), 1);
    await Promise.all(tabs.map((tab) => tab.close()));
  }
});

test("R16: the network's and the window's return is told; no token passes; after the end nothing is attached", async () => {
  const page = await openPage(() => {
    // Every listener, channel and timer of the page.
    const listeners = (globalThis.attached = []);
    const { addEventListener, removeEventListener } = EventTarget.prototype;
    EventTarget.prototype.addEventListener = function (type, ...rest) {
      if (this === undefined || this === globalThis || this === document) listeners.push(type);
      return addEventListener.call(this ?? globalThis, type, ...rest);
    };
    EventTarget.prototype.removeEventListener = function (type, ...rest) {
      const at = listeners.indexOf(type);
      if ((this === undefined || this === globalThis || this === document) && at >= 0) listeners.splice(at, 1);
      return removeEventListener.call(this ?? globalThis, type, ...rest);
    };
    globalThis.channels = 0;
    globalThis.posted = [];
    globalThis.BroadcastChannel = class extends BroadcastChannel {
      constructor(name) {
        super(name);
        channels++;
      }
      postMessage(message) {
        posted.push(message);
        super.postMessage(message);
      }
      close() {
        channels--;
        super.close();
      }
    };
  });
  const seen = await page.evaluate(async () => {
    const before = [...attached];
    const { host } = await coreHost(await import("/node_modules/playerlink/skin.js"));
    const none = { attached: attached.length - before.length, channels };
    const heard = [];
    const [one, two] = [host.listen((news) => heard.push(news)), host.listen(() => {})];
    const both = { attached: attached.slice(before.length).sort(), channels };
    window.dispatchEvent(new Event("online"));
    document.dispatchEvent(new Event("visibilitychange"));
    document.dispatchEvent(new Event("resume"));
    window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: false }));
    window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }));
    Object.defineProperty(document, "visibilityState", { value: "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
    one.stop();
    const still = channels;
    two.stop();
    two.stop();
    const online = host.online();
    Object.defineProperty(navigator, "onLine", { value: false });

    // A whole session's life, and its token in no message.
    const client = await playerlink.createRallyHereClient(services.rallyhereOptions(services.createServices()));
    const session = await client.login({ grant: "steam", ticket: "14000000ab" });
    await session.refresh();
    const token = await session.accessToken();
    await session.logout();
    session.close();
    return {
      none, both, heard, still, online, offline: host.online(),
      left: { attached: attached.length - before.length, channels },
      leaked: JSON.stringify(posted).includes(token),
    };
  });
  assert.deepEqual(seen, {
    none: { attached: 0, channels: 0 },
    both: { attached: ["online", "pageshow", "resume", "visibilitychange"], channels: 1 },
    heard: ["online", "resumed", "resumed", "resumed"],
    still: 1,
    online: true,
    offline: false,
    left: { attached: 0, channels: 0 },
    leaked: false,
  });
});
