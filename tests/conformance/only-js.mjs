// Bad input that only JavaScript can give: a `fetch` that is none, arguments of other types, a store that throws. Each
// row is a call and the kind it must fail with, in Node and in a page alike.
import { compare, createClient, look, openStore, outcome, signIn } from "./play.mjs";

const reasons = { "a string": "text", undefined: undefined, null: null, "a number": 42, "a plain object": { kind: "misuse", message: "not ours" },
  "a symbol": Symbol("x"), "a frozen object": Object.freeze({}), "an Error": new TypeError("fetch failed"), "a DOMException": new DOMException("x", "AbortError") };
const results = { undefined: undefined, null: null, "a string": "text", "a number": 42, "a plain object": {}, "a list": [], "a function": () => {},
  "a status alone": { status: 200 }, "headers of another kind": { status: 200, type: "basic", headers: {} },
  "a body that is text": { status: 200, type: "basic", headers: new Headers(), body: "text" },
  "a body whose reader is none": { status: 200, type: "basic", headers: new Headers(), body: { getReader: () => undefined } },
  "chunks that are no bytes": { status: 200, type: "basic", headers: new Headers(), body: { getReader: () => ({ read: async () => ({ done: false, value: -1 }), cancel: async () => {} }) } },
  "chunks that are lists": { status: 200, type: "basic", headers: new Headers(), body: { getReader: () => ({ read: async () => ({ value: { length: 1e12 } }) }) } },
  "a body that fails with no Error": { status: 200, type: "basic", headers: new Headers(), body: { getReader: () => ({ read: () => Promise.reject(undefined) }) } } };

const network = "no answer from the service: offline, refused, DNS, TLS, or (in a browser) CORS";
const notText = (name) => ({ kind: "misuse", message: `\`${name}\` must be a text` });
const closed = { kind: "misuse", message: "the session was closed; restore it or sign in again" };

