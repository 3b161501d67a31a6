// `playerlink/stores`: what most pages do not need, in an entry of its own; and the stores the default is made of.
export { encrypted } from "./encrypted.js";
export { fromKeyValue } from "./key-value.js";
export { indexedDbStore, localStorageStore, memoryStore } from "./stores.js";
