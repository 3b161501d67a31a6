// Plays the scenarios with the installed package, in Node and in a page alike: it imports nothing and asks the platform
// for nothing but `fetch`. What a scenario means is told in scenarios.json; its twin is native.rs.

// A call that takes longer hangs; no scenario comes near.
const GUARD = 30_000;

const guarded = async (work) => {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("the promise stayed pending")), GUARD);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** A store whose entries can be seen and changed. */
export const openStore = () => {
  const entries = new Map();
  return {
    entries,
    load: (key) => entries.get(key) ?? null,
    compareAndSwap(key, expected, next) {
      if ((entries.get(key) ?? null) !== expected) return false;
      if (next === null) entries.delete(key);
      else entries.set(key, next);
      return true;
    },
  };
};

/** A client of `service` at `base`. */
export const createClient = (playerlink, service, base, options) => {
  if (service === "playfab") return playerlink.createPlayFabClient({ baseUrl: base, titleId: "ABCD1", ...options });
  if (service === "rallyhere") {
    return playerlink.createRallyHereClient({ baseUrl: base, clientId: "game", clientSecret: "embedded", retries: false, ...options });
  }
  return playerlink.createXsollaClient({
    baseUrl: base,
    projectId: "f6c5011a-715e-4e5e-b7b1-a4812d85b8c8",
    oauth: { clientId: 57, redirectUri: "http://127.0.0.1/callback" },
    ...options,
  });
};

const credentials = {
  playfab: { provider: "steam", steamTicket: "14000000ab" },
  rallyhere: { grant: "steam", ticket: "14000000ab" },
  xsolla: { username: "nova", password: "secret" },
};

export const signIn = (client, service, args = {}) => client.login({ ...credentials[service], ...args });

const player = (session) => (session ? { player: session.player } : null);
const came = ({ session, ...rest }) => ({ ...rest, ...player(session) });

// The clients' own calls; all others are the session's.
const clientCalls = {
  login: async (client, service, args) => player(await signIn(client, service, args)),
  loginResult: async (client, service) => (await signIn(client, service)).loginResult(),
  restore: async (client) => player(await client.restore()),
  publicKeys: (client) => client.publicKeys(),
  oauthClientToken: (client) => client.oauthClientToken(),
  portalTokenDetails: (client, _, args) => client.portalTokenDetails(args),
  completeOauth: async (client, _, args) => player(await client.completeOauth(args)),
  completeRedirect: async (client, _, args) => player(await client.completeRedirect(args)),
  silentLogin: async (client) => came(await client.silentLogin({ platform: "steam", appId: 480, ticket: "140000ff", protocol: "jwt" })),
  register: async (client) =>
    came(await client.register({ username: "vega", password: "long enough", email: "vega@example.com", protocol: "jwt" })),
  sessionFromToken: async (client, _, { token }) => player(await client.sessionFromToken(token)),
};

const call = async (client, service, name, args, closed) => {
  if (clientCalls[name]) return clientCalls[name](client, service, args);
  const session = await client.restore();
  if (!session) throw new Error("the session signed in beforehand is not there");
  if (closed) session.close();
  const done = await session[name](args);
  if (!closed) session.close();
  return done;
};

const fields = ["kind", "message", "status", "code", "codeNumber", "retryAfterMs", "reason", "requestId", "agreements", "restrictions", "fields"];

/** `{ ok }`, or the error's fields; what is thrown that is no error of ours is told as it is. */
export const outcome = async (playerlink, work) => {
  try {
    return { ok: (await guarded(work())) ?? null };
  } catch (error) {
    if (!playerlink.isPlayerLinkError(error)) return { thrown: String(error) };
    if (!(error instanceof Error)) return { thrown: "an error of ours that is no Error" };
    const told = error.toJSON();
    // The skin gives every `restricted` a list, so that its type has one; native has an empty one too.
    if (told.restrictions?.length === 0) delete told.restrictions;
    return Object.fromEntries(fields.filter((name) => told[name] !== undefined).map((name) => [name, told[name]]));
  }
};

const includes = (whole, part) => {
  if (Array.isArray(part)) return Array.isArray(whole) && whole.length === part.length && part.every((value, at) => includes(whole[at], value));
  if (typeof part !== "object" || part === null) return Object.is(whole, part);
  return typeof whole === "object" && whole !== null && Object.entries(part).every(([name, value]) => includes(whole[name], value));
};

