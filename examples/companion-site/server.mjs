// Serves the companion site: a handful of files, the installed package, and the page's settings. No dependencies.
//
//   XSOLLA_URL=http://127.0.0.1:4000/api PORT=4002 npm start
//
// Without a bundler the browser finds `playerlink` through the import map in index.html; the policy below names that map
// by its hash, so that nothing else inline can run.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL(".", import.meta.url));
const env = process.env;
if (!existsSync(join(folder, "node_modules/playerlink"))) {
  console.error("the package is not installed: run `npm install` here first");
  process.exit(1);
}

// Public values only: a page must never get a server secret. The defaults are the emulator's.
const settings = {
  baseUrl: env.XSOLLA_URL ?? "http://127.0.0.1:4000/api",
  projectId: env.XSOLLA_PROJECT ?? "f6c5011a-715e-4e5e-b7b1-a4812d85b8c8",
  clientId: env.XSOLLA_CLIENT ?? "57",
  // For `?demo`: a test user that the form is filled in with. Leave it out where there is none.
  demo: env.DEMO_USER ? { username: env.DEMO_USER, password: env.DEMO_PASSWORD ?? "" } : undefined,
};

const files = new Map([
  ["/", "index.html"],
  ["/app.js", "app.js"],
  ["/brand.css", "brand.css"],
  ["/style.css", "style.css"],
  ["/tide.svg", "tide.svg"],
  ["/icon.svg", "icon.svg"],
]);
const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };

/** The file behind a path, or nothing: a list and one pattern, so that there is no path to climb out of the folder. */
const fileOf = (path) =>
  files.get(path) ?? (/^\/node_modules\/playerlink\/[\w-]+\.js$/.test(path) ? path.slice(1) : undefined);

const policy = (html) => {
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
  ].join("; ");
};

const headers = {
  "cache-control": "no-store",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  if (pathname === "/settings.json") {
    return response.writeHead(200, { ...headers, "content-type": "application/json" }).end(JSON.stringify(settings));
  }
  const file = fileOf(pathname);
  const body = file && (await readFile(join(folder, file)).catch(() => undefined));
  if (!body || !["GET", "HEAD"].includes(request.method)) return response.writeHead(404, headers).end();
  const type = types[extname(file)];
  const guard = type.startsWith("text/html") ? { "content-security-policy": policy(body.toString()) } : {};
  response.writeHead(200, { ...headers, ...guard, "content-type": type }).end(body);
});

server.listen(Number(env.PORT ?? 0), "127.0.0.1", () => {
  console.log(`companion site on http://127.0.0.1:${server.address().port}`);
});
if (process.argv.includes("--exit-with-stdin")) process.stdin.resume().on("end", () => process.exit());
