// What the companion site answers: its files, the page's settings, and the links. `server.mjs` starts it; everything that
// needs a secret or the network comes in from there, so that this can be tested alone.
import { createHash, timingSafeEqual } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { CONFLICTS } from "./link-feed.mjs";

const MOST_BYTES = 4 * 1024;
/** Proxies cut connections that say nothing for a minute; a page takes two missed ones for a lost connection. */
const HEARTBEAT_MS = 15_000;
/** No stream lives longer: the page comes back with a new token, and so finds out whether it is still signed in. */
const LONGEST_STREAM_MS = 15 * 60_000;
/** How far back a page may ask for what it missed. */
const LONGEST_BACK_MS = 60 * 60_000;
/** What a page that does not read may pile up before it is cut off. */
const MOST_UNREAD_BYTES = 64 * 1024;

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** The file behind a path, or nothing: two patterns without a dot-dot, so that there is no way out of the two folders. */
const fileOf = (path) => {
  if (path === "/") return "public/index.html";
  if (/^\/(?:[\w-]+\/)?[\w-]+\.(?:js|css|svg)$/.test(path)) return `public${path}`;
  if (/^\/node_modules\/playerlink\/(?:[\w-]+\/){0,2}[\w-]+\.(?:js|wasm)$/.test(path)) return path.slice(1);
  return undefined;
};

