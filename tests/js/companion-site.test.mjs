// The server of examples/companion-site, and how its page hears of a link. Real sockets on loopback; the clock is ours.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { after, afterEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createLinkFeed } from "../../examples/companion-site/link-feed.mjs";
import { createLinkEvents } from "../../examples/companion-site/public/link-events.js";
import { createSite } from "../../examples/companion-site/site.mjs";
import { load } from "./support/consumer.mjs";
import { startEmulator } from "./support/emulator.mjs";

const folder = fileURLToPath(new URL("../../examples/companion-site/", import.meta.url));
const SECRET = "a-companion-secret-of-forty-characters-0";
const NOVA = "00000000-0000-4000-8000-00000000abcd";
const ORION = "00000000-0000-4000-8000-00000000ef01";
const settings = { baseUrl: "http://127.0.0.1:9/api", projectId: "p", clientId: "57" };

const ends = [];
afterEach(() => Promise.all(ends.splice(0).map((end) => end())));

/** A site of its own: its address, its log and clock. Tokens are `token-of-<account>`. */
const openSite = async ({ limits = {}, secret = SECRET, ...options } = {}) => {
  const clock = { now: 1_800_000_000_000 };
  const log = [];
  const now = () => clock.now;
  const feed = createLinkFeed({ now, ...limits });
  const verify = async (token) => {
    if (token === "unverifiable") throw Object.assign(new Error("out of reach"), { kind: "network" });
    const [, userId] = /^token-of-(.*)$/.exec(token) ?? [];
    if (!userId) throw Object.assign(new Error("not accepted"), { kind: "session-over" });
    return { userId, expiresAt: now() + 3_600_000 };
  };
  const site = createSite({ folder, settings, verify, secret, feed, now, log: (line) => log.push(line), ...options });
  const server = createServer(site);
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  ends.push(() => new Promise((done) => server.close(done).closeAllConnections()));
  const url = `http://127.0.0.1:${server.address().port}`;
  return { url, log, clock, feed, server };
};

