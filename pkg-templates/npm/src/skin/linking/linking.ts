// `playerlink/linking`: the module with the rules of linking codes, and what it is loaded with.
import type { LinkingCore } from "../../api/linking.js";
import { fail } from "../error.js";
import { createRuntime, type Instance, toJson } from "../runtime.js";
import type { LinkingGlue } from "./boundary.js";
import { Driver, qrOf } from "./driver.js";

export { unpack } from "../runtime.js";
export { isPlayerLinkError } from "../error.js";
export { linkingSource } from "./source.js";

type Guard = (exports: WebAssembly.Exports) => WebAssembly.Exports;

/** What `loadLinking` is, for the module as one entry of the package provides it. */
export const createLoader = (
  instantiate: (guard: Guard) => LinkingGlue,
  load: () => WebAssembly.Module | Promise<WebAssembly.Module>,
): (() => Promise<LinkingCore>) => {
  const runtime = createRuntime(instantiate, load);
  let known: [Instance<LinkingGlue>, LinkingCore] | undefined;
  return async () => {
    const instance = await runtime.open();
    if (known?.[0] !== instance) known = [instance, coreOf(instance)];
    return known[1];
  };
};

const coreOf = (instance: Instance<LinkingGlue>): LinkingCore => ({
  createLinking(source, options = {}) {
    if (typeof source?.requestCode !== "function") {
      throw fail({ kind: "misuse", message: "createLinking needs a source with `requestCode`" });
    }
    return new Driver(instance, source, options);
  },
  readCode(text, format, link) {
    const read = () => instance.glue.readCode(String(text), toJson(format) ?? "null", link && toJson(link));
    return JSON.parse(instance.sync(read)) as ReturnType<LinkingCore["readCode"]>;
  },
  qrCode: (text) => qrOf(instance, text),
});
