// `playerlink/linking` for `require` before Node 20.19 and in Jest; see node.cjs.
"use strict";
const { gunzipSync } = require("node:zlib");
const { instantiate } = require("./linking-glue.cjs");
const { createLoader, linkingSource } = require("./linking-skin.cjs");
const { join } = require("./split.cjs");

const load = () => new WebAssembly.Module(join(gunzipSync(Buffer.from(require("./linking-bytes.cjs"), "base64"))));
exports.loadLinking = createLoader(instantiate, load);
exports.linkingSource = linkingSource;
