// `playerlink/linking` in pages: under a strict Content-Security-Policy, and in two tabs of one account.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { openBrowser, serve } from "../support/browser.mjs";
import { consumer } from "../support/consumer.mjs";

writeFileSync(join(consumer, "linking.html"), `<!doctype html><meta charset="utf-8"><script type="module" src="linking-page.js"></script>`);
writeFileSync(
  join(consumer, "linking-page.js"),
  `import { loadLinking } from "./node_modules/playerlink/linking.js";
  const core = await loadLinking();
  const page = (globalThis.page = { asked: 0, links: [], linked: [], core });
  page.open = (account) => {
    const source = {
      account,
      requestCode: async () => ({ code: "730519", expiresInMs: 300_000 }),
      links: async () => (page.asked++, page.links),
    };
    page.linking = core.createLinking(source, { expectPlatform: "XboxLive" });
    page.linking.onLinked((linked) => page.linked.push(linked));
    page.linking.start();
  };`,
);

const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
const server = await serve(consumer, { "content-security-policy": policy });
const browser = await openBrowser();
after(async () => {
  await browser.close();
  await server.close();
});
const tab = async () => {
  const page = await browser.newPage();
  page.on("pageerror", (error) => assert.fail(error));
  await page.goto(`${server.url}/linking.html`);
  await page.waitForFunction("globalThis.page");
  return page;
};
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

test("the module loads where only 'wasm-unsafe-eval' is allowed", async () => {
  const page = await tab();
  assert.equal(await page.evaluate(() => page.core.readCode("12O 45l", "digits6").normalized), "120451");
  await page.close();
});

test("R43: two tabs of one account ask once for both, and both hear of the link", async () => {
  const [first, second] = [await tab(), await tab()];
  for (const page of [first, second]) {
    await page.evaluate(() => page.open("xsolla:p-1"));
    await page.waitForFunction("page.linking.snapshot.state === 'active'");
  }
  await pause(8_000);
  const asked = async () => Promise.all([first, second].map((page) => page.evaluate(() => page.asked)));
  const [one, other] = await asked();
  // Each at most its list of before, and one of them everything since.
  assert.ok(Math.min(one, other) <= 1 && Math.max(one, other) >= 2, `${one} and ${other}`);
  for (const page of [first, second]) {
    await page.evaluate(() => void (page.links = [{ platform: "XboxLive", id: "x-1", displayName: "Nova" }]));
  }
  // Not by frames: a tab behind another one draws none.
  for (const page of [first, second]) await page.waitForFunction("page.linked.length === 1", { timeout: 15_000, polling: 200 });
  // Of the account that is signed in here only: another one's code stays.
  await second.evaluate(() => page.linking.dispose());
  await second.evaluate(() => ((page.links = []), page.open("xsolla:p-2")));
  await pause(4_500);
  assert.deepEqual(await second.evaluate(() => [page.linking.snapshot.state, page.linking.snapshot.code]), ["active", "730519"]);
  await first.close();
  await second.close();
});

test("the leader's tab is closed: another one asks", async () => {
  const [first, second] = [await tab(), await tab()];
  await first.evaluate(() => page.open("xsolla:p-3"));
  await first.waitForFunction("page.asked >= 1 && page.linking.snapshot.state === 'active'");
  await second.evaluate(() => page.open("xsolla:p-3"));
  await second.waitForFunction("page.linking.snapshot.state === 'active'");
  await first.close();
  const before = await second.evaluate(() => page.asked);
  await second.waitForFunction((before) => page.asked > before, { timeout: 15_000 }, before);
  await second.close();
});