/** Every row: what it is called, what it does, and the error (or part of the answer) it must come to. */
export const rows = (playerlink, good) => {
  const list = [];
  const row = (name, expect, work) => list.push({ name, expect, work });
  const client = (service, options) => createClient(playerlink, service, good, { store: openStore(), ...options });
  const session = async (service, options) => signIn(await client(service, options), service);

  for (const service of ["rallyhere", "xsolla"]) {
    for (const [name, reason] of Object.entries(reasons)) {
      row(`${service}: fetch rejects with ${name}`, { kind: "network", message: network }, () => session(service, { fetch: () => Promise.reject(reason) }));
      row(`${service}: fetch throws ${name}`, { kind: "network", message: network }, () =>
        session(service, { fetch: () => { throw reason; } }));
    }
  }
  for (const [name, result] of Object.entries(results)) {
    row(`fetch answers with ${name}`, { anyOf: ["network", "protocol"] }, () => session("rallyhere", { fetch: async () => result }));
  }
  row("fetch answers with a response that was read already", { anyOf: ["network", "protocol"] }, () =>
    session("rallyhere", { fetch: async () => { const response = new Response("{}"); await response.text(); return response; } }));
  row("fetch answers with an error response", { anyOf: ["network", "protocol"] }, () => session("rallyhere", { fetch: async () => Response.error() }));
  row("fetch that never answers runs into the deadline", { kind: "timeout" }, () => session("rallyhere", { deadlineMs: 100, fetch: () => new Promise(() => {}) }));
  row("there is no fetch", { anyOf: ["network", "configuration"] }, async () => {
    const real = globalThis.fetch;
    try {
      globalThis.fetch = undefined;
      return await session("rallyhere");
    } finally {
      globalThis.fetch = real;
    }
  });
  row("a refresh whose fetch rejects with undefined keeps the session", { kind: "network", message: network }, async () => {
    const store = openStore();
    await session("rallyhere", { store });
    const before = look(store);
    try {
      await (await (await client("rallyhere", { store, fetch: () => Promise.reject() })).restore()).refresh();
    } finally {
      if (look(store) !== before) throw new Error("the store changed");
    }
  });
  row("a signal that is no signal", { ok: "signed in" }, async () => {
    await (await client("rallyhere")).login({ grant: "steam", ticket: "1" }, { signal: 42 });
    return "signed in";
  });

  const logins = { undefined: undefined, null: null, "a string": "steam", "a number": 42, "a list": [], "a function": () => {} };
  for (const [name, credential] of Object.entries(logins)) {
    row(`a login with ${name}`, { kind: "misuse" }, async () => (await client("rallyhere")).login(credential));
  }
  row("a ticket that is a number", notText("ticket"), async () => (await client("rallyhere")).login({ grant: "steam", ticket: 42 }));
  row("a ticket that is missing", { kind: "misuse" }, async () => (await client("rallyhere")).login({ grant: "steam" }));
  row("a grant of tomorrow", { kind: "misuse" }, async () => (await client("rallyhere")).login({ grant: "holodeck", ticket: "1" }));
  row("a display name that is an object", notText("displayName"), async () => (await client("rallyhere")).login({ grant: "steam", ticket: "1", displayName: {} }));
  row("Xsolla: a password that is a number", notText("password"), async () => (await client("xsolla")).login({ username: "nova", password: 42 }));
  row("Xsolla: no credential at all", { kind: "credentials" }, async () => (await client("xsolla")).login(undefined));
  row("Xsolla: a token that is a number", notText("token"), async () => (await client("xsolla")).sessionFromToken(42));
  row("Xsolla: a redirect that is nothing", { kind: "misuse" }, async () => (await client("xsolla")).completeRedirect(undefined));
  row("a key id that is a number", notText("keyId"), async () => (await client("rallyhere")).publicKey(42));
  row("a key id that is missing", { kind: "misuse" }, async () => (await client("rallyhere")).publicKey());
  row("a portal that does not exist", { kind: "misuse" }, async () => (await client("rallyhere")).oauthLoginUrl({ portal: "holodeck" }));
  row("a portal that is missing", { kind: "misuse" }, async () => (await client("rallyhere")).oauthLoginUrl());
  row("a completion that is missing", { kind: "misuse" }, async () => (await client("rallyhere")).completeOauth());
  row("links of a number", notText("playerId"), async () => (await session("rallyhere")).links({ playerId: 42 }));
  row("half an identity", { kind: "misuse" }, async () => (await session("rallyhere")).enableCrossProgression({ platform: "XboxLive" }));
  row("restrictions of nobody", { kind: "misuse" }, async () => (await session("rallyhere")).restrictions({ of: "moon" }));
  row("restrictions without a question", { kind: "misuse" }, async () => (await session("rallyhere")).restrictions());
  row("a link without a leader", { kind: "misuse" }, async () => (await session("rallyhere")).link({}));
  row("session.fetch of what is no address", { kind: "misuse" }, async () => (await session("rallyhere")).fetch("http://[bad"));

  const options = { undefined: undefined, null: null, "a string": "demo", "a number": 42, "a list": [] };
  for (const [name, value] of Object.entries(options)) {
    row(`RallyHere with ${name} for options`, { anyOf: ["misuse", "configuration"] }, () => playerlink.createRallyHereClient(value));
    row(`Xsolla with ${name} for options`, { anyOf: ["misuse", "configuration"] }, () => playerlink.createXsollaClient(value));
  }
  // As JSON it is null, which is absent.
  row("a deadline that is NaN is as none", { ok: "a client" }, async () => (await client("rallyhere", { deadlineMs: NaN }), "a client"));
  row("a fetch that is no function", { anyOf: ["misuse", "configuration"] }, () => client("rallyhere", { fetch: 42 }));
  row("a store that is no store", { anyOf: ["misuse", "configuration"] }, () => client("rallyhere", { store: {} }));
  row("a log that is no function", { anyOf: ["misuse", "configuration"] }, () => client("rallyhere", { log: "console" }));

  const stores = {
    throws: { load() { throw undefined; }, compareAndSwap() { throw "text"; } },
    rejects: { load: () => Promise.reject(), compareAndSwap: () => Promise.reject(7) },
    "answers with other types": { load: () => 42, compareAndSwap: () => "yes" },
  };
  for (const [name, store] of Object.entries(stores)) {
    row(`a store that ${name} does not stop a login`, { ok: "Nova" }, async () => (await session("rallyhere", { store })).player.displayName);
    row(`a store that ${name} does not stop a restore`, { ok: "none" }, async () => ((await (await client("rallyhere", { store })).restore()) ? "some" : "none"));
  }

  const calls = ["accessToken", "refresh", "verify", "links", "unlink", "enableCrossProgression", "loginResult", "logout"];
  for (const name of calls) {
    row(`a closed session: ${name}`, closed, async () => {
      const open = await session("rallyhere");
      open.close();
      return open[name]();
    });
  }
  for (const name of ["createLinkingCode", "profile"]) {
    row(`a closed session of Xsolla: ${name}`, closed, async () => {
      const open = await session("xsolla");
      open.close();
      return open[name]();
    });
  }
  row("a session that is closed while a call waits", closed, async () => {
    const store = openStore();
    await session("rallyhere", { store });
    let answer;
    const held = new Promise((resolve) => (answer = resolve));
    const open = await (await client("rallyhere", { store, fetch: async (...request) => (await held, fetch(...request)) })).restore();
    const waiting = open.refresh();
    waiting.catch(() => {});
    open.close();
    answer();
    return waiting;
  });
  return list;
};

/** Plays one row and answers with its problems. */
export const playRow = async (playerlink, { expect, work }) => {
  const got = await outcome(playerlink, work);
  if (expect.anyOf) return expect.anyOf.includes(got.kind) && got.message ? [] : [`expected one of ${expect.anyOf} but got ${JSON.stringify(got)}`];
  if (expect.message || "ok" in expect) return compare(expect, got);
  return got.kind === expect.kind && got.message ? [] : [`expected ${expect.kind} but got ${JSON.stringify(got)}`];
};
