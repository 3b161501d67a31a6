// `playerlink/linking` in Node (launchers, tools). The inlined bytes, without touching Response: see node.js.
import { gunzipSync } from "node:zlib";
import bytes from "./linking-bytes.js";
import { instantiate } from "./linking-glue.js";
import { createLoader } from "./linking-skin.js";
import { join } from "./split.js";

export { linkingSource } from "./linking-skin.js";

const load = () => new WebAssembly.Module(join(gunzipSync(Buffer.from(bytes, "base64"))));
export const loadLinking = /* @__PURE__ */ createLoader(instantiate, load);
