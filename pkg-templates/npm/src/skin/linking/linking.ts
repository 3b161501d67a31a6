// `playerlink/linking`: the module with the rules of linking codes, and what it is loaded with.
import type { LinkingCore } from "../../api/linking.js";
import { fail } from "../error.js";
import { loader, type Load } from "../module.js";
import { toJson } from "../runtime.js";
import { Driver, qrOf } from "./driver.js";
import { LinkingInstance, type LinkingInstantiate } from "./instance.js";

export { unpack } from "../module.js";
export { isPlayerLinkError } from "../error.js";
export { linkingSource } from "./source.js";

/** What `loadLinking` is, for the module as one entry of the package provides it. */
export const createLoader = (instantiate: LinkingInstantiate, load: Load): (() => Promise<LinkingCore>) => {
  const run = async (module: WebAssembly.Module) => {
    const instance = new LinkingInstance(instantiate);
    await instance.glue.init(module);
    return instance;
  };
  const runtime = loader(run, load);
  let known: [LinkingInstance, LinkingCore] | undefined;
  return async () => {
    const instance = await runtime();
    if (known?.[0] !== instance) known = [instance, coreOf(instance)];
    return known[1];
  };
};

const coreOf = (instance: LinkingInstance): LinkingCore => ({
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
