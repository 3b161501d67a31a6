// The same as workerd.js for Vercel's edge: its bundlers give a compiled module only with `?module`, workerd only without.
import module from "./sdk.wasm?module";
import { createRuntime, openPlayFab, openRallyHere, openXsolla } from "./skin.js";

export { indexedDbStore, isPlayerLinkError, localStorageStore, memoryStore } from "./skin.js";

const runtime = /* @__PURE__ */ createRuntime(() => module);
export const createPlayFabClient = (options) => openPlayFab(runtime, options);
export const createRallyHereClient = (options) => openRallyHere(runtime, options);
export const createXsollaClient = (options) => openXsolla(runtime, options);
