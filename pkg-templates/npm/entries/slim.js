// `playerlink/slim`: no bytes inside, `init` says where the module is: sdk.split.wasm, which takes less when it is served
// with brotli, or sdk.wasm.
import { createRuntime, failure, misuse, openPlayFab, openRallyHere, openXsolla } from "./skin.js";
import { join } from "./split.js";

export { indexedDbStore, isPlayerLinkError, localStorageStore, memoryStore } from "./skin.js";

const bytesOf = (source) => new Uint8Array(source.buffer ?? source, source.byteOffset, source.byteLength);
let module;
export const init = async (source) => {
  if (typeof source === "string" || source instanceof URL) source = fetch(source);
  source = await source;
  if (typeof source.arrayBuffer === "function") {
    // Not compileStreaming: it insists on the MIME type application/wasm, which many servers do not send.
    if (!source.ok) throw failure("configuration", `the module could not be fetched: HTTP ${source.status}`);
    source = await source.arrayBuffer();
  }
  module = source instanceof WebAssembly.Module ? source : await WebAssembly.compile(join(bytesOf(source)));
};
const load = () => {
  if (!module) throw misuse("call init(…) of playerlink/slim before creating a client");
  return module;
};
const runtime = /* @__PURE__ */ createRuntime(load);
export const createPlayFabClient = (options) => openPlayFab(runtime, options);
export const createRallyHereClient = (options) => openRallyHere(runtime, options);
export const createXsollaClient = (options) => openXsolla(runtime, options);
