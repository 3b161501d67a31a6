// `require` where Node cannot require modules yet (before 20.19), and in Jest. To be removed when those are gone.
// The module is read from the file next to this one, or unpacked from the inlined bytes in a bundle; see node.js.
"use strict";
const { readFileSync } = require("node:fs");
const { wasmLength } = require("./length.cjs");
const skin = require("./skin.cjs");
const { createRuntime, openPlayFab, openRallyHere, openXsolla } = skin;

const nearby = () => {
  try {
    const bytes = readFileSync(`${__dirname}/sdk.wasm`);
    return bytes.length === wasmLength ? bytes : undefined;
  } catch {
    return undefined;
  }
};
const inlined = () => require("./split.cjs").join(require("node:zlib").gunzipSync(Buffer.from(require("./bytes.cjs"), "base64")));
const runtime = createRuntime(() => new WebAssembly.Module(nearby() ?? inlined()));
// One `exports.x =` a line: that is what Node's scanner finds when an ES module imports this one by name.
exports.createPlayFabClient = (options) => openPlayFab(runtime, options);
exports.createRallyHereClient = (options) => openRallyHere(runtime, options);
exports.createXsollaClient = (options) => openXsolla(runtime, options);
exports.indexedDbStore = skin.indexedDbStore;
exports.isPlayerLinkError = skin.isPlayerLinkError;
exports.localStorageStore = skin.localStorageStore;
exports.memoryStore = skin.memoryStore;
