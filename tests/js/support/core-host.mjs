// What the skin hands to the core as its door to the world, without a core: for tests of the door itself. `skin` is the
// module `skin.js` of the installed package.
export const coreHost = async (skin, options = {}) => {
  let host;
  const create = (_service, _options, given) => {
    host = given;
    return 1;
  };
  const instance = { held: new Set(), dead: undefined, create, own() {} };
  await skin.openRallyHere({ open: async () => instance }, { environment: "demo", clientId: "a", clientSecret: "b", ...options });
  return { host, instance };
};
