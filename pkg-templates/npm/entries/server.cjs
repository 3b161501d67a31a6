// `playerlink/server` for `require` before Node 20.19 and in Jest; see node.cjs.
"use strict";
const { gunzipSync } = require("node:zlib");
const { createRuntime, isPlayerLinkError, openPlayFabServer, openXsollaServer } = require("./server-skin.cjs");

const load = () => new WebAssembly.Module(gunzipSync(Buffer.from(require("./server-bytes.cjs"), "base64")));
const runtime = createRuntime(load);
exports.createPlayFabServer = (options) => openPlayFabServer(runtime, options);
exports.createXsollaServer = (options) => openXsollaServer(runtime, options);
exports.isPlayerLinkError = isPlayerLinkError;
