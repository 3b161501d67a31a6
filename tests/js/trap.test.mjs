// A defect in the module: the skin must turn it into an error, never into silence or the end of the process. The module
// of these tests is the installed sdk.wasm with a function that ends in `unreachable`, from one of its calls on.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { installed, load, tool } from "./support/consumer.mjs";
import { createServices, rallyhereOptions } from "./support/services.mjs";

const { default: binaryen } = await import(pathToFileURL(tool("binaryen/index.js")));

/** `exported` traps; the one named `call` from that call on, whose number is its second argument. */
const broken = (exported, from) => {
  const module = binaryen.readBinary(readFileSync(join(installed, "sdk.wasm")));
  const { BulkMemory, MutableGlobals, Multivalue, NontrappingFPToInt, ReferenceTypes, SignExt } = binaryen.Features;
  module.setFeatures(BulkMemory | MutableGlobals | Multivalue | NontrappingFPToInt | ReferenceTypes | SignExt);
  for (let index = 0; index < module.getNumExports(); index++) {
    const { name, value, kind } = binaryen.getExportInfo(module.getExportByIndex(index));
    if (kind !== binaryen.ExternalFunction || name !== exported) continue;
    const function_ = binaryen.Function(module.getFunction(value));
    const isLate = from === undefined ? module.i32.const(1) : module.i32.ge_u(module.local.get(1, binaryen.i32), module.i32.const(from));
    function_.body = module.block(null, [module.if(isLate, module.unreachable()), function_.body]);
    return module.emitBinary();
  }
  assert.fail(`there is no export ${exported}`);
};

// Each call is a module of its own: `init` is once per copy of slim.js.
let copies = 0;
const slim = async (bytes) => {
  await load();
  const module = await import(`${pathToFileURL(join(installed, "slim.js"))}?copy=${++copies}`);
  await module.init(bytes);
  return module;
};
const thrown = (call) => {
  try {
    return call();
  } catch (error) {
    return error;
  }
};
const steam = { grant: "steam", ticket: "14000000ab" };

test("R2: a trap ends what is pending, and the next restore goes on in a new instance", async () => {
  // Calls 1 to 5: the client, its login, two snapshots of the session, and what is pending.
  const { createRallyHereClient, isPlayerLinkError } = await slim(broken("call", 6));
  const services = createServices();
  const rallyhere = await createRallyHereClient(rallyhereOptions(services));
  const session = await rallyhere.login(steam);
  const snapshot = session.getSnapshot();
  services.hang();
  const pending = rallyhere.login(steam).catch((error) => error);
  await new Promise((done) => setTimeout(done, 20)); // until it is inside
  const trapped = thrown(() => session.subscribe(() => {}));
  for (const error of [trapped, await pending, await session.accessToken().catch((error) => error)]) {
    assert.ok(isPlayerLinkError(error), String(error));
    assert.equal(error.kind, "internal");
  }
  assert.equal(session.getSnapshot(), snapshot);
  session.close();

  const restored = await rallyhere.restore();
  assert.deepEqual(restored.player, snapshot.player);
  assert.equal(typeof (await restored.accessToken()), "string");
});

test("R2: a trap after an answer arrived, where nobody is calling, rejects too and does not end the process", async () => {
  const uncaught = [];
  process.on("uncaughtException", (error) => uncaught.push(error));
  const { createRallyHereClient } = await slim(broken("settled"));
  const rallyhere = await createRallyHereClient(rallyhereOptions(createServices()));
  const error = await rallyhere.login(steam).catch((error) => error);
  assert.equal(error.kind, "internal");
  await new Promise((done) => setTimeout(done, 20));
  assert.deepEqual(uncaught, []);
});

test("R10: a lock that was held when the module trapped is given back", async (t) => {
  // Web Locks as browsers have them; Node 20 has none.
  const held = new Set();
  const request = async (name, _options, callback) => {
    held.add(name);
    await callback().finally(() => held.delete(name));
  };
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: { locks: { request } } });
  t.after(() => (before ? Object.defineProperty(globalThis, "navigator", before) : delete globalThis.navigator));

  // Calls 1 to 4: the client, its login, a snapshot of the session, and the refresh.
  const { createRallyHereClient, memoryStore } = await slim(broken("call", 5));
  const services = createServices();
  const { load, compareAndSwap } = memoryStore(); // without its own lock
  const rallyhere = await createRallyHereClient({ ...rallyhereOptions(services), store: { load, compareAndSwap } });
  const session = await rallyhere.login(steam);
  services.hang();
  const refresh = session.refresh().catch((error) => error);
  await new Promise((done) => setTimeout(done, 20));
  assert.equal(held.size, 1);
  assert.equal(thrown(() => session.subscribe(() => {})).kind, "internal");
  assert.equal((await refresh).kind, "internal");
  await new Promise((done) => setTimeout(done, 0));
  assert.equal(held.size, 0);
});
