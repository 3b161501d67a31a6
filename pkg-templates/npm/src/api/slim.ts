// `playerlink/slim`: the same, without the module's bytes inside. Declarations only.

/**
 * Gives the module to `playerlink/slim`, from `playerlink/sdk.split.wasm`, which takes less when it is served with brotli,
 * or from `playerlink/sdk.wasm`: bytes, a URL, a Response or, of the latter, a compiled module.
 * Call it once before the first client is created.
 */
export declare function init(
  source: ArrayBuffer | ArrayBufferView | URL | string | Response | Promise<Response> | WebAssembly.Module,
): Promise<void>;
