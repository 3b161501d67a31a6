// The package in Node, as a program of a user starts it.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { consumer, load, node, tool } from "./support/consumer.mjs";
import { createServices } from "./support/services.mjs";

const { default: esbuild } = await import(pathToFileURL(tool("esbuild/lib/main.js")));

test("R3: import: signs in, restores, and the process ends by itself", async () => {
  assert.deepEqual(JSON.parse(await node("node-esm/main.mjs")), {
    player: "Nova",
    restored: true,
    main: "00000000-0000-4000-8000-000000000007",
    refused: "configuration",
  });
});

test("require: the same, from the module", async () => {
  assert.deepEqual(JSON.parse(await node("node-cjs/main.cjs")), { player: "Nova", refused: true });
});

test("require in a Node that cannot require modules: the same, from the .cjs files", async () => {
  const answer = JSON.parse(await node("--no-experimental-require-module", "node-cjs/main.cjs"));
  assert.deepEqual(answer, { player: "Nova", refused: true });
});

for (const format of ["esm", "cjs"]) {
  test(`bundled by esbuild into one ${format} file, where sdk.wasm is not next to it: the same`, async () => {
    const outfile = join(consumer, `bundled/main.${format === "esm" ? "mjs" : "cjs"}`);
    // esbuild is the bundler servers use most; warnings would be the user's to read.
    const entryPoints = [join(consumer, "bundled/entry.mjs")];
    const { warnings } = await esbuild.build({ entryPoints, outfile, bundle: true, platform: "node", format, logLevel: "silent" });
    assert.deepEqual(warnings, []);
    assert.equal(JSON.parse(await node(outfile)).player, "Nova");
  });
}

test("another version's sdk.wasm next to a bundle is not taken for ours", async () => {
  writeFileSync(join(consumer, "bundled/sdk.wasm"), "another version");
  assert.equal(JSON.parse(await node(join(consumer, "bundled/main.mjs"))).player, "Nova");
});

test("import and require share one instance", async () => {
  const same = `import * as a from "playerlink"; import { createRequire } from "node:module";
    console.log(createRequire(import.meta.url)("playerlink").createRallyHereClient === a.createRallyHereClient);`;
  assert.equal((await node("--input-type=module", "--eval", same)).trim(), "true");
});

test("playerlink/server: a missing secret is refused before anything is sent", async () => {
  const { createXsollaServer, isPlayerLinkError } = await load("playerlink/server");
  const services = createServices();
  const error = await createXsollaServer({ clientId: 1, publisherProjectId: 2, fetch: services.fetch }).catch((error) => error);
  assert.ok(isPlayerLinkError(error));
  assert.ok(["misuse", "configuration"].includes(error.kind), error.kind);
  assert.equal(services.requests.length, 0);
});

test("playerlink/server: signs a platform account in and links it by code", async () => {
  const { createXsollaServer } = await load("playerlink/server");
  const sent = [];
  const fetch = async (input, init) => {
    const request = new Request(input, init);
    const path = new URL(request.url).pathname;
    sent.push([path, request.headers.get("x-server-authorization"), await request.text()]);
    if (path.endsWith("/oauth2/token")) {
      return Response.json({ access_token: "server-token", token_type: "bearer", expires_in: 3600 });
    }
    return path.endsWith("/link") ? new Response(null, { status: 204 }) : Response.json({ token: "player-token" });
  };
  const xsolla = await createXsollaServer({
    clientId: 1,
    clientSecret: "secret",
    publisherProjectId: 44056,
    baseUrl: "http://127.0.0.1:9/api",
    fetch,
  });
  const account = { platform: "xbox", platformUserId: "123" };
  assert.equal((await xsolla.loginWithCustomId({ customId: "c", ...account })).token, "player-token");
  assert.deepEqual(await xsolla.linkByCode({ code: "012345", ...account }), { linked: true });
  assert.deepEqual(
    sent.map(([path, token]) => [path, token]),
    [
      ["/api/oauth2/token", null],
      ["/api/users/login/server_custom_id", "server-token"],
      ["/api/users/account/link", "server-token"],
    ],
  );
  assert.equal(JSON.parse(sent[2][2]).code, "012345");
});

test("playerlink/server under the browser condition fails with one sentence", async () => {
  const program = `import { createXsollaServer } from "playerlink/server";
    await createXsollaServer({}).catch((error) => console.log(error.kind, error.message));`;
  const line = await node("--conditions=browser", "--input-type=module", "--eval", program);
  assert.match(line, /^configuration playerlink\/server works in Node only: [^.]+\n$/);
});
