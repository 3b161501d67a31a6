// How JavaScript is bundled here: the skin, and wasm-bindgen's glue turned into a function. Used by build.mjs and size.mjs.
import { buildSync } from "esbuild";

const target = "es2022"; // private fields, `??=`: what Safari 16.4 has, the oldest with DecompressionStream

/** One file out of `entry`; what `external` names stays an import. */
export const bundle = (entry, options) =>
  buildSync({ entryPoints: [entry], bundle: true, write: false, target, charset: "utf8", ...options }).outputFiles[0].text;

/**
 * wasm-bindgen's glue keeps its instance in module variables. As a function it can be called again, for a fresh
 * instance after a trap; and what the module exports passes through `guard`, which notices the trap.
 */
export const glueFactory = (glue) => {
  const guarded = replaceOnce(glue, "wasm = instance.exports;", "wasm = guard(instance.exports);");
  // Without its default export the asynchronous loader goes too: every entry has its own way to a compiled module.
  const contents = replaceOnce(guarded, "export { initSync, __wbg_init as default };", "export { initSync };");
  const { text } = buildSync({ stdin: { contents }, bundle: true, write: false, target, format: "esm", charset: "utf8" }).outputFiles[0];
  const body = replaceOnce(text, "export {", "return {");
  return `(guard) => {\n${body}};\n`;
};

const replaceOnce = (text, from, to) => {
  const [before, after, ...more] = text.split(from);
  if (after === undefined || more.length) {
    throw new Error(`wasm-bindgen's glue has changed: "${from}" should be in it exactly once`);
  }
  return before + to + after;
};
