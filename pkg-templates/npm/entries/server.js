// `playerlink/server` in Node: a module of its own, with the calls that need a server secret.
// Its bytes are always the inlined ones: a server starts once.
import { gunzipSync } from "node:zlib";
import bytes from "./server-bytes.js";
import { createRuntime, openPlayFabServer, openXsollaServer } from "./server-skin.js";

export { isPlayerLinkError } from "./server-skin.js";

const load = () => new WebAssembly.Module(gunzipSync(Buffer.from(bytes, "base64")));
const runtime = /* @__PURE__ */ createRuntime(load);
export const createPlayFabServer = (options) => openPlayFabServer(runtime, options);
export const createXsollaServer = (options) => openXsollaServer(runtime, options);
