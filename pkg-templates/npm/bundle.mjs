// How JavaScript is bundled here: the skin, and wasm-bindgen's glue turned into a function. Used by build.mjs and size.mjs.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSync, transformSync } from "esbuild";

const target = "es2022"; // private fields, `??=`: what Safari 16.4 has, the oldest with DecompressionStream

/** One file out of `entry`; what `external` names stays an import. */
export const bundle = (entry, options) =>
  buildSync({ entryPoints: [entry], bundle: true, write: false, target, charset: "utf8", ...options }).outputFiles[0].text;

const here = dirname(fileURLToPath(import.meta.url));
const linkCode = join(here, "src/skin/link-code");
const css = (name) => {
  const text = ["shared", name].map((file) => readFileSync(join(linkCode, `${file}.css`), "utf8")).join("");
  return JSON.stringify(transformSync(text, { loader: "css", minify: true }).code.trim());
};

/**
 * The elements: entries that share their chunks, by path below `out`. A page that has one of the two does not download the
 * other, and languages and gamepads come when they are asked for. `./linking.js` of the package stays an import.
 */
export const bundleLinkCode = (entries, out, options = {}) =>
  buildSync({
    entryPoints: Object.fromEntries(entries.map((name) => [name, join(linkCode, `${name}.ts`)])),
    bundle: true,
    splitting: true,
    write: false,
    outdir: out,
    chunkNames: "[name]-[hash]",
    format: "esm",
    target,
    charset: "utf8",
    external: ["#linking"],
    define: { CODE_CSS: css("code"), INPUT_CSS: css("input") },
    metafile: true,
    ...options,
  });

/** The one import of another entry, as it is from a file in `link-code/`. */
export const withEntries = (text) => text.replaceAll(`"#linking"`, `"../linking.js"`);

/**
 * wasm-bindgen's glue keeps its instance in module variables. As a function it can be called again, for a fresh
 * instance after a trap; what the module exports passes through `guard`, which notices the trap. Of the linking module:
 * the others are so plain that the skin does without (src/skin/runtime.ts).
 */
export const glueFactory = (glue) => {
  const contents = LEANER.reduce(
    (text, [from, to]) => replace(text, from, to),
    replace(glue, "wasm = instance.exports;", "wasm = guard(instance.exports);"),
  );
  const { text } = buildSync({ stdin: { contents }, bundle: true, write: false, target, format: "esm", charset: "utf8" }).outputFiles[0];
  const body = replace(text, "export {", "return {");
  return `(guard) => {\n${body}};\n`;
};

// What wasm-bindgen writes for every engine and every use, as this entry and its engines need it.
const LEANER = [
  // Every entry has its own way to a compiled module, so the loaders go.
  [
    "export { initSync, __wbg_init as default };",
    `const init = async (module) =>
      __wbg_finalize_init(await WebAssembly.instantiate(module, __wbg_get_imports()), module);
    export { init };`,
  ],
  [/^function initSync\(module\) \{$/gm, "function loadSync(module) {"],
  // Memory is given back by the garbage collector, never by hand.
  [/^ {4}__destroy_into_raw\(\) \{\n(.*\n)*? {4}\}\n {4}free\(\) \{\n(.*\n)*? {4}\}\n/gm, ""],
  [/^if \(Symbol\.dispose\) .*$/gm, ""],
  [/\(typeof FinalizationRegistry === 'undefined'\)\n.*\n {4}: /g, ""],
  // Texts are encoded whole: they are short, and a second way for ASCII is longer than it is quick.
  [
    /^function passStringToWasm0\(arg, malloc, realloc\) \{\n(.*\n)*?\}\n/gm,
    `function passStringToWasm0(arg, malloc) {
      const bytes = cachedTextEncoder.encode(arg);
      const ptr = malloc(bytes.length, 1) >>> 0;
      getUint8ArrayMemory0().subarray(ptr, ptr + bytes.length).set(bytes);
      WASM_VECTOR_LEN = bytes.length;
      return ptr;
    }\n`,
  ],
  [/^ +(wasmInstance = instance|wasmModule = module);\n/gm, ""],
  // Safari's decoder stops after 2 GB of text. That is half a million refreshes.
  [
    /^let cachedTextDecoder = (.*\n)(.*\n)*?function decodeText\(bytes\) \{\n(.*\n)*?\}\n/gm,
    "const cachedTextDecoder = $1const decodeText = (bytes) => cachedTextDecoder.decode(bytes);\n",
  ],
  [/^( {8}js\d+): function\(/gm, "$1("],
  [/^if \(!\('encodeInto' in cachedTextEncoder\)\) \{\n(.*\n)*?\}\n/gm, ""],
];

/** Replaces `from` wherever it is; it must be somewhere. */
const replace = (text, from, to) => {
  const result = text.replaceAll(from, to);
  if (result === text) throw new Error(`wasm-bindgen's glue has changed: "${from}" should be in it`);
  return result;
};
