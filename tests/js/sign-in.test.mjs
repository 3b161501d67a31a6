// The web sign-in from a page's side: the address bar, the double mount, and who is asked for what.
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { load } from "./support/consumer.mjs";
import { createServices, rallyhereOptions, xsollaOptions } from "./support/services.mjs";

const { createRallyHereClient, createXsollaClient, memoryStore } = await load();
const EXCHANGE = "/users/v1/oauth/token";

const rejection = (promise) =>
  promise.then(
    () => assert.fail("it should have been rejected"),
    (error) => error,
  );

/** A page at `href`, as far as the package looks at one. */
const open = (href) => {
  const page = { replaced: 0, get href() { return globalThis.location.href; } };
  globalThis.location = { href, toString: () => globalThis.location.href };
  globalThis.history = {
    state: { of: "the page" },
    replaceState(state, _, url) {
      assert.equal(state, this.state);
      page.replaced++;
      globalThis.location.href = String(url);
    },
  };
  return page;
};
afterEach(() => {
  delete globalThis.location;
  delete globalThis.history;
});

/** A client whose player is back from the portal, at a page that shows the code. */
const back = async (query = "") => {
  const services = createServices();
  const store = memoryStore();
  const before = await createRallyHereClient({ ...rallyhereOptions(services), store });
  const { url, state } = await before.beginOauth({ portal: "steam", redirectUri: "http://localhost:3000/callback" });
  assert.ok(url.startsWith("http://127.0.0.1:9/users/v1/oauth/login/steam?"), url);
  assert.equal(new URL(url).searchParams.get("state"), state);
  assert.ok(state.length * 6 >= 128);
  // The navigation: what was in memory is gone.
  const rallyhere = await createRallyHereClient({ ...rallyhereOptions(services), store });
  const address = `http://localhost:3000/callback?${query}code=CANARY&state=${state}#top`;
  return { services, rallyhere, address, state };
};

test("R39: the page's address is clean before the first await, and keeps what is the page's own", async () => {
  const { rallyhere, address, services } = await back("lang=de%20AT&");
  const page = open(address);
  const completing = rallyhere.completeOauth();
  assert.equal(page.href, "http://localhost:3000/callback?lang=de%20AT#top");
  assert.equal(services.requests.length, 0);
  assert.equal((await completing).player?.displayName, "Nova");
  assert.deepEqual(JSON.parse(services.sent(EXCHANGE)[0].body).code, "CANARY");
});

test("R39: however the page's own address is passed, it is cleaned; another one is left alone", async () => {
  for (const given of [(href) => href, (href) => new URL(href), () => globalThis.location]) {
    const { rallyhere, address } = await back();
    const page = open(address);
    const completing = rallyhere.completeOauth({ url: given(address) });
    assert.equal(page.href, "http://localhost:3000/callback#top");
    await completing;
  }
  const { rallyhere, address } = await back();
  const page = open("http://localhost:3000/app?code=coupon");
  await rallyhere.completeOauth({ url: address });
  assert.deepEqual([page.href, page.replaced], ["http://localhost:3000/app?code=coupon", 0]);
});

test("R39: an argument of the wrong type spends nothing: the same address completes afterwards", async () => {
  const { rallyhere, address, services } = await back();
  for (const [accept, name] of [["all", "accept"], [{ eula: "yes" }, "eula"]]) {
    const error = await rejection(rallyhere.completeOauth({ url: address, accept }));
    assert.equal(error.kind, "misuse");
    assert.ok(error.message.startsWith(`\`${name}\` must be `), error.message);
  }
  assert.equal(services.requests.length, 0);
  assert.equal((await rallyhere.completeOauth({ url: address })).player?.displayName, "Nova");
});

test("R39: errors leave the address too, and come out typed", async () => {
  const { rallyhere, state } = await back();
  const query = `error_code_v2=steam_disabled&error_code=STEAM_DISABLED&error_description=x+y&state=${state}`;
  const page = open(`http://localhost:3000/callback?${query}`);
  const error = await rejection(rallyhere.completeOauth());
  assert.deepEqual([error.code, error.kind], ["steam_disabled", "platform-disabled"]);
  assert.equal(page.href, "http://localhost:3000/callback");
});

test("R39: React's double mount costs one exchange, and both mounts get the session", async () => {
  const { rallyhere, address, services } = await back();
  const page = open(address);
  const sessions = await Promise.all([rallyhere.completeOauth(), rallyhere.completeOauth({ url: page.href })]);
  const tokens = await Promise.all(sessions.map((session) => session.accessToken()));
  assert.equal(tokens[0], tokens[1]);
  assert.equal((await rallyhere.completeOauth()).player?.displayName, "Nova", "also a mount that comes late");
  assert.equal(services.sent(EXCHANGE).length, 1);
});

