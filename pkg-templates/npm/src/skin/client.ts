// Everything the client entries share; entries/*.js add where the module's bytes come from.
export { failure, isPlayerLinkError, misuse } from "./error.js";
export { openPlayFab } from "./playfab.js";
export { openRallyHere } from "./rallyhere.js";
export { unpack } from "./module.js";
export { createRuntime } from "./runtime.js";
export { indexedDbStore, localStorageStore, memoryStore } from "./stores.js";
export { openXsolla } from "./xsolla.js";
