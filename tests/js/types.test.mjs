// The public types, with the compilers and settings users have.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { consumer, node } from "./support/consumer.mjs";

const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
const types = fileURLToPath(new URL("node_modules/@types", import.meta.url));

const compile = async (name, files, compilerOptions) => {
  const project = join(consumer, "typescript", `tsconfig.${name}.json`);
  const strict = { strict: true, exactOptionalPropertyTypes: true, noEmit: true, skipLibCheck: false, target: "ES2022" };
  writeFileSync(project, JSON.stringify({ compilerOptions: { ...strict, types: [], ...compilerOptions }, files }));
  await assert.doesNotReject(node(tsc, "--project", project, "--pretty", "false").catch((error) => Promise.reject(error)));
};

const all = ["consumer.ts", "messages.ts", "playfab.ts", "server.ts", "services.ts", "slim.ts", "stores.ts", "xsolla.ts"];

test("R49: a bundled page", () => compile("page", [...all, "link-code.ts", "terminal.ts"], { module: "ESNext", moduleResolution: "bundler", lib: ["ES2022", "DOM"] }));

test("R49: an ES module in Node, with await using", () =>
  compile("node", ["disposal.mts", "messages.ts"], { module: "NodeNext", lib: ["ES2022", "DOM", "ESNext.Disposable"] }));

test("R49: CommonJS in Node 18 terms", () =>
  compile("cjs", ["consumer.ts", "messages.ts", "node-store.ts", "playfab.ts", "server.ts", "stores.ts"], { module: "Node16", moduleResolution: "node16", lib: ["ES2022", "DOM"] }));

test("R49: a Node program without the DOM's types", () =>
  compile("plain", ["consumer.ts", "messages.ts", "node-store.ts", "playfab.ts", "server.ts", "stores.ts"], {
    module: "NodeNext",
    lib: ["ES2022"],
    types: ["node"],
    typeRoots: [types],
    // Node's own types are not ours to check; `consumer.ts` still is.
    skipLibCheck: true,
  }));
