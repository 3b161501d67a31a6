// `node build.mjs <client> <server> <linking> <rallyhere> <xsolla> <playfab> <out> <version>`: makes the folder that
// `npm pack` packs. `cargo xtask npm` calls it with folders that hold wasm-bindgen's glue.js and the optimised sdk.wasm of
// the builds: every service's client, server, linking, and each service's client alone.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { bundle, bundleLinkCode, glueFactory, withEntries } from "./bundle.mjs";
import { split } from "./split.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const [client, server, linking, rallyhere, xsolla, playfab, out, version] = process.argv.slice(2);
if (!version) throw new Error("usage: node build.mjs <client> <server> <linking> <rallyhere> <xsolla> <playfab> <out> <version>");

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const write = (name, text) => writeFileSync(join(out, name), text);

// The manifest, the hand-written entries, and what the repository has to say about itself.
const manifest = JSON.parse(readFileSync(join(here, "package.template.json"), "utf8"));
write("package.json", `${JSON.stringify({ ...manifest, version }, undefined, 2)}\n`);
cpSync(join(here, "entries"), out, { recursive: true });
cpSync(join(here, "README.md"), join(out, "README.md"));
const root = join(here, "../..");
for (const name of readdirSync(root)) if (name.startsWith("LICENSE-")) cpSync(join(root, name), join(out, name));

// Skin and bytes, for `import` and for `require`; and glue, of linking alone.
const whole = (wasm) => wasm; // a server does not download it at each start
for (const [prefix, folder, entry, pack] of [
  ["", client, "client.ts", split],
  ["server-", server, "server.ts", whole],
  ["linking-", linking, "linking/linking.ts", split],
]) {
  const wasm = readFileSync(join(folder, "sdk.wasm"));
  const bytes = gzipSync(pack(wasm), { level: 9 }).toString("base64");
  write(`${prefix}bytes.js`, `export default "${bytes}";\n`);
  write(`${prefix}bytes.cjs`, `module.exports = "${bytes}";\n`);
  write(`${prefix}skin.js`, bundle(join(here, "src/skin", entry), { format: "esm" }));
  write(`${prefix}skin.cjs`, bundle(join(here, "src/skin", entry), { format: "cjs" }));
}
const glue = glueFactory(readFileSync(join(linking, "glue.js"), "utf8"));
write("linking-glue.js", `export const instantiate = ${glue}`);
write("linking-glue.cjs", `"use strict";\nexports.instantiate = ${glue}`);
// By which Node knows sdk.wasm to be this package's.
const { length } = readFileSync(join(client, "sdk.wasm"));
write("length.js", `export const wasmLength = ${length};\n`);
write("length.cjs", `"use strict";\nexports.wasmLength = ${length};\n`);
for (const [name, entry] of [["messages", "messages.ts"], ["stores", "stores-entry.ts"], ["node-store", "node-store.ts"]]) {
  for (const [end, format] of [["js", "esm"], ["cjs", "cjs"]]) {
    write(`${name}.${end}`, bundle(join(here, "src/skin", entry), { format, external: ["node:*"] }));
  }
}