const report = (site, body, headers = {}) =>
  fetch(`${site.url}/api/links`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${SECRET}`, ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
const xbox = (accountId = NOVA, displayName = "AlexOnTheCouch") => ({ accountId, platform: "xbox", displayName });
const until = async (holds) => {
  while (!holds()) await new Promise((done) => setTimeout(done, 2));
};

/** A page's stream, read block by block. */
const listen = async (site, { account = NOVA, headers = {}, query = "" } = {}) => {
  const gone = new AbortController();
  const response = await fetch(`${site.url}/api/links/events${query}`, {
    headers: { authorization: `Bearer token-of-${account}`, ...headers },
    signal: gone.signal,
  });
  const blocks = (async function* () {
    let text = "";
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) yield text.slice(0, end);
    }
  })();
  const next = async () => {
    for (;;) {
      const { value, done } = await blocks.next();
      if (done) return undefined;
      if (value.startsWith(":")) continue;
      const [id, event, data] = ["id", "event", "data"].map((name) => new RegExp(`^${name}: (.*)$`, "m").exec(value)[1]);
      return { id: Number(id), event, data: JSON.parse(data) };
    }
  };
  ends.unshift(async () => gone.abort());
  return { response, blocks, next, leave: () => gone.abort() };
};

// ---- reports -------------------------------------------------------------------------------------------------------

test("a report counts only with the secret: wrong, shortened, missing and unset ones are refused alike", async () => {
  const site = await openSite();
  for (const authorization of [`Bearer ${SECRET}x`, `Bearer ${SECRET.slice(0, -1)}`, "Bearer", SECRET, `Basic ${SECRET}`, ""]) {
    const response = await report(site, xbox(), { authorization });
    assert.equal(response.status, 401, authorization);
    assert.deepEqual(await response.json(), { kind: "permission" });
  }
  assert.deepEqual(site.feed.links(NOVA), []);
  assert.equal((await report(site, xbox())).status, 204);
});

test("a site without a secret takes no report, whatever is sent", async () => {
  const site = await openSite({ secret: null });
  for (const authorization of ["Bearer undefined", "Bearer null", "Bearer ", `Bearer ${SECRET}`]) {
    assert.equal((await report(site, xbox(), { authorization })).status, 401, authorization);
  }
});

test("a page is not believed, even with the secret", async () => {
  const site = await openSite();
  assert.equal((await report(site, xbox(), { origin: site.url })).status, 403);
  assert.deepEqual(site.feed.links(NOVA), []);
});

test("a report that is not exactly one is refused, and nothing of it is kept", async () => {
  const site = await openSite();
  const wrong = [
    "{", "[]", "null", "\"text\"",
    {}, { accountId: NOVA }, { platform: "xbox" }, { ...xbox(), accountId: 7 }, { ...xbox(), accountId: "x".repeat(129) },
    { ...xbox(), platform: "x box" }, { ...xbox(), displayName: "" }, { ...xbox(), displayName: "x".repeat(129) },
    { ...xbox(), conflict: "invented" }, { ...xbox(), displayname: "misspelt" }, { ...xbox(), displayName: "x".repeat(5_000) },
  ];
  for (const body of wrong) assert.equal((await report(site, body)).status, 422, JSON.stringify(body));
  assert.equal((await report(site, xbox(), { "content-type": "text/plain" })).status, 422);
  assert.deepEqual(site.feed.links(NOVA), []);
});

test("a player's name keeps its letters and loses what turns or hides the words next to it", async () => {
  const site = await openSite();
  assert.equal((await report(site, xbox(NOVA, " Ünal\u202eevil\u200b\u0007 海 "))).status, 204);
  assert.equal(site.feed.links(NOVA)[0].displayName, "Ünalevil 海");
});

test("a report that is sent again within a minute is one link, later it is another", async () => {
  const site = await openSite();
  const page = await listen(site);
  await page.next();
  for (let times = 0; times < 3; times++) assert.equal((await report(site, xbox())).status, 204);
  site.clock.now += 60_000;
  await report(site, xbox());
  const [first, second] = [await page.next(), await page.next()];
  assert.equal(second.data.atMs - first.data.atMs, 60_000);
  assert.equal(site.feed.links(NOVA).length, 2);
});

// ---- the stream ----------------------------------------------------------------------------------------------------

test("the stream asks for the player's token, and a verifier that is out of reach is not the player's fault", async () => {
  const site = await openSite();
  const ask = (authorization) => fetch(`${site.url}/api/links/events`, { headers: authorization ? { authorization } : {} });
  for (const authorization of [undefined, "Bearer forged", `Basic token-of-${NOVA}`, "Bearer"]) {
    const response = await ask(authorization);
    assert.equal(response.status, 401, authorization);
    assert.equal(response.headers.get("www-authenticate"), "Bearer");
    assert.deepEqual(await response.json(), { kind: "session-over" });
  }
  const response = await ask("Bearer unverifiable");
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("retry-after"), "5");
  // Not in the address either, where it would get into logs and histories.
  assert.equal((await fetch(`${site.url}/api/links/events?access_token=token-of-${NOVA}`)).status, 401);
});

test("a page hears of its own account's links at once, and of nobody else's", async () => {
  const site = await openSite();
  const [nova, orion] = [await listen(site), await listen(site, { account: ORION })];
  assert.equal(nova.response.headers.get("content-type"), "text/event-stream");
  for (const page of [nova, orion]) assert.equal((await page.next()).event, "ready");
  await report(site, xbox(ORION, "RobinNextDoor"));
  await report(site, { accountId: NOVA, platform: "psn", conflict: "platform-linked-elsewhere" });
  await report(site, xbox());
  const atMs = site.clock.now;
  assert.deepEqual((await nova.next()).data, { platform: "psn", conflict: "platform-linked-elsewhere", atMs });
  const last = await nova.next();
  assert.equal(last.event, "link");
  assert.deepEqual(last.data, { platform: "xbox", displayName: "AlexOnTheCouch", atMs });
  assert.equal((await orion.next()).data.displayName, "RobinNextDoor");
});

test("a page that comes back with its position is told exactly what it missed", async () => {
  const site = await openSite();
  const page = await listen(site);
  await page.next();
  await report(site, xbox(NOVA, "First"));
  const { id } = await page.next();
  page.leave();
  await until(() => site.feed.waiting() === 0);
  await report(site, xbox(NOVA, "Second"));
  await report(site, xbox(ORION, "Other"));
  await report(site, xbox(NOVA, "Third"));
  const again = await listen(site, { headers: { "last-event-id": String(id) } });
  assert.deepEqual([(await again.next()).data.displayName, (await again.next()).data.displayName], ["Second", "Third"]);
  const ready = await again.next();
  assert.equal(ready.event, "ready");
  const third = await listen(site, { headers: { "last-event-id": String(ready.id) } });
  assert.equal((await third.next()).event, "ready", "nothing is told twice");
});

test("a page without a position is told of the time since it asked for its code, and of no older link", async () => {
  const site = await openSite();
  await report(site, xbox(NOVA, "Old"));
  site.clock.now += 30_000;
  await report(site, xbox(NOVA, "New"));
  site.clock.now += 5_000;
  const page = await listen(site, { query: "?withinMs=20000" });
  assert.equal((await page.next()).data.displayName, "New");
  assert.equal((await page.next()).event, "ready");
  for (const query of ["", "?withinMs=", "?withinMs=-5", "?withinMs=1e9", "?withinMs=x"]) {
    assert.equal((await (await listen(site, { query, account: NOVA })).next()).event, "ready", query);
    ends.shift()();
    await until(() => site.feed.waiting() === 1);
  }
});

test("a position that is no number is none", async () => {
  const site = await openSite();
  await report(site, xbox());
  const page = await listen(site, { headers: { "last-event-id": "<script>" } });
  assert.equal((await page.next()).event, "ready");
});

test("positions grow within one millisecond and when the clock is set back", async () => {
  const clock = { now: 5_000 };
  const feed = createLinkFeed({ now: () => clock.now });
  const heard = [];
  const wait = feed.wait(NOVA, {}, ({ position }) => heard.push(position));
  for (const displayName of ["a", "b"]) feed.add(xbox(NOVA, displayName));
  clock.now = 1_000;
  feed.add(xbox(NOVA, "c"));
  const all = [wait.position, ...heard];
  assert.deepEqual(all, [...new Set(all)].sort((a, b) => a - b));
});

test("four pages of an account may wait; the fifth is told when to come back, and gets in when one has left", async () => {
  const site = await openSite();
  const pages = [];
  for (let count = 0; count < 4; count++) pages.push(await listen(site));
  const fifth = await listen(site);
  assert.equal(fifth.response.status, 429);
  assert.equal(fifth.response.headers.get("retry-after"), "10");
  assert.equal((await listen(site, { account: ORION })).response.status, 200, "another account is not held up");
  pages[0].leave();
  await until(() => site.feed.waiting(NOVA) === 3);
  assert.equal((await listen(site)).response.status, 200);
});

test("there is a limit over all accounts too, and nothing grows without end", async () => {
  const feed = createLinkFeed({ mostStreamsInAll: 2, mostAccounts: 3, mostPerAccount: 2 });
  const waits = ["a", "b", "c"].map((account) => feed.wait(account, {}, () => {}));
  assert.equal(waits[2], undefined);
  waits[0].stop();
  waits[0].stop();
  assert.equal(feed.waiting(), 1, "leaving twice counts once");
  assert.ok(feed.wait("c", {}, () => {}));
  for (const account of ["a", "b", "c", "d"]) for (const name of ["1", "2", "3"]) feed.add(xbox(account, name));
  assert.deepEqual(feed.links("a"), []);
  assert.deepEqual(feed.links("d").map(({ displayName }) => displayName), ["3", "2"]);
});

test("a stream says something while nothing happens, and ends with the token", async () => {
  const site = await openSite({ heartbeatMs: 5 });
  const page = await listen(site);
  const first = (await page.blocks.next()).value;
  assert.match(first, /event: ready\ndata: \{"heartbeatMs":5\}/);
  assert.equal((await page.blocks.next()).value, ":");

  const verify = async () => ({ userId: NOVA, expiresAt: 0 });
  const ended = await openSite({ verify });
  const short = await listen(ended);
  assert.equal((await short.next()).event, "ready");
  assert.equal(await short.next(), undefined);
  assert.equal(ended.feed.waiting(), 0);
});

test("the list of links is the account's own, newest first, without refusals", async () => {
  const site = await openSite();
  await report(site, xbox(NOVA, "First"));
  await report(site, { accountId: NOVA, platform: "psn", conflict: "other" });
  await report(site, xbox(NOVA, "Second"));
  const list = async (account) => {
    const response = await fetch(`${site.url}/api/links`, { headers: { authorization: `Bearer token-of-${account}` } });
    return (await response.json()).links.map(({ displayName }) => displayName);
  };
  assert.deepEqual(await list(NOVA), ["Second", "First"]);
  assert.deepEqual(await list(ORION), []);
  assert.equal((await fetch(`${site.url}/api/links`)).status, 401);
});

test("neither log nor events hold a token, the secret or a whole account id", async () => {
  const site = await openSite();
  const page = await listen(site);
  const said = [await page.next()];
  await report(site, xbox());
  said.push(await page.next());
  await report(site, xbox(), { authorization: `Bearer ${SECRET}x` });
  await report(site, "{");
  await fetch(`${site.url}/api/links`, { headers: { authorization: "Bearer unverifiable" } });
  const text = JSON.stringify([site.log, said]);
  assert.ok(site.log.some((line) => line.includes("…abcd xbox linked")), text);
  for (const secret of [SECRET, "token-of", "unverifiable", NOVA]) assert.ok(!text.includes(secret), secret);
});

// ---- files ---------------------------------------------------------------------------------------------------------

test("the page comes under a policy that names its one inline script, without a way to run another", async () => {
  const site = await openSite();
  const response = await fetch(`${site.url}/`);
  const map = /<script type="importmap">([^]*?)<\/script>/.exec(await response.text())[1];
  const policy = response.headers.get("content-security-policy");
  const hash = createHash("sha256").update(map).digest("base64");
  assert.ok(policy.startsWith(`default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}'; style-src 'self';`), policy);
  assert.ok(policy.includes("connect-src 'self' http://127.0.0.1:9;"));
  for (const part of ["require-trusted-types-for 'script'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"]) {
    assert.ok(policy.includes(part), part);
  }
  assert.doesNotMatch(policy, /unsafe-inline|unsafe-eval'(?<!wasm-unsafe-eval')|\*/);
});

