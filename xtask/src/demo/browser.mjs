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

const state = (wanted) =>
  page.waitForFunction((wanted) => document.body.dataset.state === wanted, {}, wanted).catch(async () => {
    const now = await page.evaluate(() => `${document.body.dataset.state}: ${document.querySelector("main").innerText}`);
    throw new Error(`the page should show "${wanted}" and shows "${now}"`);
  });
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
    await state("sign-in");
    const entry = loaded.get("/node_modules/playerlink/index.js");
    return { entry: await entry?.text(), policy: loaded.get("/")?.headers()["content-security-policy"] };
  },

  /** With a password of one's own, or with what `?demo` filled in. */
  async "sign-in"({ password }) {
    if (password) await type("password", password);
    await press("sign-in-button");
    await state("ready");
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
    const view = await page.evaluate(() => document.body.dataset.state);
    const before = await words("code-text");
    await press({ ready: "get-code", code: "new-code", done: "again" }[view]);
    await page.waitForFunction((before) => ![before, ""].includes(document.querySelector("#code-text").textContent), {}, before);
    await state("code");
    const copied = await page.evaluate(() => {
      getSelection().selectAllChildren(document.querySelector(".ticket > .code"));
      const text = getSelection().toString();
      getSelection().removeAllRanges();
      return text;
    });
    await page.waitForFunction(() => document.querySelector("#announcer").textContent);
    return { code: await words("code-text"), copied, announced: await words("announcer"), visible: await visible("code-text") };
  },

  async reload() {
    await page.reload();
    await page.waitForFunction(() => document.body.dataset.state !== "starting");
    return { state: await page.evaluate(() => document.body.dataset.state) };
  },

  async "typed-in"() {
    await press("entered");
    await state("done");
    return { html: await page.content() };
  },

  async "sign-out"() {
    // The page does not wait for the service; the story does.
    const told = page.waitForResponse((response) => response.url().includes("/oauth2/") && response.request().method() !== "OPTIONS");
    await press("sign-out");
    await state("sign-in");
    await told;
    return { kept: await page.evaluate(everythingStored) };
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

const visible = (id) => page.$eval(`#${id}`, (element) => element.checkVisibility());
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
