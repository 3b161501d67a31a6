// The elements through a bundler, as most pages get them: languages and the module of linking become chunks by themselves.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "vite";
import { openBrowser, serve, visit } from "../support/browser.mjs";
import { consumer } from "../support/consumer.mjs";

const PAGE = `
import "playerlink/link-code/define-code";
const element = document.createElement("playerlink-code");
element.source = { requestCode: async () => ({ code: "904217" }) };
document.body.append(element);
const part = (name) => element.shadowRoot.querySelector("[part~=" + name + "]");
const look = () => {
  if (!part("start-button")?.getClientRects().length) return setTimeout(look, 20);
  part("start-button").click();
  const read = () => {
    if (!part("code").textContent) return setTimeout(read, 20);
    globalThis.result = [part("heading").textContent, part("code").textContent];
  };
  read();
};
look();
`;

test("Vite builds a page with <playerlink-code> without a setting or a warning, each language in a chunk of its own", async () => {
  const root = join(consumer, "vite-link-code");
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, "main.js"), PAGE);
  writeFileSync(join(root, "index.html"), '<!doctype html><html lang="de"><link rel="icon" href="data:,"><script type="module" src="./main.js"></script></html>');
  const warnings = [];
  const customLogger = { hasWarned: false, info() {}, clearScreen() {}, hasErrorLogged: () => false };
  for (const level of ["warn", "warnOnce", "error"]) customLogger[level] = (message) => warnings.push(message);
  await build({ root, configFile: false, customLogger });
  assert.deepEqual(warnings, []);
  const chunks = readdirSync(join(root, "dist/assets"));
  for (const name of ["de", "ja", "zh-Hans", "linking"]) assert.ok(chunks.some((chunk) => chunk.startsWith(`${name}-`)), `${name} in ${chunks}`);
  const server = await serve(join(root, "dist"));
  const browser = await openBrowser();
  try {
    assert.deepEqual(await visit(browser, `${server.url}/`), ["Dein Verknüpfungscode", "904217"]);
  } finally {
    await browser.close();
    await server.close();
  }
});