test("every answer says not to keep it, not to guess its type and not to send where it was", async () => {
  const site = await openSite();
  for (const path of ["/", "/app.js", "/settings.json", "/api/links", "/api/links/events", "/nothing"]) {
    const { headers } = await fetch(`${site.url}${path}`);
    assert.equal(headers.get("cache-control"), "no-store", path);
    assert.equal(headers.get("x-content-type-options"), "nosniff", path);
    assert.equal(headers.get("referrer-policy"), "no-referrer", path);
    assert.equal(headers.get("access-control-allow-origin"), null, path);
  }
});

test("only the page's own files are served, by no other way and no other method", async () => {
  const site = await openSite();
  for (const path of ["/", "/app.js", "/link-events.js", "/words/de.js", "/style.css", "/icon.svg"]) {
    assert.equal((await fetch(`${site.url}${path}`)).status, 200, path);
  }
  const others = [
    "/server.mjs", "/site.mjs", "/package.json", "/.npmrc", "/public/app.js", "/..%2fserver.mjs", "/%2e%2e/server.mjs",
    "/words/../../server.mjs", "/node_modules/playerlink/package.json", "/node_modules/playerlink/../../server.mjs", "/words",
  ];
  for (const path of others) assert.equal((await fetch(`${site.url}${path}`)).status, 404, path);
  assert.equal((await fetch(`${site.url}/`, { method: "POST" })).status, 404);
  assert.equal(await (await fetch(`${site.url}/app.js`, { method: "HEAD" })).text(), "");
});

