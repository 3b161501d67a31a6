// What the skin hands to the core as its door to the world, without a core: for tests of the door itself. `skin` is the
// module `skin.js` of the installed package. The numbers are those of `What` in src/host/web.rs.
const [, SLEEP, LOCK, LISTEN, LOAD, SWAP, , , DURABLE, ONLINE, BROADCAST] = Array(12).keys();

export const coreHost = async (skin, options = {}) => {
  let door;
  const create = (_service, _options, given) => {
    door = given;
    return 1;
  };
  const instance = { dead: undefined, create, own() {} };
  await skin.openRallyHere(async () => instance, { environment: "demo", clientId: "a", clientSecret: "b", ...options });
  const begin = (what, argument, tell) => {
    let stop;
    const promise = door[what](argument, tell, (how) => (stop = how));
    return { promise, stop: () => stop() };
  };
  const host = {
    sleep: (ms) => begin(SLEEP, String(ms)),
    lock: (name) => begin(LOCK, name),
    listen: (tell) => begin(LISTEN, "", tell),
    load: (key) => door[LOAD](key),
    swap: (key, expected, next) => door[SWAP](JSON.stringify({ key, expected, next })),
    durable: () => door[DURABLE](),
    online: () => door[ONLINE](),
    broadcast: (key, generation) => door[BROADCAST](JSON.stringify({ key, generation })),
  };
  return { host };
};
