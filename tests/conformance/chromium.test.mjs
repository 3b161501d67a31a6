// Bad input in Chromium: the same scenarios, in a page that imports the installed package. Run by `cargo xtask test`, or
// by hand: PLAYERLINK_TARBALL=dist/npm/playerlink-….tgz node --test tests/conformance/chromium.test.mjs
import assert from "node:assert/strict";
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { openBrowser, serve } from "../js/support/browser.mjs";
import { consumer } from "../js/support/consumer.mjs";
import { startServer } from "./setup.mjs";

const server = await startServer();
const folder = join(consumer, "conformance");
cpSync(fileURLToPath(new URL(".", import.meta.url)), folder, { recursive: true });
writeFileSync(join(folder, "server.json"), JSON.stringify({ bases: server.bases, good: server.good }));
const files = await serve(consumer);
const browser = await openBrowser();
after(async () => {
  await browser.close();
  await files.close();
  await server.stop();
});

const page = await browser.newPage();
const complaints = [];
page.on("pageerror", (error) => complaints.push(String(error)));
page.on("console", (message) => {
  // What the browser itself says about the network is the scenario's doing.
  const network = /^Failed to load resource|^Access to fetch at/.test(message.text());
  if (["error", "warn"].includes(message.type()) && !network) complaints.push(message.text());
});
await page.goto(`${files.url}/conformance/chromium.html`);
const played = await page.waitForFunction("globalThis.result", { timeout: 300_000, polling: 200 });

for (const [name, problems] of Object.entries(await played.jsonValue())) {
  test(name, () => assert.deepEqual(problems, []));
}
test("the page reported no error", () => assert.deepEqual(complaints, []));
test("everything that was scripted was played", async () => assert.equal(await server.stop(), ""));
