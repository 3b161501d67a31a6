// `playerlink/messages`: whatever goes wrong, there is something to show to the player.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { consumer, installed, load, node, tool } from "./support/consumer.mjs";
import { createServices, rallyhereOptions } from "./support/services.mjs";

const { default: esbuild } = await import(pathToFileURL(tool("esbuild/lib/main.js")));
const { playerMessage } = await load("playerlink/messages");

// Every kind and every code with its kind and its sentence, as the documentation has them.
const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
const kinds = [...(/^Kinds: (.*)$/m.exec(page)?.[1] ?? "").matchAll(/`([\w-]+)`/g)].map(([, kind]) => kind);
const codes = page.split(/^## /m).slice(1).flatMap((section) => {
  const service = section.split(/\W/, 1)[0].toLowerCase();
  const rows = section.matchAll(/^\| `([^`]+)` \| `([^`]+)` \| [^|]+ \| ([^|]+) \|/gm);
  return [...rows].map(([, code, kind, sentence]) => ({ service, code, kind, sentence }));
});

/** An error as any copy of the package makes it. */
const made = (fields) => Object.assign(new Error("for developers"), fields, { [Symbol.for("playerlink.error")]: true });
const GENERIC = playerMessage(new TypeError("not ours"));

test("every kind has a sentence of its own", () => {
  assert.equal(kinds.length, 20);
  const sentences = kinds.map((kind) => playerMessage(made({ kind })));
  assert.equal(new Set([GENERIC, ...sentences]).size, 21);
  for (const sentence of sentences) assert.match(sentence, /^[A-Z][^<>]{8,90}\.$/);
});

test("every known code has the sentence of the table", () => {
  assert.ok(codes.length > 150, `${codes.length} codes`);
  for (const { sentence, ...error } of codes) assert.equal(playerMessage(made(error)), sentence, error.code);
});

test("an unknown code has its kind's sentence, also where every object has that name", () => {
  const restricted = playerMessage(made({ kind: "restricted" }));
  for (const code of ["code_of_tomorrow", "constructor", "__proto__", "toString"]) {
    assert.equal(playerMessage(made({ service: "xsolla", code, kind: "restricted" })), restricted);
  }
  assert.equal(playerMessage(made({ service: "toString", code: "name", kind: "restricted" })), restricted);
  assert.equal(playerMessage(made({ kind: "kind-of-tomorrow" })), GENERIC);
  assert.equal(playerMessage(made({ kind: "constructor" })), GENERIC);
});

test("what is no error of playerlink has a sentence too", () => {
  const foreign = Object.assign(new Error("secret"), { kind: "network", service: "xsolla", code: "003-001" });
  for (const error of [undefined, null, 0, "network", {}, new Error("secret"), foreign]) assert.equal(playerMessage(error), GENERIC);
});

test("an error of a client: the service's code, else the kind; the error itself has no sentence", async () => {
  const { createRallyHereClient } = await load();
  const services = createServices();
  const rallyhere = await createRallyHereClient(rallyhereOptions(services));
  const refused = (code) => {
    services.next("/users/v1/login", 403, { auth_success: false, error_code: code, desc: "" });
    return rallyhere.login({ grant: "steam", ticket: "14" }).catch((error) => error);
  };
  const known = await refused("user_needs_agreements");
  assert.equal(playerMessage(known), codes.find(({ code }) => code === "user_needs_agreements").sentence);
  assert.ok(!("playerMessage" in known) && !("playerMessage" in known.toJSON()));
  const unknown = await refused("code_of_tomorrow");
  assert.equal(unknown.code, "code_of_tomorrow");
  assert.equal(playerMessage(unknown), playerMessage(made({ kind: unknown.kind })));
});

test("require gives the same, also in a Node that cannot require modules", async () => {
  const program = `console.log(require("playerlink/messages").playerMessage())`;
  for (const flags of [[], ["--no-experimental-require-module"]]) {
    assert.equal((await node(...flags, "--input-type=commonjs", "--eval", program)).trim(), GENERIC);
  }
});

test("it exports one function, imports nothing, and leaves a bundle that does not call it", async () => {
  assert.deepEqual(Object.keys(await load("playerlink/messages")), ["playerMessage"]);
  assert.doesNotMatch(readFileSync(join(installed, "messages.js"), "utf8"), /\bimport\b|WebAssembly|\bclass\b/);
  const bundled = async (contents) => {
    const stdin = { contents, resolveDir: consumer };
    const { outputFiles } = await esbuild.build({ stdin, bundle: true, write: false, format: "esm", logLevel: "silent" });
    return outputFiles[0].text;
  };
  assert.equal((await bundled(`import { playerMessage } from "playerlink/messages";`)).trim(), "");
  assert.doesNotMatch(await bundled(`export * from "playerlink/slim";`), /Check your internet/);
});
