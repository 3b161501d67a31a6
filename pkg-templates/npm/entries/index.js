// Browsers, bundlers and everything that is none of the others. The module's bytes are inside: a file next to this one
// would need a plugin in some bundlers, `connect-src` in the Content-Security-Policy, and fails on file: pages.
// Nothing runs at import, and there is no top-level await: it breaks `require` and workers.
import bytes from "./bytes.js";
import { createRuntime, openPlayFab, openRallyHere, openXsolla, unpack } from "./skin.js";
import { join } from "./split.js";

export { indexedDbStore, isPlayerLinkError, localStorageStore, memoryStore } from "./skin.js";

const runtime = /* @__PURE__ */ createRuntime(() => unpack(bytes, join));
export const createPlayFabClient = (options) => openPlayFab(runtime, options);
export const createRallyHereClient = (options) => openRallyHere(runtime, options);
export const createXsollaClient = (options) => openXsolla(runtime, options);
