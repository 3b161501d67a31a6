// One instance of the linking module. All of its calls answer at once.
import { toError } from "../error.js";
import { Running } from "../module.js";
import type { LinkingGlue } from "./boundary.js";

export type LinkingInstantiate = (guard: (exports: WebAssembly.Exports) => WebAssembly.Exports) => LinkingGlue;

export class LinkingInstance extends Running {
  readonly glue: LinkingGlue;

  constructor(instantiate: LinkingInstantiate) {
    super();
    this.glue = instantiate((exports) => this.#guard(exports));
  }

  // All of its calls answer at once.
  protected override died(): void {}

  // What the glue calls the module with passes here: it notices a trap.
  #guard(exports: WebAssembly.Exports): WebAssembly.Exports {
    const guarded: Record<string, WebAssembly.ExportValue> = {};
    for (const [name, value] of Object.entries(exports)) {
      guarded[name] = typeof value === "function" ? (...args: unknown[]) => this.enter(() => value(...args) as unknown) : value;
    }
    return guarded;
  }

  /** A call of the glue, which stumbles over what a module that trapped does not answer. */
  sync<T>(call: () => T): T {
    if (this.dead) throw this.dead;
    try {
      return call();
    } catch (thrown) {
      throw this.dead ?? toError(thrown);
    }
  }
}
