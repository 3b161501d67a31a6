// What is in the package, and what must not be.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, existsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
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
});

test("the inlined bytes are sdk.wasm", async () => {
  for (const name of ["bytes.js", "bytes.cjs"]) {
    const [, base64] = /"([^"]+)"/.exec(text(name));
    assert.deepEqual(gunzipSync(Buffer.from(base64, "base64")), readFileSync(join(installed, "sdk.wasm")), name);
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
    const content = name === "sdk.wasm" ? readFileSync(join(installed, name)).toString("latin1") : text(name);
    for (const place of places) assert.ok(!content.includes(place), `${name} contains ${place}`);
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