/** An error is compared whole, an answer by what is expected of it. */
export const compare = (expect, got, sentences = {}) => {
  const wanted = { ...expect };
  if (wanted.message) wanted.message = sentences[wanted.message] ?? wanted.message;
  const fits = includes(got, wanted) && ("ok" in wanted || includes(wanted, got));
  return fits ? [] : [`expected ${JSON.stringify(wanted)} but got ${JSON.stringify(got)}`];
};

const tamper = ({ entries }, stored) => {
  for (const [key, text] of entries) {
    const isPointer = key.endsWith("/accounts");
    if (stored === "aged") {
      if (isPointer) continue;
      const record = JSON.parse(text);
      record.session.access_life.received_at = 0;
      entries.set(key, JSON.stringify(record));
    } else if (isPointer ? stored.pointer !== undefined : stored.record !== undefined) {
      entries.set(key, isPointer ? stored.pointer : stored.record);
    }
  }
};

// Without the notes on a record that say what is under way, and without what was put aside as unreadable.
const unnoted = (text) => text.replace(/("session":\{).*?("access_token")/, "$1$2");
export const look = ({ entries }, read = (text) => text) =>
  JSON.stringify([...entries].filter(([key]) => !key.endsWith("/unreadable")).map(([key, text]) => [key, read(unnoted(text))]).sort());

// The same as if it were not stale.
const unmarked = (text) => text.replace('"stale":true,', "");

/** Plays one scenario and answers with its problems. */
export const play = async (playerlink, scenario, base, sentences) => {
  const [service, name] = scenario.call.split(".");
  const store = openStore();
  const open = (options) => createClient(playerlink, service, base, { store, ...options });
  if (!scenario.fresh) (await guarded(signIn(await open(), service))).close();
  if (scenario.stored) tamper(store, scenario.stored);
  const before = look(store);

  const options = { retries: scenario.retries ?? false };
  if (scenario.deadlineMs) options.deadlineMs = scenario.deadlineMs;
  const client = await open(options);
  const got = await outcome(playerlink, () => call(client, service, name, scenario.args, scenario.closed));
  const problems = compare(scenario.expect, got, sentences);

  const after = look(store);
  const keeps = scenario.keeps ?? "same";
  if (keeps === "none" && store.entries.size) problems.push(`something was stored: ${after}`);
  if ((keeps === "same" || keeps === "any" || keeps === "paused") && after !== before) problems.push(`the store changed from ${before} to ${after}`);
  if (keeps === "rotated" && after === before) problems.push("nothing new was stored");
  if (keeps === "stale" && (after === before || look(store, unmarked) !== before)) problems.push(`the store changed from ${before} to ${after}`);
  if (keeps === "same" || keeps === "rotated" || keeps === "stale") {
    const restored = await outcome(playerlink, async () => {
      const session = await (await open()).restore();
      if (session && !scenario.responses.some(({ refuse }) => refuse)) await session.refresh();
      session?.close();
      return session ? "works" : "is gone";
    });
    problems.push(...compare({ ok: "works" }, restored));
  }
  if (keeps === "paused") {
    // What the service asked for with `Retry-After` holds after a restart too.
    const restored = await outcome(playerlink, async () => (await (await open()).restore()).refresh());
    if (restored.kind !== "busy" || !restored.retryAfterMs) problems.push(`the service is not left alone: ${JSON.stringify(restored)}`);
  }
  if (keeps === "ended" || keeps === "struck") {
    if (after.includes("refresh-")) problems.push(`a refresh token was left in the store: ${after}`);
    const restored = await outcome(playerlink, async () => (await (await open()).restore())?.refresh() ?? "nothing to restore");
    const fits = keeps === "ended" ? restored.ok === "nothing to restore" : restored.kind === "session-over";
    if (!fits) problems.push(`an ended session was restored: ${JSON.stringify(restored)}`);
  }
  return problems;
};

/** After everything: the module still works. */
export const health = async (playerlink, good) => {
  const got = await outcome(playerlink, async () => {
    const session = await signIn(await createClient(playerlink, "rallyhere", good, { store: openStore() }), "rallyhere");
    const links = await session.links();
    session.close();
    return links.accounts.length;
  });
  return compare({ ok: 1 }, got).map((problem) => `the next good call: ${problem}`);
};

/** Options that are mistakes. */
export const construct = async (playerlink, { service, options, expect }, sentences) => {
  const names = { playfab: "createPlayFabClient", rallyhere: "createRallyHereClient", xsolla: "createXsollaClient" };
  const create = playerlink[names[service]];
  const got = await outcome(playerlink, async () => {
    await create(options);
    return "a client";
  });
  return compare(expect, got, sentences);
};