test("every language has every word, and the page's own words are the English ones", async () => {
  const [en, de] = await Promise.all(["en", "de"].map(async (lang) => (await import(`../../examples/companion-site/public/words/${lang}.js`)).default));
  const own = (table) => Object.keys(table).filter((key) => !/^error/.test(key)).sort();
  assert.deepEqual(own(de), own(en));
  for (const key of own(en)) assert.deepEqual(de[key].match(/\{\w+\}/g), en[key].match(/\{\w+\}/g), key);
  const html = readFileSync(new URL("public/index.html", `file://${folder}`), "utf8");
  const keys = [...html.matchAll(/data-say(?:-label)?="([\w-]+)"/g)].map(([, key]) => key);
  assert.ok(keys.length > 20);
  for (const key of keys) assert.ok(key in en, key);
  for (const [, key, text] of html.matchAll(/data-say="([\w-]+)"[^>]*>([^<]+)</g)) {
    assert.equal(text.replaceAll("&nbsp;", "\u00a0").replace(/[ \n]+/g, " ").trim(), en[key], key);
  }
});

// ---- the page's ear ------------------------------------------------------------------------------------------------

const ear = (site, { account = NOVA, ended = () => {} } = {}) => {
  const asked = [];
  const open = async (path, init) => {
    asked.push({ path, id: init.headers["last-event-id"] });
    return fetch(site.url + path, { ...init, headers: { ...init.headers, authorization: `Bearer token-of-${account}` } });
  };
  const events = createLinkEvents({ open, ended, waitsMs: [1] });
  ends.unshift(async () => events.stop());
  return { events, asked };
};

