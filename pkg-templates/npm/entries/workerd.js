// Cloudflare's workerd forbids compiling bytes at run time, but hands out a compiled module for an import of a .wasm.
import module from "./sdk.wasm";
import { createRuntime, openPlayFab, openRallyHere, openXsolla } from "./skin.js";

export { indexedDbStore, isPlayerLinkError, localStorageStore, memoryStore } from "./skin.js";

const runtime = /* @__PURE__ */ createRuntime(() => module);
export const createPlayFabClient = (options) => openPlayFab(runtime, options);
export const createRallyHereClient = (options) => openRallyHere(runtime, options);
export const createXsollaClient = (options) => openXsolla(runtime, options);
