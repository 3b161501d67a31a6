// Pages with the elements of the installed package, in Chromium and in Firefox.
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";
import { after, before, describe } from "node:test";
import { fileURLToPath } from "node:url";
import { launch } from "puppeteer-core";
import { installed } from "../../support/consumer.mjs";

const require = createRequire(import.meta.url);
const here = fileURLToPath(new URL(".", import.meta.url));
export const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const types = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".json": "application/json", ".wasm": "application/wasm" };

const THEMES = {
  light: ["#ffffff", "#1b1b1f"],
  dark: ["#131316", "#ececf0"],
};

const shell = (query) => {
  const [background, color] = THEMES[query.get("theme") ?? "light"];
  const lang = query.get("lang") ?? "en";
  const dir = lang === "ar" ? "rtl" : "ltr";
  // A page of a studio that has set its font and its colours and knows nothing of the element.
  return `<!doctype html><html lang="${lang}" dir="${dir}"><head><meta charset="utf-8"><title>Link your console</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css?${background.slice(1)}-${color.slice(1)}-${query.get("size") ?? "16"}">
</head><body><main><h1>Link your console</h1><div id="place"></div></main></body></html>`;
};

const pageCss = (name) => {
  const [background, color, size] = name.split("-");
  return `html { background: #${background}; color: #${color}; font: ${size}px/1.5 "Liberation Sans", Arial, sans-serif; }
body { margin: 0; } main { padding: 24px 16px; box-sizing: border-box; } #place > * { margin-block: 28px; }
h1 { font-size: 1.5em; margin: 0; }`;
};

/** The package, the helpers next to this file, and an empty page of a studio at `/`. `headers` go with the page. */
export const servePages = async (headers = {}) => {
  const requests = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams, search } = new URL(request.url, "http://localhost");
    requests.push(request.url);
    const send = (type, text, more = {}) => response.writeHead(200, { "content-type": type, ...more }).end(text);
    if (pathname === "/") return send("text/html", shell(searchParams), headers);
    if (pathname === "/page.css") return send("text/css", pageCss(search.slice(1)));
    const [, place, ...rest] = pathname.split("/");
    const root = { package: installed, support: here }[place];
    const file = root && join(root, normalize(rest.join("/")));
    if (!file || !existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": types[extname(file)] ?? "text/plain", "cache-control": "max-age=600" });
    createReadStream(file).pipe(response);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    close: () => new Promise((done) => server.close(done).closeAllConnections()),
  };
};

const BROWSERS = {
  chromium: () =>
    launch({ executablePath: process.env.CHROME ?? "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"] }),
  firefox: () =>
    launch({
      browser: "firefox",
      executablePath: process.env.FIREFOX ?? "/usr/bin/firefox-esr",
      extraPrefsFirefox: { "dom.forms.autocomplete.formautofill": false, "browser.cache.disk.enable": false },
    }),
};

/** Once for each browser: `tests` gets the browser's name and `open`, which opens a page with the elements defined. */
export const inBrowsers = (tests, names = process.env.BROWSERS?.split(",") ?? Object.keys(BROWSERS)) => {
  for (const name of names) {
    const missing = name === "firefox" && process.env.FIREFOX === "";
    describe(name, { skip: missing ? "there is no Firefox on this machine" : false }, () => {
      let browser;
      let server;
      before(async () => {
        [browser, server] = await Promise.all([BROWSERS[name](), servePages()]);
      });
      after(async () => {
        await browser?.close();
        await server?.close();
      });
      const open = async ({ query = "", at = server, viewport = { width: 1280, height: 900 }, define = "define" } = {}) => {
        const page = await browser.newPage();
        const said = [];
        page.on("console", (message) => said.push(message.text()));
        page.on("pageerror", (error) => said.push(`error: ${error.message}`));
        await page.setViewport(viewport);
        await page.goto(`${at.url}/?${query}`);
        await page.evaluate(async (define) => {
          const [{ FakeLinking }, { STATES, CODE, QR, snapshot }] = await Promise.all([
            import("/support/fake-linking.mjs"),
            import("/support/snapshots.mjs"),
            import(`/package/link-code/${define}.js`),
          ]);
          Object.assign(globalThis, { FakeLinking, STATES, CODE, QR, snapshot });
          /** Waits for what comes by itself, as long as a busy machine needs. */
          globalThis.until = async (what) => {
            for (let tries = 0; tries < 200; tries++) {
              const found = what();
              if (found) return found;
              await new Promise((done) => setTimeout(done, 25));
            }
            throw new Error(`never: ${what}`);
          };
          // What is done at once and in the next moment is done after this; modules may take longer.
          globalThis.settled = () => new Promise((done) => setTimeout(done, 120));
          globalThis.language = () => ({ de: "de", ar: "ar" })[document.documentElement.lang] ?? "en";
          globalThis.put = async (state, { attributes = {}, qr, awaited = true, tag = "playerlink-code", ...properties } = {}) => {
            const element = document.createElement(tag);
            for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
            const linking = new FakeLinking(typeof state === "string" ? STATES[state] : state, qr);
            Object.assign(element, { linking, ...properties });
            document.querySelector("#place").append(element);
            const part = (name) => element.shadowRoot.querySelector(`[part~="${name}"]`);
            // Its language is there, and its QR code where it shows one; and its live region speaks.
            if (!attributes.lang && !properties.strings) await globalThis.until(() => part("base")?.lang === globalThis.language());
            await globalThis.settled();
            if (qr && awaited && linking.snapshot.code && !linking.snapshot.concealed) await globalThis.until(() => part("qr"));
            return Object.assign(globalThis, { element, linking, part, shadow: element.shadowRoot });
          };
        }, define);
        return Object.assign(page, { said, server: at });
      };
      tests(name, open);
    });
  }
};
