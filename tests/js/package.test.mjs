// What is in the package, and what must not be.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { brotliCompressSync, gunzipSync } from "node:zlib";
import { installed, load, node } from "./support/consumer.mjs";

const manifest = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
const text = (name) => readFileSync(join(installed, name), "latin1");
const files = readdirSync(installed, { recursive: true }).filter((name) => statSync(join(installed, name)).isFile());

test("every file the manifest names is there, and no script runs at installation", () => {
  const named = (value) => (typeof value === "string" ? [value] : Object.values(value).flatMap(named));
  for (const path of [manifest.main, manifest.module, manifest.types, manifest.customElements, ...named(manifest.exports)]) {
    const [folder, rest] = path.split("*");
    const there = rest === undefined ? existsSync(join(installed, path)) : readdirSync(join(installed, folder)).some((name) => name.endsWith(rest));
    assert.ok(there, path);
  }
  assert.equal(manifest.scripts, undefined);
  assert.equal(manifest.dependencies, undefined);
  assert.deepEqual(manifest.sideEffects, ["./link-code/define*.js"], "only what registers elements does something at import");
});

test("conditions are in the order that bundlers and Node read them in", () => {
  assert.deepEqual(Object.keys(manifest.exports["."]), ["workerd", "edge-light", "browser", "node", "require", "default"]);
  assert.deepEqual(Object.keys(manifest.exports["."].node), ["module-sync", "import", "require"]);
});

test("each environment gets its own entry", async () => {
  const entry = async (specifier, ...conditions) => {
    const flags = conditions.map((condition) => `--conditions=${condition}`);
    return (await node(...flags, "--input-type=module", "--eval", `console.log(import.meta.resolve("${specifier}"))`)).trim();
  };
  for (const [conditions, file] of [
    [[], "node.js"],
    [["browser"], "index.js"],
    [["browser", "workerd"], "workerd.js"],
    [["browser", "edge-light"], "edge.js"],
  ]) {
    assert.match(await entry("playerlink", ...conditions), new RegExp(`/${file}$`));
  }
  assert.match(await entry("playerlink/server", "browser"), /\/server-browser\.js$/);
  assert.match(await entry("playerlink/rallyhere"), /\/node\.js$/);
  assert.match(await entry("playerlink/rallyhere", "browser"), /\/rallyhere\.js$/);
});

const split = await import(pathToFileURL(join(installed, "split.js")));
const whole = readFileSync(join(installed, "sdk.wasm"));

test("the inlined bytes and sdk.split.wasm are sdk.wasm once they are joined", async () => {
  const file = readFileSync(join(installed, "sdk.split.wasm"));
  for (const name of ["bytes.js", "bytes.cjs"]) {
    const [, base64] = /"([^"]+)"/.exec(text(name));
    assert.deepEqual(gunzipSync(Buffer.from(base64, "base64")), file, name);
  }
  assert.ok(Buffer.from(split.join(file)).equals(whole));
  assert.ok(brotliCompressSync(file).length < 0.9 * brotliCompressSync(whole).length);
});

test("what is damaged or cut off is refused or does not compile, at once; what is not split comes back as it is", () => {
  const file = readFileSync(join(installed, "sdk.split.wasm"));
  const header = file.subarray(0, 8);
  const leb = (value) => (value > 127 ? [(value & 127) | 128, ...leb(value >>> 7)] : [value]);
  const refused = (bytes, what) => {
    let module;
    try {
      module = split.join(bytes);
    } catch (error) {
      assert.match(String(error), /RangeError/, what);
      return;
    }
    assert.equal(WebAssembly.validate(module), false, what);
  };
  for (const length of [0, 4, 9, 12, 20, 40, 1_000, file.length >> 1, file.length - 1]) refused(file.subarray(0, length), `cut at ${length}`);
  const huge = leb(0x7fff_ffff);
  const streams = Array(split.STREAMS).fill(1);
  for (const numbers of [[...huge, 0, 1, 16, ...huge], [40, 0, 1, ...huge, 1], [40, 0, ...huge, 16, 1], [40, 0, 1, 16, ...huge]]) {
    refused(Buffer.from([...header, 0, ...numbers, ...streams, ...Array(60).fill(0)]), String(numbers));
  }
  const named = Buffer.concat([header, Buffer.from([0, 5, 4, ...Buffer.from("name")]), whole.subarray(8)]);
  for (const module of [header, whole, named]) assert.equal(split.join(module), module);
});

