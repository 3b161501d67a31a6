// A wasm module: loading it, and giving it up when it traps.
import type { PlayerLinkError } from "../api/errors.js";
import { failure, isPlayerLinkError } from "./error.js";

/** A running module. After a trap it is dead: its memory can no longer be trusted, so nothing enters it again. */
export abstract class Running {
  dead: PlayerLinkError | undefined;

  /** Ends what is pending. */
  protected abstract died(dead: PlayerLinkError): void;

  // Every way into the module passes here. Many have no caller who could be told of a trap: promises would be pending for
  // ever, and a Node process would end.
  protected enter<T>(way: () => T): T | undefined {
    if (this.dead) return undefined;
    try {
      return way();
    } catch (trap) {
      const message = `playerlink stopped because of a defect; please report it (${String(trap)}). Restore the session to go on.`;
      this.dead = failure("internal", message);
      this.died(this.dead);
      return undefined;
    }
  }
}

/** What runs now of a module as one entry of the package provides it. */
export type Loader<R extends Running> = () => Promise<R>;

export type Load = () => WebAssembly.Module | Promise<WebAssembly.Module>;

/** `run` is not `new WebAssembly.Instance`, which Chrome before 115 refuses a page for a module of more than 4 KB. */
export const loader = <R extends Running>(run: (module: WebAssembly.Module) => Promise<R>, load: Load): Loader<R> => {
  let module: Promise<WebAssembly.Module> | undefined;
  let instance: R | undefined;
  return async () => {
    if (!instance || instance.dead) {
      try {
        const ready = await run(await (module ??= Promise.resolve(load())));
        if (!instance || instance.dead) instance = ready; // not the other one, of who asked at the same time
      } catch (error) {
        module = undefined; // so that the next call tries again
        throw explain(error);
      }
    }
    return instance;
  };
};

const explain = (error: unknown): PlayerLinkError => {
  if (isPlayerLinkError(error)) return error;
  const text = String(error);
  const message =
    typeof WebAssembly !== "object"
      ? "WebAssembly is switched off here (a lockdown mode?), and playerlink needs it"
      : /content security|CSP|unsafe-eval/i.test(text)
        ? "the page's Content-Security-Policy blocks WebAssembly: add 'wasm-unsafe-eval' to script-src"
        : `the playerlink module could not be loaded: ${text}`;
  return failure("configuration", message);
};

/** The bytes inlined in the package: base64 of gzip. */
export const unpack = async (base64: string, join: (file: Uint8Array) => BufferSource): Promise<WebAssembly.Module> => {
  const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return WebAssembly.compile(join(new Uint8Array(await new Response(stream).arrayBuffer())));
};

