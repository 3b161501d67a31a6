// Node, for `import` and (condition "module-sync") for `require` too, so that both share one instance.
// The module is read from the file next to this one and compiled at once: that takes half the time of unpacking the
// inlined bytes, and does not touch Request and Response, whose first mention makes Node load its whole fetch
// implementation (45 ms). In a bundle there is no such file, or another one; then the inlined bytes serve.
import { readFileSync } from "node:fs";
import { wasmLength } from "./length.js";
import { createRuntime, openPlayFab, openRallyHere, openXsolla } from "./skin.js";

export { indexedDbStore, isPlayerLinkError, localStorageStore, memoryStore } from "./skin.js";

const nearby = () => {
  try {
    // Not `new URL("./sdk.wasm", import.meta.url)`: bundlers take that as an order to copy the file.
    const bytes = readFileSync(new URL(import.meta.url.replace(/[^/]*$/, "sdk.wasm")));
    return bytes.length === wasmLength ? bytes : undefined;
  } catch {
    return undefined;
  }
};
const inlined = async () => {
  const [{ gunzipSync }, { default: bytes }, { join }] = await Promise.all([import("node:zlib"), import("./bytes.js"), import("./split.js")]);
  return join(gunzipSync(Buffer.from(bytes, "base64")));
};
const runtime = /* @__PURE__ */ createRuntime(async () => new WebAssembly.Module(nearby() ?? (await inlined())));
export const createPlayFabClient = (options) => openPlayFab(runtime, options);
export const createRallyHereClient = (options) => openRallyHere(runtime, options);
export const createXsollaClient = (options) => openXsolla(runtime, options);
