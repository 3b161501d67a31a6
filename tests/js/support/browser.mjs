// Chromium, and a server on loopback for the files of a folder.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { launch } from "puppeteer-core";

const types = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/** Serves `folder`; `headers` go with every answer. */
export const serve = async (folder, headers = {}) => {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const file = join(folder, normalize(pathname.endsWith("/") ? `${pathname}index.html` : pathname));
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": types[extname(file)] ?? "text/plain", ...headers });
    createReadStream(file).pipe(response);
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((done) => server.close(done).closeAllConnections()),
  };
};

export const openBrowser = () =>
  launch({
    executablePath: process.env.CHROME ?? "/usr/bin/chromium",
    // In a container there is often neither a second user nor a large /dev/shm.
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
  });

/** Opens `url` and returns what the page puts into `globalThis.result`; an error in the page is an error here. */
export const visit = async (browser, url) => {
  const page = await browser.newPage();
  try {
    const failed = new Promise((_, reject) => {
      page.on("pageerror", reject);
      page.on("requestfailed", (request) => reject(new Error(`${request.url()}: ${request.failure()?.errorText}`)));
    });
    failed.catch(() => {});
    await page.goto(url);
    const result = page.waitForFunction("globalThis.result", { timeout: 20_000 }).then((handle) => handle.jsonValue());
    return await Promise.race([result, failed]);
  } finally {
    await page.close();
  }
};
