// `playerlink/node-store`: files that several processes share.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { test } from "node:test";
import { consumer, load, node } from "./support/consumer.mjs";
import { createServices, rallyhereOptions } from "./support/services.mjs";

const { fileStore } = await load("playerlink/node-store");
const key = "playerlink/rallyhere/https%3A%2F%2Fdemo/account/Nova:<>?*";

const folder = (t) => {
  const made = mkdtempSync(join(tmpdir(), "playerlink-node-store-"));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return join(made, "sessions");
};

/** tests/packaging/node-esm/file-store.mjs in a process of its own: what it says, and what it does next when told. */
const program = async (t, job, where) => {
  const child = fork(join(consumer, "node-esm/file-store.mjs"), [job, where], { cwd: consumer });
  t.after(() => child.kill("SIGKILL"));
  const [ready] = await once(child, "message");
  assert.equal(ready, "ready");
  return child;
};

test("texts are swapped, and files are for this user only and named so that every system takes them", async (t) => {
  const where = folder(t);
  const store = fileStore(where);
  assert.equal(await store.load(key), null);
  assert.equal(await store.compareAndSwap(key, "x", "one"), false);
  assert.equal(await store.compareAndSwap(key, null, "one"), true);
  assert.equal(await store.compareAndSwap(key, "one", "two\nlines ü"), true);
  assert.equal(await store.compareAndSwap(key.toLowerCase(), null, "another"), true);
  assert.equal(await store.load(key), "two\nlines ü");
  for (const name of readdirSync(where)) {
    assert.match(name, /^[0-9a-z.]{1,64}$/);
    assert.equal(statSync(join(where, name)).mode & 0o777, 0o600, name);
  }
  assert.equal(statSync(where).mode & 0o777, 0o700);
  assert.equal(await store.compareAndSwap(key, "two\nlines ü", null), true);
  assert.equal(await store.compareAndSwap(key, null, null), true);
  assert.equal(await fileStore(where).load(key), null);
});

test("a damaged file is nothing, and is replaced", async (t) => {
  const where = folder(t);
  const store = fileStore(where);
  await store.compareAndSwap(key, null, "text");
  const [file] = readdirSync(where).filter((name) => name.endsWith(".json"));
  for (const damage of ["", key, `${key} text`, "another\ntext"]) {
    writeFileSync(join(where, file), damage);
    assert.equal(await store.load(key), null);
    assert.equal(await store.compareAndSwap(key, null, "text"), true);
    assert.equal(await store.load(key), "text");
  }
});

test("R35: a folder that cannot be written is an error without its path", async (t) => {
  const where = folder(t);
  mkdirSync(join(where, ".."), { recursive: true });
  writeFileSync(where, "a file");
  const store = fileStore(where);
  for (const operation of [() => store.compareAndSwap(key, null, "text"), () => store.load(key)]) {
    await assert.rejects(operation, (error) => !error.message.includes(where) && /EEXIST|ENOTDIR/.test(error.message));
  }
});

test("R34: no swap of three processes is lost", async (t) => {
  const where = folder(t);
  const children = await Promise.all([program(t, "count", where), program(t, "count", where)]);
  const done = children.map((child) => once(child, "exit"));
  for (const child of children) child.send("go");
  const store = fileStore(where);
  for (let counted = 0; counted < 50; ) {
    const found = await store.load("count");
    if (await store.compareAndSwap("count", found, String(Number(found) + 1))) counted++;
  }
  for (const [code] of await Promise.all(done)) assert.equal(code, 0);
  assert.equal(await store.load("count"), "150");
  const left = readdirSync(where).filter((name) => name.endsWith(".lock"));
  assert.ok(left.length <= 1, `locks do not pile up: ${left}`);
});

test("R34: a process killed at any moment leaves a whole text and keeps nobody out", async (t) => {
  const where = folder(t);
  const store = fileStore(where);
  for (let round = 0; round < 8; round++) {
    const child = await program(t, "write", where);
    child.send("go");
    await once(child, "message");
    await new Promise((done) => setTimeout(done, round * 1.3));
    child.kill("SIGKILL");
    await once(child, "exit");
    const text = await store.load("letters");
    assert.ok(/^(a+|b+)$/.test(text) && text.length === 20_000, `${text?.length} bytes`);
    assert.equal(await store.compareAndSwap("letters", text, text), true);
    // At once: 10 s would be for a process that is only silent.
    (await store.lock("session", AbortSignal.timeout(9_000)))();
  }
});

test("a lock is given to one after the other, also across processes, and waiting can be given up", async (t) => {
  const where = folder(t);
  const child = await program(t, "hold", where);
  child.send("go");
  await once(child, "message");
  const store = fileStore(where);
  const given = new AbortController();
  const waiting = store.lock("session", given.signal);
  const later = store.lock("session", new AbortController().signal);
  (await store.lock("another session", new AbortController().signal))();
  setTimeout(() => given.abort(), 50);
  await assert.rejects(waiting, { name: "AbortError" });
  child.send("release");
  (await later)();
  (await store.lock("session", new AbortController().signal))();
});

test("R10: the lock of a process that is gone or silent is taken, that of a living one is not", async (t) => {
  const where = folder(t);
  const child = await program(t, "hold", where);
  child.send("go");
  await once(child, "message");
  const store = fileStore(where);
  const soon = () => AbortSignal.timeout(400);
  await assert.rejects(store.lock("session", soon()));
  // Its beat long ago: what counts is what this process hears, not what clocks say.
  const [file] = readdirSync(where).filter((name) => name.endsWith(".lock"));
  utimesSync(join(where, file), 0, 0);
  await assert.rejects(store.lock("session", soon()));
  child.kill("SIGKILL");
  await once(child, "exit");
  const release = await store.lock("session", AbortSignal.timeout(9_000));
  assert.match(readFileSync(join(where, readdirSync(where).find((name) => name.endsWith(".lock"))), "utf8"), new RegExp(`^${process.pid}\n`));
  release();
});

test("what another process stores is told", async (t) => {
  const where = folder(t);
  const store = fileStore(where);
  await store.compareAndSwap("count", null, "0");
  const changed = new Promise((done) => t.after(store.watch("count", done)));
  const child = await program(t, "count", where);
  child.send("go");
  await changed;
});

test("R27: a session in files is found by the next process, and nothing keeps the process alive", async (t) => {
  const where = folder(t);
  const { createRallyHereClient } = await load();
  const services = createServices();
  const rallyhere = await createRallyHereClient({ ...rallyhereOptions(services), store: fileStore(where) });
  await rallyhere.login({ grant: "steam", ticket: "14000000ab" });
  assert.deepEqual(JSON.parse(await node("node-esm/file-store.mjs", "restore", where)), { player: "Nova", durability: "durable" });
});
