// What users pass may throw, reject, or be something else than its type says: none of it may end what others have.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./support/consumer.mjs";
import { createServices, rallyhereOptions } from "./support/services.mjs";

const { createRallyHereClient, memoryStore } = await load();
const steam = { grant: "steam", ticket: "14000000ab" };
const turn = (ms = 10) => new Promise((done) => setTimeout(done, ms));
const unhandled = [];
process.on("unhandledRejection", (reason) => unhandled.push(reason));
const plain = () => {
  const { load, compareAndSwap } = memoryStore();
  return { load, compareAndSwap };
};
const throws = () => {
  throw new Error("a defect of the user's");
};
const rejects = async () => throws();

for (const [what, release] of Object.entries({ throws, rejects, "is no function": {} })) {
  test(`a lock whose release ${what} ends nothing: the next refresh works`, async () => {
    const services = createServices();
    let held = 0;
    const store = { ...plain(), lock: async () => (held++, release) };
    const rallyhere = await createRallyHereClient({ ...rallyhereOptions(services), store });
    const session = await rallyhere.login(steam);
    for (const _ of [1, 2]) await session.refresh();
    await turn();
    assert.ok(held >= 2);
    assert.equal(services.requests.length, 3);
    assert.deepEqual(unhandled, []);
  });
}

for (const [what, watch] of Object.entries({
  throws,
  "gives nothing back": () => undefined,
  "gives back what throws": () => throws,
  "gives back what rejects": () => rejects,
})) {
  test(`a store whose watch ${what} ends nothing, and leaves no listener behind`, async (t) => {
    const attached = new Set();
    const spied = ["addEventListener", "removeEventListener"].map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]);
    t.after(() => spied.forEach(([name, before]) => (before ? Object.defineProperty(globalThis, name, before) : delete globalThis[name])));
    Object.defineProperty(globalThis, "addEventListener", { configurable: true, value: (type) => attached.add(type) });
    Object.defineProperty(globalThis, "removeEventListener", { configurable: true, value: (type) => attached.delete(type) });
    const rallyhere = await createRallyHereClient({ ...rallyhereOptions(createServices()), store: { ...plain(), watch } });
    const session = await rallyhere.login(steam);
    await session.refresh();
    assert.ok(attached.has("online"));
    session.close();
    await turn();
    assert.deepEqual([...attached], []);
    assert.equal((await rallyhere.login(steam)).service, "rallyhere");
    assert.deepEqual(unhandled, []);
  });
}

for (const [what, log] of Object.entries({ throws, rejects })) {
  test(`a log that ${what} ends neither a call nor the process`, async () => {
    let written = 0;
    const services = createServices();
    const rallyhere = await createRallyHereClient({ ...rallyhereOptions(services), log: (entry) => (written++, log(entry)) });
    const session = await rallyhere.login(steam);
    services.next("/users/v1/login", 500, {});
    assert.equal((await session.refresh().catch((error) => error)).kind, "service");
    await turn();
    assert.ok(written > 0);
    assert.deepEqual(unhandled, []);
  });
}

test("what is no whole signal never aborts, and ends nothing", async () => {
  const rallyhere = await createRallyHereClient(rallyhereOptions(createServices()));
  for (const signal of [null, 5, {}, { aborted: true }, { addEventListener() {} }]) {
    assert.equal((await rallyhere.login(steam, { signal })).service, "rallyhere");
  }
});
