// The package in Chromium: without a bundler, through Vite, and under policies that block it.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { build } from "vite";
import { openBrowser, serve, visit } from "./support/browser.mjs";
import { consumer } from "./support/consumer.mjs";

let browser;
before(async () => {
  browser = await openBrowser();
});
after(() => browser?.close());

const at = async (folder, path, headers) => {
  const server = await serve(folder, headers);
  try {
    return await visit(browser, server.url + path);
  } finally {
    await server.close();
  }
};

test("a page with an import map signs in, keeps the session, and cannot use playerlink/server", async () => {
  const { server, told, ...rest } = await at(consumer, "/page/");
  assert.deepEqual(rest, { player: "Nova", durability: "durable", restored: true });
  assert.equal(server[0], "configuration");
  assert.match(server[1], /works in Node only/);
  assert.match(told, /not set up correctly on our side/, "playerlink/messages is one more line of the map");
});

test("R39: after a web sign-in neither the address bar nor Back shows the code, and two mounts cost one exchange", async () => {
  const { players, ...rest } = await at(consumer, "/page/sign-in.html");
  assert.deepEqual(players, ["Nova", "Nova"]);
  assert.deepEqual(rest, { atOnce: "?lang=de", afterBack: "?lang=de", exchanges: 1 });
});

test("a strict policy needs 'wasm-unsafe-eval' and nothing else", async () => {
  const policy = { "content-security-policy": "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'" };
  assert.deepEqual(await at(consumer, "/page/csp.html", policy), ["none"]);
});

test("R3: a policy that blocks WebAssembly is named in the error", async () => {
  const [kind, message] = await at(consumer, "/page/csp.html", { "content-security-policy": "script-src 'self'" });
  assert.equal(kind, "configuration");
  assert.match(message, /add 'wasm-unsafe-eval' to script-src/);
});

test("R3: playerlink/slim takes the module from a URL, and says so when it did not", async () => {
  assert.deepEqual(await at(consumer, "/page/slim.html"), { early: "misuse", player: "Nova", restored: "Nova" });
});

test("R3: Vite builds a page and a worker without a plugin or a setting", async () => {
  const root = join(consumer, "vite");
  const warnings = [];
  const customLogger = { hasWarned: false, info() {}, clearScreen() {}, hasErrorLogged: () => false };
  for (const level of ["warn", "warnOnce", "error"]) customLogger[level] = (message) => warnings.push(message);
  await build({ root, configFile: false, customLogger });
  assert.deepEqual(warnings, []);
  assert.deepEqual(await at(join(root, "dist"), "/"), { page: "Nova", worker: "012345" });
});