test("the page counts as heard in before it asks for a code, and learns of the link", async () => {
  const site = await openSite();
  const { events, asked } = ear(site);
  await events.start();
  assert.equal(site.feed.waiting(NOVA), 1);
  const heard = new Promise((done) => events.listen(done));
  await report(site, xbox());
  assert.deepEqual(await heard, { platform: "xbox", displayName: "AlexOnTheCouch", atMs: site.clock.now });
  assert.match(asked[0].path, /^\/api\/links\/events\?withinMs=\d+$/);
});

test("a lost connection costs the page nothing: it comes back with its position", async () => {
  const site = await openSite();
  const { events, asked } = ear(site);
  await events.start();
  const heard = [];
  events.listen(({ displayName }) => heard.push(displayName));
  await report(site, xbox(NOVA, "First"));
  await until(() => heard.length === 1);
  site.server.closeAllConnections();
  await until(() => site.feed.waiting() === 0);
  await report(site, xbox(NOVA, "Second"));
  await until(() => heard.length === 2);
  assert.deepEqual(heard, ["First", "Second"]);
  assert.ok(asked.at(-1).id > 0 && asked.at(-1).path === "/api/links/events");
});

test("the last listener that leaves ends the stream, and nothing is asked for any more", async () => {
  const site = await openSite();
  const { events, asked } = ear(site);
  await events.start();
  const stop = events.listen(() => {});
  stop();
  await until(() => site.feed.waiting() === 0);
  await new Promise((done) => setTimeout(done, 20));
  assert.equal(asked.length, 1);
});

/** A server that only the test answers for, and a clock that only the test moves. */
const scripted = (t, answers) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const asked = [];
  const open = async (_path, { signal }) => {
    asked.push(signal);
    return answers[Math.min(asked.length, answers.length) - 1]();
  };
  const events = createLinkEvents({ open, ended: () => assert.fail("signed out"), waitsMs: [1_000] });
  const settled = async () => {
    for (let turn = 0; turn < 10; turn++) await new Promise((done) => setImmediate(done));
  };
  const pass = async (ms) => {
    t.mock.timers.tick(ms);
    await settled();
  };
  return { events, asked, settled, pass };
};
const streaming = (text) => () => new Response(new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode(text)) }));

test("asked to wait, the page waits that long and no less", async (t) => {
  const busy = () => new Response(null, { status: 429, headers: { "retry-after": "10" } });
  const { events, asked, settled, pass } = scripted(t, [busy, streaming('id: 1\nevent: ready\ndata: {"heartbeatMs":15000}\n\n')]);
  void events.start();
  await settled();
  await pass(9_999);
  assert.equal(asked.length, 1);
  await pass(1);
  assert.equal(asked.length, 2);
  events.stop();
});

