// The page of chromium.test.mjs: plays everything and puts `{ name: problems }` into `globalThis.result`.
import * as playerlink from "playerlink";
import { playRow, rows } from "./only-js.mjs";
import * as player from "./play.mjs";

const unhandled = [];
addEventListener("unhandledrejection", ({ reason }) => unhandled.push(String(reason)));
addEventListener("error", ({ message }) => unhandled.push(message));
const complaints = [];
for (const name of ["error", "warn"]) console[name] = (...args) => complaints.push(args.join(" "));

const read = async (path) => (await fetch(path)).json();
const { sentences, scenarios, construct } = await read("scenarios.json");
const { bases, good } = await read("server.json");

const result = {};
const proved = async (name, work) => {
  const problems = await work.catch((error) => [String(error)]);
  problems.push(...(await player.health(playerlink, good)));
  problems.push(...unhandled.splice(0).map((text) => `unhandled: ${text}`), ...complaints.splice(0).map((text) => `console: ${text}`));
  result[name] = problems;
};
for (const [index, scenario] of scenarios.entries()) {
  await proved(scenario.name, player.play(playerlink, scenario, bases[index], sentences));
}
for (const row of construct) await proved(`construction: ${row.name}`, player.construct(playerlink, row, sentences));
for (const row of rows(playerlink, good)) await proved(row.name, playRow(playerlink, row));
globalThis.result = result;
