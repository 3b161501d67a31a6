// The companion site's one server: it serves the page, verifies players' tokens with `playerlink/server`, takes the game
// server's word that a link happened, and tells the pages of that account. No dependencies but `playerlink`.
//
//   XSOLLA_URL=http://127.0.0.1:4000/api PORT=4002 COMPANION_SECRET=… npm start
//
// Secrets come from the environment: a command line can be seen by every program of the machine.
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { createLinkFeed } from "./link-feed.mjs";
import { createSite, isInstalled } from "./site.mjs";

const folder = fileURLToPath(new URL(".", import.meta.url));
const stop = (why) => {
  console.error(why);
  process.exit(1);
};
if (!isInstalled(folder)) stop("the package is not installed: run `npm install` here first");
const { createXsollaServer } = await import("playerlink/server");

const env = process.env;
const baseUrl = env.XSOLLA_URL ?? "http://127.0.0.1:4000/api";
const emulated = /^http:\/\/(127\.0\.0\.1|localhost):/.test(baseUrl);
const setting = (name, testValue) => env[name] ?? (emulated ? testValue : stop(`${name} is not set`));

// Public values only: a page must never get a server secret. The test values are the emulator's.
const settings = {
  baseUrl,
  projectId: setting("XSOLLA_PROJECT", "f6c5011a-715e-4e5e-b7b1-a4812d85b8c8"),
  clientId: setting("XSOLLA_CLIENT", "57"),
  // Where a player reports a link that was not theirs, or asks for one to be undone.
  supportUrl: env.SUPPORT_URL ?? "https://support.example.com/linked-consoles",
  // How long a code stays on the page: Xsolla does not tell how long it lives. Unset: the package's own guess.
  codeMaxAgeMs: env.CODE_MAX_AGE_MS ? Number(env.CODE_MAX_AGE_MS) : undefined,
  // For `?demo`: a test user that the form is filled in with. Leave it out where there is none.
  demo: env.DEMO_USER ? { username: env.DEMO_USER, password: env.DEMO_PASSWORD ?? "" } : undefined,
};

const projectKey = env.XSOLLA_PROJECT_KEY; // of a project that signs with HS256, the default of a new one
const xsolla = await createXsollaServer({
  baseUrl,
  clientId: setting("XSOLLA_SERVER_CLIENT_ID", "59"),
  clientSecret: setting("XSOLLA_SERVER_CLIENT_SECRET", "server-client-secret"),
  publisherProjectId: Number(setting("XSOLLA_PUBLISHER_PROJECT", "44056")),
  trustedProjects: [
    {
      projectId: settings.projectId,
      kind: "standard",
      ...(projectKey ? { algorithm: "HS256", secret: projectKey } : { algorithm: "RS256" }),
    },
  ],
});

const secret = env.COMPANION_SECRET;
if (secret !== undefined && secret.length < 32) stop("COMPANION_SECRET is too short: 32 characters or more, at random");
if (secret === undefined) console.error("COMPANION_SECRET is not set: no game server can report links");

const log = (line) => console.error(line);
const verify = (token) => xsolla.verifyToken(token);
const server = createServer(createSite({ folder, settings, verify, secret, feed: createLinkFeed(), log }));
server.listen(Number(env.PORT ?? 0), "127.0.0.1", () => {
  console.log(`companion site on http://127.0.0.1:${server.address().port}`);
});
if (process.argv.includes("--exit-with-stdin")) process.stdin.resume().on("end", () => process.exit());
