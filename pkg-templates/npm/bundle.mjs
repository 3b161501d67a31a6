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
 * instance after a trap; and what the module exports passes through `guard`, which notices the trap.
 */
export const glueFactory = (glue, { small } = {}) => {
  // The glue of a small module has less in it that could be leaner.
  const contents = LEANER.reduce(
    (text, [from, to, optional]) => replace(text, from, to, optional ?? small),
    replace(glue, "wasm = instance.exports;", "wasm = guard(instance.exports);"),
  );
  const { text } = buildSync({ stdin: { contents }, bundle: true, write: false, target, format: "esm", charset: "utf8" }).outputFiles[0];
  const body = replace(text, "export {", "return {");
  return `(guard) => {\n${body}};\n`;
};

// What wasm-bindgen writes for every engine and every use, as these entries and engines need it.
const LEANER = [
  // Every entry has its own way to a compiled module, so the loaders go.
  [
    "export { initSync, __wbg_init as default };",
    `const initSync = ({ module }) =>
      __wbg_finalize_init(new WebAssembly.Instance(module, __wbg_get_imports()), module);
    export { initSync };`,
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
  // Only where several texts are passed. What it cleans up after is a trap: nothing of the instance is used any more.
  [/^ {8}try \{\n((?: {12}.*\n)*?) {8}\} catch \(e\) \{\n(?: {12}.*\n)*? {8}\}\n/gm, "$1", "if any"],
  // What may throw, without a second function around it.
  [
    /function\(\) \{ return handleError\(function \((.*?)\) \{\n((?:.*\n)*?) {8}\}, arguments\); \}/gm,
    "handleError(($1) => {\n$2 })",
  ],
  [
    /^function handleError\(f, args\) \{\n(?:.*\n)*? +(wasm\.\w+)\(idx\);\n(?:.*\n)*?\}\n/gm,
    `const handleError = (call) => (...args) => {
      try {
        return call(...args);
      } catch (error) {
        $1(addToExternrefTable0(error));
      }
    };\n`,
  ],
  // The core's closures are Rust's, which drops each of them, and the one of a new promise is called at once.
  [/^.*CLOSURE_DTORS.*\n/gm, ""],
  [
    /^ +try \{\n +var state0 = \{a: arg0, b: arg1\};\n(?:.*\n)*?.*return (invoke\d+)\((?:.*\n)*?.*new Promise\(cb0\);\n(?:.*\n)*?.*state0\.a = 0;\n +\}\n/gm,
    "return new Promise((resolve, reject) => $1(arg0, arg1, resolve, reject));\n",
  ],
  // Made anew: what is read through it are two numbers, now and then.
  [
    /^let cachedDataViewMemory0 = null;\nfunction getDataViewMemory0\(\) \{\n(.*\n)*?\}\n/gm,
    "const getDataViewMemory0 = () => new DataView(wasm.memory.buffer);\n",
  ],
  [/^ +(cachedDataViewMemory0 = null|wasmInstance = instance|wasmModule = module);\n/gm, ""],
  // Safari's decoder stops after 2 GB of text. That is half a million refreshes.
  [
    /^let cachedTextDecoder = (.*\n)(.*\n)*?function decodeText\(bytes\) \{\n(.*\n)*?\}\n/gm,
    "const cachedTextDecoder = $1const decodeText = (bytes) => cachedTextDecoder.decode(bytes);\n",
  ],
  [/^( {8}js\d+): function\(/gm, "$1("],
  [/^if \(!\('encodeInto' in cachedTextEncoder\)\) \{\n(.*\n)*?\}\n/gm, ""],
];

/** Replaces `from` wherever it is; it must be somewhere, unless `optional`. */
const replace = (text, from, to, optional) => {
  const result = text.replaceAll(from, to);
  if (result === text && !optional) throw new Error(`wasm-bindgen's glue has changed: "${from}" should be in it`);
  return result;
};