for (const [service, name, options] of [
  ["rallyhere", "RallyHere", { environment: "demo", clientId: "id", clientSecret: "secret" }],
  ["xsolla", "Xsolla", { projectId: "00000000-0000-4000-8000-000000000008" }],
  ["playfab", "PlayFab", { titleId: "144" }],
]) {
  test(`playerlink/${service} has that service alone, and is a quarter smaller`, async () => {
    const file = readFileSync(join(installed, `${service}.split.wasm`));
    const [, base64] = /"([^"]+)"/.exec(text(`${service}-bytes.js`));
    assert.deepEqual(gunzipSync(Buffer.from(base64, "base64")), file);
    assert.ok(file.length < 0.75 * readFileSync(join(installed, "sdk.split.wasm")).length);
    const shared = ["indexedDbStore", "isPlayerLinkError", "localStorageStore", "memoryStore"];
    for (const [entry, own] of [[`${service}.js`, []], [`${service}-slim.js`, ["init"]]]) {
      const module = await import(pathToFileURL(join(installed, entry)));
      assert.deepEqual(Object.keys(module).sort(), [`create${name}Client`, ...shared, ...own].sort(), entry);
      for (const other of ["RallyHere", "Xsolla", "PlayFab"]) {
        assert.equal(text(entry).includes(`open${other}`), other === name, `${entry} names ${other}`);
      }
      await module.init?.(file);
      const client = await module[`create${name}Client`](options);
      assert.equal(await client.restore(), undefined, "the module of that service runs, and has nothing stored");
    }
  });
}

test("a module that is not split stays as it is, and a damaged one does not compile", async () => {
  assert.ok(Buffer.from(split.join(whole)).equals(whole));
  const file = readFileSync(join(installed, "sdk.split.wasm"));
  const halves = [file.subarray(0, file.length / 2), file.subarray(file.length / 2)];
  const zeros = Buffer.concat([halves[0], Buffer.alloc(halves[1].length)]);
  for (const damaged of [...halves, zeros, Buffer.from("<!doctype html><title>404</title>"), Buffer.alloc(0)]) {
    await assert.rejects(async () => WebAssembly.compile(split.join(damaged)));
  }
});

test("no client file knows a server's secret header or grant", () => {
  const wire = /x-server-authorization|x-secretkey|client_secret/i;
  const client = files.filter((name) => !name.startsWith("server") && !/\.(md|d\.c?ts)$/.test(name));
  assert.ok(client.includes("sdk.wasm"));
  for (const name of client) assert.ok(!wire.test(text(name)), name);
  const server = gunzipSync(Buffer.from(/"([^"]+)"/.exec(text("server-bytes.js"))[1], "base64")).toString("latin1");
  assert.ok(wire.test(server), "the search would not find it where it is");
});

test("no file holds a path of the machine that built it", () => {
  const places = [homedir(), fileURLToPath(new URL("../..", import.meta.url))];
  for (const name of files) {
    for (const place of places) assert.ok(!text(name).includes(place), `${name} contains ${place}`);
  }
});

test("R49: the public types have no any, and no class to construct", () => {
  const names = files.filter((name) => /\.d\.c?ts$/.test(name));
  assert.ok(names.length >= 12);
  for (const name of names) {
    assert.doesNotMatch(text(name), /[:<|,(] *any\b|\bclass\b/, name);
  }
});

test("R3: importing runs nothing, and exports functions only", async () => {
  const before = { ...globalThis };
  const module = await load();
  assert.deepEqual({ ...globalThis }, before);
  assert.deepEqual(Object.keys(module).sort(), [
    "createPlayFabClient",
    "createRallyHereClient",
    "createXsollaClient",
    "indexedDbStore",
    "isPlayerLinkError",
    "localStorageStore",
    "memoryStore",
  ]);
  for (const value of Object.values(module)) assert.throws(() => new value(), TypeError);
});
