/** The compiled module, where the bundler gives one for an import of a .wasm; for `init` of `playerlink/slim`. */
declare const module: WebAssembly.Module;
export default module;