// One service alone, for who downloads it: in Node, and where the platform hands out the module, it is the whole one.
for (const [service, name, folder] of [
  ["rallyhere", "RallyHere", rallyhere],
  ["xsolla", "Xsolla", xsolla],
  ["playfab", "PlayFab", playfab],
]) {
  const file = split(readFileSync(join(folder, "sdk.wasm")));
  write(`${service}.split.wasm`, file);
  write(`${service}-bytes.js`, `export default "${gzipSync(file, { level: 9 }).toString("base64")}";\n`);
  // The entries of all services, less the others.
  const isOthers = new RegExp(`^export const create(?!${name}Client)\\w+Client = .*\\n`, "gm");
  const openers = new RegExp(`(, )?open(?!${name}\\b)\\w+`, "g");
  for (const [from, to] of [["index.js", `${service}.js`], ["slim.js", `${service}-slim.js`]]) {
    const entry = readFileSync(join(here, "entries", from), "utf8")
      .replace(/^\/\/.*\n/gm, "")
      .replace(isOthers, "")
      .replace(openers, "")
      .replace(/"\.\/bytes\.js"/g, `"./${service}-bytes.js"`)
      .replaceAll("playerlink/slim", `playerlink/${service}/slim`);
    write(to, `// \`playerlink/${service}\`: ${from} for ${name} alone.\n${entry}`);
  }
  const values = `create${name}Client, indexedDbStore, isPlayerLinkError, localStorageStore, memoryStore`;
  for (const [end, module] of [["d.ts", "./index.js"], ["d.cts", "./index.cjs"]]) {
    write(`${service}.${end}`, `export { ${values} } from "${module}";\nexport type * from "${module}";\n`);
  }
}
// The elements, in a folder of their own: they are many small files, loaded as they are needed. And the terminal's face.
const languages = readdirSync(join(here, "src/skin/link-code/strings")).map((name) => `strings/${name.replace(".ts", "")}`);
const elements = ["index", "define", "define-code", "define-input", ...languages];
for (const { path, text } of bundleLinkCode(elements, join(out, "link-code")).outputFiles) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, withEntries(text));
}
cpSync(join(here, "src/skin/link-code/custom-elements.json"), join(out, "custom-elements.json"));
const lazy = languages.map((name) => `./${name}.js`).filter((name) => name !== "./strings/en.js");
for (const [end, format] of [["js", "esm"], ["cjs", "cjs"]]) {
  const text = bundle(join(here, "src/skin/terminal/terminal.ts"), { format, external: lazy });
  write(`terminal.${end}`, text.replaceAll('import("./strings/', 'import("./link-code/strings/'));
}
write("server-browser.js", bundle(join(here, "src/skin/server-browser.ts"), { format: "esm" }));
cpSync(join(client, "sdk.wasm"), join(out, "sdk.wasm"));
write("sdk.split.wasm", split(readFileSync(join(client, "sdk.wasm"))));
write("split.cjs", bundle(join(here, "entries/split.js"), { format: "cjs" }));

// The types: checked and emitted by tsc, then put into one file an entry, because a .d.cts may not import a .d.ts of
// this package (it would be the ES module's).
const types = join(out, "types");
const tsc = spawnSync(process.execPath, [join(here, "node_modules/typescript/bin/tsc"), "-p", here, "--outDir", types], {
  stdio: "inherit",
});
if (tsc.status !== 0) process.exit(1); // it has said why
const declarations = (...modules) => {
  const text = modules
    .map((name) => readFileSync(join(types, `${name}.d.ts`), "utf8"))
    .join("\n")
    .split("\n")
    .filter((line) => !/^(import|export) .*from "\.{1,2}\//.test(line) && line !== "export {};")
    .join("\n");
  if (/from "\.|import\(/.test(text)) throw new Error("a declaration still imports another file of the package");
  // `Symbol.asyncDispose` needs the reference where the consumer's `lib` is older. `export {}` keeps helper types private.
  return `/// <reference lib="esnext.disposable" />\n${text}\nexport {};\n`;
};
const index = declarations("codes", "api/errors", "api/store", "api/credentials", "api/options", "api/session", "api/rallyhere", "api/xsolla", "api/playfab-login", "api/playfab", "api/index");
const serverTypes = declarations("codes", "api/errors", "api/store", "api/credentials", "api/options", "api/playfab-login", "api/playfab-server", "api/server");
write("index.d.ts", index);
write("index.d.cts", index);
write("server.d.ts", serverTypes);
write("server.d.cts", serverTypes);
for (const name of ["messages.d.ts", "messages.d.cts"]) cpSync(join(types, "api/messages.d.ts"), join(out, name));
const linkingTypes = declarations("api/linking");
write("linking.d.ts", linkingTypes);
write("linking.d.cts", linkingTypes);
for (const name of ["stores", "node-store"]) {
  for (const end of ["d.ts", "d.cts"]) write(`${name}.${end}`, declarations("api/store", `api/${name}`));
}
write("link-code/index.d.ts", declarations("api/linking", "api/link-code-strings", "api/link-code").replace("export default strings;", ""));
write("link-code/strings.d.ts", declarations("api/link-code-strings"));
for (const name of ["define", "define-code", "define-input"]) write(`link-code/${name}.d.ts`, 'import "./index.js";\n');
for (const end of ["d.ts", "d.cts"]) write(`terminal.${end}`, declarations("api/linking", "api/link-code-strings", "api/terminal").replace("export default strings;", ""));
write("slim.d.ts", `export * from "./index.js";\n\n${readFileSync(join(types, "api/slim.d.ts"), "utf8")}`);
for (const service of ["rallyhere", "xsolla", "playfab"]) {
  const text = readFileSync(join(types, "api/slim.d.ts"), "utf8").replaceAll("playerlink/slim", `playerlink/${service}/slim`);
  write(`${service}-slim.d.ts`, `export * from "./${service}.js";\n\n${text.replaceAll("sdk.split.wasm", `${service}.split.wasm`)}`);
}
rmSync(types, { recursive: true });
