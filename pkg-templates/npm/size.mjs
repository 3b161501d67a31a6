// `node size.mjs <row>=<folder>…`: measures what a page downloads, as JSON. Each folder holds glue.js and sdk.wasm of one
// build. A client's module is as in sdk.split.wasm. The JavaScript is `playerlink/slim` with that build's clients, bundled and minified as an application would.
// `playerlink/messages` and `playerlink/stores` are rows of their own: only who imports them downloads them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync, cpSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { bundle, bundleLinkCode, glueFactory } from "./bundle.mjs";
import { split } from "./split.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const clients = {
  "client total": "createPlayFabClient, createRallyHereClient, createXsollaClient, isPlayerLinkError, init",
  "client rallyhere": "createRallyHereClient, isPlayerLinkError, init",
  "client xsolla": "createXsollaClient, isPlayerLinkError, init",
  "client playfab": "createPlayFabClient, isPlayerLinkError, init",
};

const measure = (bytes) => ({
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  }).length,
});

const javascript = (row, folder) => {
  const work = mkdtempSync(join(tmpdir(), "playerlink-size-"));
  try {
    cpSync(join(here, "entries"), work, { recursive: true });
    const entry = join(work, "entry.js");
    if (clients[row]) {
      writeFileSync(join(work, "skin.js"), bundle(join(here, "src/skin/client.ts"), { format: "esm" }));
      writeFileSync(entry, `export { ${clients[row]} } from "./slim.js";`);
    } else if (row === "linking") {
      const glue = glueFactory(readFileSync(join(folder, "glue.js"), "utf8"));
      writeFileSync(join(work, "linking-glue.js"), `export const instantiate = ${glue}`);
      writeFileSync(join(work, "linking-bytes.js"), `export default "";`);
      writeFileSync(join(work, "linking-skin.js"), bundle(join(here, "src/skin/linking/linking.ts"), { format: "esm" }));
      writeFileSync(entry, `export * from "./linking.js";`);
    } else {
      writeFileSync(join(work, "server-bytes.js"), `export default "";`);
      writeFileSync(join(work, "server-skin.js"), bundle(join(here, "src/skin/server.ts"), { format: "esm" }));
      writeFileSync(entry, `export * from "./server.js";`);
    }
    return bundle(entry, { format: "esm", minify: true, external: ["node:*"] });
  } finally {
    rmSync(work, { recursive: true });
  }
};

const rows = process.argv.slice(2).map((argument) => {
  const [name, folder] = argument.split("=");
  const module = readFileSync(join(folder, "sdk.wasm"));
  const wasm = measure(name === "server total" ? module : split(module));
  const js = measure(Buffer.from(javascript(name, folder)));
  const sum = (key) => wasm[key] + js[key];
  return { name, raw: sum("raw"), gzip: sum("gzip"), brotli: sum("brotli"), wasm, js };
});
for (const [name, entry] of [["messages", "messages.ts"], ["stores", "stores-entry.ts"]]) {
  const text = bundle(join(here, "src/skin", entry), { format: "esm", minify: true });
  rows.push({ name, ...measure(Buffer.from(text)) });
}
// The elements, without what they load when it is needed: a language, a QR code, a gamepad, the module of linking.
for (const [name, entry] of [["link-code code", "define-code"], ["link-code input", "define-input"], ["link-code both", "define"]]) {
  const external = ["#linking", "./strings/*", "./qr-image.js", "./gamepad.js", "./pad-entry.js"];
  const { outputFiles } = bundleLinkCode([entry], "link-code", { minify: true, splitting: false, external });
  rows.push({ name, ...measure(Buffer.from(outputFiles[0].text)) });
}
console.log(JSON.stringify(rows));
