// What stays in the module's memory: after a sign-out, none of the player's secrets.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support/consumer.mjs";
import { createServices } from "./support/services.mjs";

// Whatever way the module is instantiated in, its memory is ours to read.
const memories = new Set();
const seen = (instance) => (memories.add(instance.exports.memory), instance);
const { instantiate, Instance } = WebAssembly;
WebAssembly.instantiate = async (...args) => {
  const result = await instantiate.apply(WebAssembly, args);
  seen(result.instance ?? result);
  return result;
};
WebAssembly.Instance = new Proxy(Instance, { construct: (target, args) => seen(Reflect.construct(target, args)) });

const { createRallyHereClient, memoryStore } = await load();
const LOGIN = "/users/v1/login";

/** How often a text is in the memory of any module. */
const copies = (text) => {
  let count = 0;
  for (const { buffer } of memories) {
    const bytes = Buffer.from(buffer);
    for (let at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) count++;
  }
  return count;
};

test("R32: after a sign-out none of the session's secrets is in the module's memory", async () => {
  const services = createServices();
  const canary = (name) => `CANARY-${name}-${"0123456789abcdef".repeat(4)}`;
  const issued = (number) => ({ access_token: canary(`access-${number}`), refresh_token: canary(`refresh-${number}`) });
  services.next(LOGIN, 200, services.login(issued(1)));
  services.next(LOGIN, 200, services.login(issued(2)));
  const rallyhere = await createRallyHereClient({
    baseUrl: "http://127.0.0.1:9",
    clientId: "game",
    clientSecret: "game-secret",
    fetch: services.fetch,
    store: memoryStore(),
  });
  const session = await rallyhere.login({ grant: "steam", ticket: canary("ticket") });
  await session.refresh();
  assert.equal(await session.accessToken(), canary("access-2"));
  assert.ok(copies(canary("access-2")) > 0, "the search finds what is there");
  await session.logout();
  await new Promise((done) => setTimeout(done, 50));
  const secrets = ["ticket", "access-1", "access-2", "refresh-1", "refresh-2"];
  const left = Object.fromEntries(secrets.map((name) => [name, copies(canary(name))]).filter(([, count]) => count > 0));
  assert.deepEqual(left, {});
});
