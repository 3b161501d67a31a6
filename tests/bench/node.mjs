// `cargo xtask bench node`: the published package in Node against its budget. Times are printed, since they depend on the
// machine; ratios are taken in one run. What is counted is judged.
import { cpSync } from "node:fs";
import { join } from "node:path";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { consumer, load, node } from "../js/support/consumer.mjs";

const STARTS = 20;
const REFRESHES = 600;
const WARM_UP = 100;
const TOKENS = 50_000;
const OUTAGE_MS = 10_000;
const CALLS = 40;
const CALLERS = 20;

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
const quantile = (times, part) => [...times].sort((a, b) => a - b)[Math.floor((times.length - 1) * part)];

const service = new Worker(here("service.mjs"));
const [{ port }] = await once(service, "message");
const ask = async (message) => {
  const answered = once(service, "message");
  service.postMessage(message);
  return (await answered)[0];
};
const answers = (told) => ask({ status: 200, expiresIn: 3600, delayMs: 0, retryAfter: null, ...told });
const posts = async () => (await ask("seen")).posts;

const { createRallyHereClient, memoryStore } = await load();
const base = `http://127.0.0.1:${port}`;
const signIn = async () => {
  const options = { baseUrl: base, clientId: "game", clientSecret: "game-secret", store: memoryStore() };
  return (await createRallyHereClient(options)).login({ grant: "steam", ticket: "14000000ab" });
};
/** Until the token is over, without a turn for anybody to refresh it before. */
const outlive = (ms) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

const start = async () => {
  cpSync(here("start.mjs"), join(consumer, "start.mjs"));
  const times = [];
  for (let round = 0; round < STARTS; round++) times.push(Number(await node("start.mjs")));
  return Math.min(...times);
};

const refreshAgainstFetch = async () => {
  await answers({});
  const session = await signIn();
  await session.refresh();
  const { last } = await ask("seen");
  const raw = async () => {
    const response = await fetch(base + last.path, { method: last.method, headers: last.headers, body: last.body });
    return (await response.json()).access_token;
  };
  const timed = async (work) => {
    const began = performance.now();
    await work();
    return performance.now() - began;
  };
  const times = { raw: [], refresh: [] };
  for (let round = 0; round < WARM_UP + REFRESHES; round++) {
    // Each is first as often as the other.
    const both = [["raw", raw], ["refresh", () => session.refresh()]];
    for (const [name, work] of round % 2 ? both : both.reverse()) {
      const time = await timed(work);
      if (round >= WARM_UP) times[name].push(time);
    }
  }
  session.close();
  return { raw: quantile(times.raw, 0.5), refresh: quantile(times.refresh, 0.5) };
};

const cachedToken = async () => {
  await answers({});
  const session = await signIn();
  const times = [];
  for (let round = 0; round < TOKENS; round++) {
    const began = process.hrtime.bigint();
    await session.accessToken();
    times.push(Number(process.hrtime.bigint() - began) / 1_000);
  }
  session.close();
  return quantile(times.slice(TOKENS / 10), 0.5);
};

const outage = async (retryAfter) => {
  await answers({ expiresIn: 1 });
  const session = await signIn();
  await answers({ status: 503, retryAfter });
  outlive(1_100);
  const calls = [];
  for (let call = 0; call < CALLS; call++) {
    calls.push(session.accessToken().catch(() => {}));
    await sleep(OUTAGE_MS / CALLS);
  }
  const sent = await posts();
  session.close();
  await Promise.all(calls);
  return sent;
};

const atExpiry = async () => {
  await answers({ expiresIn: 1 });
  const session = await signIn();
  await answers({ delayMs: 100 });
  outlive(1_100);
  await Promise.all(Array.from({ length: CALLERS }, () => session.accessToken()));
  session.close();
  return posts();
};

const rows = [];
const row = (what, found, must, goal, judged = false) => rows.push({ what, found, must, goal, judged });
row("import + create client, fresh process, min, ms", await start(), 12, 5);
const { raw, refresh } = await refreshAgainstFetch();
row("raw fetch of the same request, p50, ms", raw);
row("refresh, p50, ms", refresh);
row("refresh against raw fetch, same run", refresh / raw, 1.15, 1.1);
row("cached token, p50, µs", await cachedToken(), 5, 1);
row(`POSTs for ${CALLS} calls in 10 s of outage`, await outage(null), 4, 4, true);
row("the same with Retry-After", await outage(30), 4, 1, true);
row(`POSTs of ${CALLERS} callers at expiry`, await atExpiry(), 1, 1, true);
await service.terminate();

const shown = (number) => (number === undefined ? "–" : Number.isInteger(number) ? String(number) : number.toFixed(2));
console.log(`| Node ${process.version.padEnd(43)} |  found |   must |   goal |`);
console.log(`| ${"-".repeat(48)} | -----: | -----: | -----: |`);
for (const { what, found, must, goal } of rows) {
  console.log(`| ${what.padEnd(48)} | ${[found, must, goal].map((number) => shown(number).padStart(6)).join(" | ")} |`);
}
const above = rows.filter(({ found, must }) => found > must);
for (const { what, judged } of above) console.error(`bench: ${what}: above its limit${judged ? "" : " on this machine"}`);
process.exitCode = above.some(({ judged }) => judged) ? 1 : 0;
