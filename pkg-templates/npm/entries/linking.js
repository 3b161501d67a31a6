// `playerlink/linking` in browsers and bundlers: a module of its own, so that a page without codes does not load it. Its
// bytes are inside, for the reasons of index.js; in one piece, since it is small.
import bytes from "./linking-bytes.js";
import { instantiate } from "./linking-glue.js";
import { createLoader, unpack } from "./linking-skin.js";
import { join } from "./split.js";

export { linkingSource } from "./linking-skin.js";

export const loadLinking = /* @__PURE__ */ createLoader(instantiate, () => unpack(bytes, join));
