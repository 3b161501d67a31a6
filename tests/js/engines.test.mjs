// Engines that lack something, or refuse something that others allow.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { installed, load } from "./support/consumer.mjs";
import { createServices, rallyhereOptions } from "./support/services.mjs";

// Each is a module of its own: `init` is once per copy of slim.js, and a running instance would hide how the next is made.
let copies = 0;
const fresh = async (name) => import(`${pathToFileURL(join(installed, name))}?copy=${++copies}`);
const slim = async () => {
  const module = await fresh("slim.js");
  await module.init(readFileSync(join(installed, "sdk.wasm")));
  return module;
};
/** `object[name]` is `value` until the test ends. */
const replace = (t, object, name, value) => {
  const before = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { configurable: true, writable: true, value });
  t.after(() => Object.defineProperty(object, name, before));
};
const steam = { grant: "steam", ticket: "14000000ab" };

test("Chrome before 115 makes an instance of more than 4 KB only asynchronously, on a page's main thread", async (t) => {
  await load();
  replace(t, WebAssembly, "Instance", class {
    constructor() {
      throw new RangeError("WebAssembly.Instance is disallowed on the main thread, if the buffer size is larger than 4KB.");
    }
  });
  const { createRallyHereClient } = await slim();
  const clients = await Promise.all([1, 2].map(() => createRallyHereClient(rallyhereOptions(createServices()))));
  for (const client of clients) assert.equal((await client.login(steam)).service, "rallyhere");
  const { loadLinking } = await fresh("linking-node.js");
  const cores = await Promise.all([loadLinking(), loadLinking()]);
  assert.equal(cores[0], cores[1]);
  assert.equal(cores[0].qrCode("https://example.com").size, 25);
});
