// Bad input in Node: the same scenarios, against the installed package. Run by `cargo xtask test`, or by hand:
// PLAYERLINK_TARBALL=dist/npm/playerlink-….tgz node --test tests/conformance/node.test.mjs
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { load } from "../js/support/consumer.mjs";
import { playRow, rows } from "./only-js.mjs";
import * as player from "./play.mjs";
import { construct, scenarios, sentences, startServer } from "./setup.mjs";

const unhandled = [];
process.on("unhandledRejection", (reason) => unhandled.push(String(reason)));
process.on("uncaughtException", (error) => unhandled.push(String(error)));
const complaints = [];
for (const name of ["error", "warn"]) console[name] = (...args) => complaints.push(args.join(" "));

const playerlink = await load();
const server = await startServer();
after(() => server.stop());

// Whatever happened before: nothing went unnoticed, and the module still works.
const proved = async (problems) => {
  problems.push(...(await player.health(playerlink, server.good)));
  await new Promise((done) => setImmediate(done));
  problems.push(...unhandled.splice(0).map((text) => `unhandled: ${text}`), ...complaints.splice(0).map((text) => `console: ${text}`));
  assert.deepEqual(problems, []);
};

for (const [index, scenario] of scenarios.entries()) {
  const own = { ...scenario, expect: scenario.node ?? scenario.expect };
  test(scenario.name, async () => proved(await player.play(playerlink, own, server.bases[index], sentences)));
}
for (const row of construct) {
  test(`construction: ${row.name}`, async () => proved(await player.construct(playerlink, row, sentences)));
}
for (const row of rows(playerlink, server.good)) test(row.name, async () => proved(await playRow(playerlink, row)));
test("everything that was scripted was played", async () => assert.equal(await server.stop(), ""));