test("a stream that has gone silent is given up", async (t) => {
  const ready = streaming('id: 1\nevent: ready\ndata: {"heartbeatMs":4000}\n\n');
  const { events, asked, settled, pass } = scripted(t, [ready]);
  void events.start();
  await settled();
  // Real ones end with their signal; this one does not, so only the signal is looked at.
  assert.equal(asked[0].aborted, false);
  await pass(39_999);
  assert.equal(asked[0].aborted, false);
  await pass(1);
  assert.equal(asked[0].aborted, true);
  events.stop();
});

test("a page behind a captive portal, a broken server and cut events keeps asking, and hears nothing that was not said", async (t) => {
  const answers = [
    () => new Response("<title>Hotel Wi-Fi</title>\n\n<p>event: link</p>\n\n"),
    () => new Response(null, { status: 502 }),
    () => Promise.reject(new TypeError("failed to fetch")),
    () => new Response('id: 5\nevent: link\ndata: {"platform":"xbox"}\n\nid: 6\nevent: link\ndata: {"pla'),
    streaming('id: 7\nevent: ready\ndata: {"heartbeatMs":15000}\n\n'),
  ];
  const { events, asked, settled, pass } = scripted(t, answers);
  const heard = [];
  events.listen((link) => heard.push(link));
  void events.start();
  await settled();
  for (let times = 0; times < 8; times++) await pass(1_250);
  assert.deepEqual(heard, [{ platform: "xbox" }]);
  assert.equal(asked.length, 5);
  events.stop();
});

test("a token that is not accepted any more ends the session, not the page's patience", async () => {
  const site = await openSite({ verify: async () => Promise.reject(Object.assign(new Error(), { kind: "session-over" })) });
  let ends = 0;
  const { events, asked } = ear(site, { ended: () => ends++ });
  await events.start(50);
  await until(() => ends > 0);
  await new Promise((done) => setTimeout(done, 20));
  assert.deepEqual([ends, asked.length], [1, 1]);
});

// ---- with the package and the services -----------------------------------------------------------------------------

test("a real token is verified, and a link that Xsolla knows reaches the page of the main account", async () => {
  const emulator = await startEmulator();
  after(() => emulator.stop());
  const baseUrl = `${emulator.url}/api`;
  const projectId = "f6c5011a-715e-4e5e-b7b1-a4812d85b8c8";
  const { createXsollaClient } = await load("playerlink");
  const { createXsollaServer } = await load("playerlink/server");
  const xsolla = await createXsollaServer({
    baseUrl, clientId: "59", clientSecret: "server-client-secret", publisherProjectId: 44056,
    trustedProjects: [{ projectId, kind: "standard", algorithm: "RS256" }],
  });
  const site = await openSite({ verify: (token) => xsolla.verifyToken(token), now: Date.now });
  const client = await createXsollaClient({ baseUrl, projectId, oauth: { clientId: "57", redirectUri: "http://127.0.0.1:9/" } });
  const session = await client.login({ username: "nova", password: "correct-horse" });

  const events = createLinkEvents({ open: (path, init) => session.fetch(site.url + path, init), ended: () => assert.fail("signed out") });
  ends.unshift(async () => events.stop());
  await events.start();
  const heard = new Promise((done) => events.listen(done));
  const { code } = await session.createLinkingCode();
  const account = { platform: "xbox", platformUserId: "123" };
  const console_ = await xsolla.loginWithCustomId({ customId: "console-1", ...account });
  await xsolla.linkByCode({ code, ...account });
  const [{ userId }] = await xsolla.linkingInfo([account]);
  assert.equal(userId, session.player.playerId, "now the platform account is the main account's");
  await report(site, { accountId: userId, platform: "xbox", displayName: "AlexOnTheCouch" });
  assert.equal((await heard).displayName, "AlexOnTheCouch");

  // A console's token is of the shadow project: it is not the page's.
  const response = await fetch(`${site.url}/api/links`, { headers: { authorization: `Bearer ${console_.token}` } });
  assert.equal(response.status, 401);
  const seen = JSON.stringify(site.log);
  for (const secret of [code, await session.accessToken(), SECRET]) assert.ok(!seen.includes(secret));
});