test("R39: the first mount's abort does not end the second's sign-in", async () => {
  const { rallyhere, address, services } = await back();
  open(address);
  const first = new AbortController();
  const aborted = rejection(rallyhere.completeOauth({}, { signal: first.signal }));
  const second = rallyhere.completeOauth({}, { signal: new AbortController().signal });
  first.abort();
  assert.equal((await aborted).kind, "cancelled");
  assert.equal((await second).player?.displayName, "Nova");
  assert.equal(services.sent(EXCHANGE).length, 1);
});

test("R38: an address with a state that is not ours sends nothing", async () => {
  const { rallyhere, services } = await back();
  assert.equal((await rejection(rallyhere.completeOauth())).kind, "misuse", "outside a page there is no address");
  for (const query of ["code=c&state=made-up", "code=c"]) {
    const error = await rejection(rallyhere.completeOauth({ url: `http://localhost:3000/callback?${query}` }));
    assert.deepEqual([error.kind, error.code], ["platform-ticket", undefined]);
  }
  assert.equal(services.requests.length, 0);
});

test("agreements are accepted without the address, which is gone", async () => {
  const { rallyhere, address, services } = await back();
  services.next(EXCHANGE, 200, { needs_eula: true, regenerated_code: "again" });
  open(address);
  const error = await rejection(rallyhere.completeOauth());
  assert.deepEqual([error.kind, error.agreements?.eula], ["agreements", true]);
  await rallyhere.completeOauth({ accept: { eula: true } });
  const { code, accepted_eula } = JSON.parse(services.sent(EXCHANGE)[1].body);
  assert.deepEqual([code, accepted_eula], ["again", true]);
});

test("a sign-in whose code is spent goes on after a failure", async () => {
  const { rallyhere, address, services } = await back();
  open(address);
  services.next("/users/v1/login", 502, {});
  assert.equal((await rejection(rallyhere.completeOauth())).kind, "service");
  assert.equal((await rallyhere.completeOauth()).player?.displayName, "Nova");
  assert.equal(services.sent(EXCHANGE).length, 1);
});

test("a program that keeps its own state completes with a code, or an address and that state", async () => {
  const { rallyhere, services } = await back();
  await rallyhere.completeOauth({ code: "own" });
  await rallyhere.completeOauth({ url: "http://localhost:3000/callback?code=own2&state=mine", state: "mine" });
  const error = await rejection(rallyhere.completeOauth({ url: "http://localhost:3000/callback?code=x&state=y", state: "mine" }));
  assert.equal(error.kind, "misuse");
  assert.deepEqual(services.sent(EXCHANGE).map(({ body }) => JSON.parse(body).code), ["own", "own2"]);
});

test("R38: Xsolla's web sign-in has the same slots, and its address is cleaned the same way", async () => {
  const services = createServices();
  const store = memoryStore();
  const before = await createXsollaClient({ ...xsollaOptions(services), store });
  const { url, state } = await before.beginOauth();
  const { searchParams, origin } = new URL(url);
  assert.deepEqual([origin, searchParams.get("state")], ["https://login-widget.xsolla.com", state]);
  assert.ok((await before.beginOauth({ page: "https://site.example/in" })).url.startsWith("https://site.example/in?projectId="));
  const xsolla = await createXsollaClient({ ...xsollaOptions(services), store });
  const page = open(`http://localhost:3000/callback?code=c&state=${state}`);
  const [one, two] = await Promise.all([xsolla.completeRedirect(), xsolla.completeRedirect(globalThis.location)]);
  assert.equal(page.href, "http://localhost:3000/callback");
  assert.equal(one.player?.playerId, two.player?.playerId);
  assert.equal(services.sent("/api/oauth2/token").length, 1);
  const error = await rejection(xsolla.completeRedirect("http://localhost:3000/callback?code=c&state=other"));
  assert.equal(error.kind, "platform-ticket");
  assert.equal(services.requests.length, 1);
});

test("Xsolla: a user token of the JWT protocol comes back without a state, and leaves the address too", async () => {
  const services = createServices();
  const xsolla = await createXsollaClient(xsollaOptions(services));
  const token = await (await xsolla.login({ username: "nova", password: "secret" })).accessToken();
  const page = open(`http://localhost:3000/callback?token=${token}`);
  const completing = xsolla.completeRedirect(globalThis.location);
  assert.equal(page.href, "http://localhost:3000/callback");
  assert.ok((await completing).player?.playerId);
});