/** Only what is named may run, be loaded or be asked; the one inline script, the import map, is named by its hash. */
const policyOf = (html, settings) => {
  const map = /<script type="importmap">([^]*?)<\/script>/.exec(html)?.[1] ?? "";
  const hash = createHash("sha256").update(map).digest("base64");
  return [
    "default-src 'none'",
    `script-src 'self' 'wasm-unsafe-eval' 'sha256-${hash}'`,
    "style-src 'self'",
    "img-src 'self'",
    `connect-src 'self' ${new URL(settings.baseUrl).origin}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
};

const HEADERS = {
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

const bearer = (request) => /^Bearer ([!-~]+)$/.exec(request.headers.authorization ?? "")?.[1];

/** Whether the reporter has the secret. Digests are of one length, and comparing them takes the same time always. */
const knows = (secret, given) => {
  const digest = (text) => createHash("sha256").update(text).digest();
  return Boolean(secret) && given !== undefined && timingSafeEqual(digest(secret), digest(given));
};

/** The body as an object, or nothing. */
const read = async (request) => {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  try {
    const body = JSON.parse(Buffer.concat(chunks).toString());
    return typeof body === "object" && body !== null && !Array.isArray(body) ? body : undefined;
  } catch {
    return undefined;
  }
};

const isText = (value, longest) => typeof value === "string" && value !== "" && value.length <= longest;

/** A player chose it: without what could turn around or hide the words next to it. */
const named = (name) => name.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, "").trim() || undefined;

/** A report as it may be kept, or nothing. Strict, also about names: what is misspelt must not be left out in silence. */
const reportOf = (body) => {
  const { accountId, platform, displayName, conflict, ...unknown } = body;
  const fits =
    isText(accountId, 128) &&
    isText(platform, 64) && /^[\w-]+$/.test(platform) &&
    (displayName === undefined || isText(displayName, 128)) &&
    (conflict === undefined || CONFLICTS.includes(conflict)) &&
    Object.keys(unknown).length === 0;
  return fits ? { accountId, platform, displayName: displayName && named(displayName), conflict } : undefined;
};

/** What the page is told of a report: its account knows itself. */
const told = ({ platform, displayName, conflict, atMs }) => ({ platform, displayName, conflict, atMs });

const counted = (text, most) => (/^\d{1,16}$/.test(text ?? "") ? Math.min(Number(text), most) : undefined);

/** Enough to tell accounts apart in the log, not enough to look one up. */
const tail = (accountId) => `…${accountId.slice(-4)}`;

/**
 * The site as a listener for `http.createServer`.
 *
 * `settings`: what `/settings.json` says, public values only. `verify(token)`: who a token speaks for (`{ userId,
 * expiresAt }`, epoch milliseconds); rejects for one that is not accepted. `secret`: what the game's server proves itself
 * with; without it nobody can report. `feed`: of `createLinkFeed`. `log`: one line each, never with a secret in it.
 */
export const createSite = ({ folder, settings, verify, secret, feed, now = Date.now, heartbeatMs = HEARTBEAT_MS, log = () => {} }) => {
  const send = (response, status, body, headers = {}) => {
    const type = body === undefined ? {} : { "content-type": "application/json" };
    response.writeHead(status, { ...HEADERS, ...type, ...headers }).end(body && JSON.stringify(body));
  };
  const refuse = (response, status, kind, headers) => send(response, status, { kind }, headers);

  /** Whose page asks; answers it when nobody's. */
  const playerOf = async (request, response) => {
    const token = bearer(request);
    try {
      if (token !== undefined) return await verify(token);
    } catch (error) {
      // An identity service that is out of reach says nothing about the player.
      if (error?.kind !== "session-over") {
        log(`verify: ${error?.kind ?? "failed"}`);
        refuse(response, 503, "service", { "retry-after": "5" });
        return undefined;
      }
    }
    refuse(response, 401, "session-over", { "www-authenticate": "Bearer" });
    return undefined;
  };

  /** The game's server says that a link happened, or why one did not. */
  const report = async (request, response) => {
    // A page must never have the secret, so no page is believed, whatever it sends.
    if (request.headers.origin !== undefined) return refuse(response, 403, "permission");
    if (!knows(secret, bearer(request))) {
      log("report refused: wrong secret");
      return refuse(response, 401, "permission", { "www-authenticate": "Bearer" });
    }
    const isJson = /^application\/json\b/.test(request.headers["content-type"] ?? "");
    const body = isJson ? await read(request) : undefined;
    const found = body && reportOf(body);
    if (!found) return refuse(response, 422, "misuse");
    const isNew = feed.add(found);
    log(`report ${tail(found.accountId)} ${found.platform} ${found.conflict ?? "linked"}${isNew ? "" : " (again)"}`);
    return send(response, 204);
  };

  const list = async (request, response) => {
    const player = await playerOf(request, response);
    if (player) send(response, 200, { links: feed.links(player.userId).map(told) });
  };

  /** Server-sent events. The page reads them by `fetch`: an `EventSource` could not send its token. */
  const stream = async (request, response, query) => {
    const player = await playerOf(request, response);
    if (!player || response.destroyed) return;
    const write = (text) => {
      if (response.writableLength > MOST_UNREAD_BYTES) response.destroy();
      else response.write(text);
    };
    const event = (name, position, data) => write(`id: ${position}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
    const tell = (found) => event("link", found.position, told(found));
    const after = counted(request.headers["last-event-id"], Number.MAX_SAFE_INTEGER);
    const withinMs = counted(query.get("withinMs"), LONGEST_BACK_MS);
    const wait = feed.wait(player.userId, { after, withinMs }, tell);
    if (!wait) return refuse(response, 429, "busy", { "retry-after": "10" });

    response.writeHead(200, { ...HEADERS, "content-type": "text/event-stream", "x-accel-buffering": "no" });
    for (const found of wait.missed) tell(found);
    // From here on the page hears of everything; it asks for the code only now.
    event("ready", wait.position, { heartbeatMs });
    const heartbeat = setInterval(() => write(":\n\n"), heartbeatMs);
    const longest = Math.min(LONGEST_STREAM_MS, Math.max(0, player.expiresAt - now()));
    const end = setTimeout(() => response.end(), longest);
    response.on("close", () => {
      clearInterval(heartbeat);
      clearTimeout(end);
      wait.stop();
    });
  };

  const file = async (request, response, pathname) => {
    const found = ["GET", "HEAD"].includes(request.method) ? fileOf(pathname) : undefined;
    const body = found && (await readFile(join(folder, found)).catch(() => undefined));
    if (!body) return refuse(response, 404, "not-found");
    const type = types[extname(found)];
    const policy = type.startsWith("text/html") ? { "content-security-policy": policyOf(body.toString(), settings) } : {};
    response.writeHead(200, { ...HEADERS, ...policy, "content-type": type }).end(request.method === "HEAD" ? undefined : body);
  };

  const answer = (request, response) => {
    const { pathname, searchParams } = new URL(request.url, "http://localhost");
    switch (`${request.method} ${pathname}`) {
      case "GET /settings.json":
        return send(response, 200, settings);
      case "POST /api/links":
        return report(request, response);
      case "GET /api/links":
        return list(request, response);
      case "GET /api/links/events":
        return stream(request, response, searchParams);
      default:
        return file(request, response, pathname);
    }
  };

  return async (request, response) => {
    try {
      await answer(request, response);
    } catch (error) {
      // A request line that is no address, a connection that broke: nothing of it is worth a stack trace with a URL in it.
      log(`failed: ${error?.code ?? error?.name ?? "unknown"}`);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, "internal");
    }
  };
};

/** Whether `npm install` was run. */
export const isInstalled = (folder) => existsSync(join(folder, "node_modules/playerlink"));
