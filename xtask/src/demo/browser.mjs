// The player's browser in `cargo xtask demo`: headless Chromium, told what to do by JSON lines on standard input and
// answering each with one on standard output. It only does what a person could: type, press, read, take pictures.
//
//   node browser.mjs <folder whose node_modules has puppeteer-core> <Chromium> <folder for pictures>
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const [packages, executablePath, pictures] = process.argv.slice(2);
const puppeteer = createRequire(join(packages, "package.json"))("puppeteer-core");

const browser = await puppeteer.launch({
  executablePath,
  // In a container there is often neither a second user nor a large /dev/shm.
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--force-color-profile=srgb", "--hide-scrollbars"],
});
const page = await browser.newPage();
page.setDefaultTimeout(20_000);
// Puppeteer's own call for this does not know forced colours; a second session would end the first one's settings.
const devtools = await page.createCDPSession();

const complaints = [];
page.on("pageerror", (error) => complaints.push(String(error)));
page.on("console", (message) => {
  // Chromium says this of every refused request, and the story has some.
  if (message.type() === "error" && !message.text().startsWith("Failed to load resource")) complaints.push(message.text());
});

// What the page loaded, by path.
const loaded = new Map();
page.on("response", (response) => loaded.set(new URL(response.url()).pathname, response));

/** Waits for a part of the page (`view`), or for a state of its linking code (`linking`). */
const shows = (name, wanted) =>
  page.waitForFunction((name, wanted) => document.body.dataset[name] === wanted, {}, name, wanted).catch(async () => {
    const now = await page.evaluate((name) => `${document.body.dataset[name]}: ${document.querySelector("main").innerText}`, name);
    throw new Error(`the page should show "${wanted}" and shows "${now.replace(/\d{3,}/g, "•••")}"`);
  });
/** What a part of the code's element says, without the marks that keep a name's direction apart. */
const part = (name) =>
  page.$eval(`#code >>> [part~="${name}"]`, (element) => element.innerText.trim().replace(/[\u2066-\u2069]/g, ""));
const words = (id) => page.$eval(`#${id}`, (element) => element.textContent);
const press = (id) => page.click(`#${id}`);
const type = async (id, text) => {
  await page.$eval(`#${id}`, (field) => field.select());
  await page.type(`#${id}`, text);
};

const commands = {
  async open({ url }) {
    await page.setViewport({ width: 1280, height: 800 });
    await page.goto(url);
    await shows("view", "sign-in");
    const entry = loaded.get("/node_modules/playerlink/index.js");
    return { entry: await entry?.text(), policy: loaded.get("/")?.headers()["content-security-policy"] };
  },

  /** With a password of one's own, or with what `?demo` filled in. */
  async "sign-in"({ password }) {
    if (password) await type("password", password);
    await press("sign-in-button");
    await shows("view", "ready");
    return { player: await words("player") };
  },

  async "fail-to-sign-in"({ password }) {
    await type("password", password);
    await press("sign-in-button");
    await page.waitForFunction(() => document.querySelector("#problem").textContent);
    return { problem: await words("problem") };
  },

  /** Asks for a code and reads it from the page as the player does; `copied` is what selecting it copies. */
  async code() {
    await press("get-code");
    await shows("view", "link");
    await shows("linking", "active");
    await page.waitForSelector('#code >>> [part="status"] > span');
    const read = await page.$eval("#code", ({ shadowRoot }) => {
      const code = shadowRoot.querySelector('[part="code"]');
      getSelection().selectAllChildren(code);
      const copied = getSelection().toString();
      getSelection().removeAllRanges();
      return { code: code.textContent, copied, visible: code.checkVisibility(), spelled: code.previousElementSibling.textContent };
    });
    const link = await page.$eval('#code >>> [part="qr-link"]', ({ href }) => href);
    return { ...read, link, account: await part("account"), announced: await part("status") };
  },

  /** The page finds out by itself that the code was used. */
  async linked() {
    await shows("linking", "linked");
    await page.waitForFunction(() => document.querySelector("#code").snapshot.refresh === "done");
    const html = await page.evaluate(everythingDrawn);
    const own = await page.$eval('#code > [slot="success"]', (element) => element.innerText);
    return { said: `${await part("success")}\n${own}`, announced: await part("status"), html };
  },

  /** Another state of the linking code, with what the page says in it. */
  async state({ state }) {
    await shows("linking", state);
    return { code: await part("code"), error: await part("error"), choices: await part("choices") };
  },

  async network({ online }) {
    await page.setOfflineMode(!online);
    await page.waitForFunction((online) => (document.querySelector("#offline").textContent === "") === online, {}, online);
    return { banner: await words("offline"), code: await part("code") };
  },

  async "new-code"() {
    await page.click('#code >>> [part~="renew-button"]');
    return {};
  },

  async cancel() {
    await page.click('#code >>> [part~="cancel-button"]');
    await shows("view", "ready");
    return {};
  },

  /** From the finished link back to the list of consoles. */
  async back() {
    await page.click('#code >>> [part~="close-button"]');
    await shows("view", "ready");
    return { consoles: await words("linked-list"), offer: await words("get-code") };
  },

  async "sign-out"() {
    // The page does not wait for the service; the story does.
    const told = page.waitForResponse((response) => response.url().includes("/oauth2/") && response.request().method() !== "OPTIONS");
    await press("sign-out");
    await shows("view", "sign-in");
    await told;
    return { kept: await page.evaluate(everythingStored), html: await page.evaluate(everythingDrawn) };
  },

  async picture({ name, width = 1280, height = 800, scheme = "light", forced = false, long = false }) {
    await page.setViewport({ width, height });
    await devtools.send("Emulation.setEmulatedMedia", {
      features: [
        { name: "prefers-color-scheme", value: scheme },
        { name: "prefers-reduced-motion", value: "reduce" },
        { name: "forced-colors", value: forced ? "active" : "none" },
      ],
    });
    const path = join(pictures, `${name}.png`);
    await page.screenshot({ path, fullPage: long });
    const scrolls = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
    return { path, scrolls };
  },
};

// In the page: all that is in it, also in shadow trees, with its address and title.
const everythingDrawn = () => {
  const roots = [document, ...[...document.querySelectorAll("*")].map(({ shadowRoot }) => shadowRoot).filter(Boolean)];
  return [location.href, document.title, ...roots.map((root) => (root.documentElement ?? root).innerHTML)].join("\n");
};

// In the page: all that its origin keeps.
const everythingStored = async () => {
  const settled = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  const kept = [{ ...localStorage }, { ...sessionStorage }];
  for (const { name } of await indexedDB.databases()) {
    const database = await settled(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      kept.push(await settled(database.transaction(store).objectStore(store).getAll()));
    }
    database.close();
  }
  return JSON.stringify(kept);
};

const answer = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

answer({ browser: await browser.version() });
for await (const line of createInterface({ input: process.stdin })) {
  const { do: name, ...args } = JSON.parse(line);
  try {
    answer({ ...(await commands[name](args)), complaints });
  } catch (error) {
    answer({ failed: `${name}: ${error.message}`, complaints });
  }
}
await browser.close();
