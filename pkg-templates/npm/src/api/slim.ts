// `playerlink/slim`: the same, without the module's bytes inside. Declarations only.

/**
 * Gives the module to `playerlink/slim`, from `playerlink/sdk.wasm`: bytes, a URL, a Response or a compiled module.
 * Call it once before the first client is created.
 */
export declare function init(
  source: ArrayBuffer | ArrayBufferView | URL | string | Response | Promise<Response> | WebAssembly.Module,
): Promise<void>;
