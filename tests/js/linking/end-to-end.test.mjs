// The elements with the real core behind them: from the first click to the link, and out of the document.
import assert from "node:assert/strict";
import { test } from "node:test";
import jsqr from "jsqr";
import { PNG } from "pngjs";
import { inBrowsers, servePages } from "./support/pages.mjs";
import { CODE, COMPANION_URL } from "./support/snapshots.mjs";

inBrowsers((browser, open) => {
  const inPage = (name, run) =>
    test(name, async () => {
      const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src data:; require-trusted-types-for 'script'; trusted-types 'none'";
      const server = await servePages({ "content-security-policy": policy });
      const page = await open({ at: server });
      try {
        await page.evaluate((CODE) => {
          // A service and a backend that the test plays, and a list of what they were asked.
          globalThis.asked = [];
          globalThis.source = (changes = {}) => ({
            requestCode: async () => (asked.push("code"), { code: CODE, expiresInMs: 300_000 }),
            revoke: async () => void asked.push("revoke"),
            refresh: async () => (asked.push("refresh"), { playerChanged: true }),
            listen: (tell) => {
              asked.push("listen");
              globalThis.tell = tell;
              return () => asked.push("unlisten");
            },
            ...changes,
          });
          globalThis.place = (properties) => {
            const element = document.createElement("playerlink-code");
            const events = [];
            for (const name of ["state-change", "code-shown", "linked", "error"]) {
              element.addEventListener(`playerlink-${name}`, ({ detail }) => events.push([name, detail]));
            }
            Object.assign(element, properties);
            document.querySelector("#place").append(element);
            const part = (name) => element.shadowRoot.querySelector(`[part~="${name}"]`);
            return Object.assign(globalThis, { element, events, part });
          };
        }, CODE);
        await run(page);
        assert.deepEqual(page.said.filter((text) => text.startsWith("error: ")), []);
        const kept = await page.evaluate(async () => {
          const databases = (await indexedDB.databases?.()) ?? [];
          return [location.href, document.title, JSON.stringify({ ...localStorage, ...sessionStorage }), JSON.stringify(databases), JSON.stringify(globalThis.events)].join();
        });
        for (const place of [kept, ...page.said, ...server.requests]) assert.ok(!place.includes(CODE), place);
      } finally {
        await page.close();
        await server.close();
      }
    });

  inPage("C4: nothing is asked for before the player asks; then a code, the link by the backend, new tokens, one event", async (page) => {
    const result = await page.evaluate(async () => {
      place({ source: source(), options: { accountName: "Nova" } });
      await until(() => element.getAttribute("state") === "idle" && part("start-button").getClientRects().length);
      const before = [...asked];
      part("start-button").click();
      await until(() => part("code").textContent);
      await until(() => part("status").textContent);
      const shown = [part("status").textContent, part("code").textContent, part("timer").textContent.replace(/\d/g, "#"), part("account").textContent];
      tell({ platform: "Xbox", displayName: "NovaPrime" });
      await until(() => events.some(([name]) => name === "linked"));
      await until(() => element.snapshot.refresh === "done");
      return { before, asked, shown, left: element.shadowRoot.textContent, linked: events.filter(([name]) => name === "linked"), states: events.filter(([name]) => name === "state-change").map(([, { state }]) => state) };
    });
    assert.deepEqual(result.before, []);
    assert.deepEqual(result.shown.slice(0, 3), ["Your code is ready.", CODE, "Expires in #:##"]);
    assert.match(result.shown[3], /Nova/);
    assert.ok(result.asked.includes("refresh"));
    assert.ok(!result.left.includes(CODE));
    assert.equal(result.linked.length, 1);
    assert.deepEqual(result.linked[0][1], { platform: "Xbox", displayName: "NovaPrime", evidence: "backend", playerChanged: true });
    assert.deepEqual(result.states.slice(0, 3), ["idle", "requesting", "active"]);
    assert.equal(result.states.at(-1), "linked");
  });

  inPage("C7: out of the document: the code is taken back, nothing is asked any more and no timer is left", async (page) => {
    const result = await page.evaluate(async () => {
      const timers = new Set();
      const [set, clear] = [globalThis.setTimeout, globalThis.clearTimeout];
      globalThis.setTimeout = (run, ms, ...rest) => {
        const id = set((...args) => (timers.delete(id), run(...args)), ms, ...rest);
        timers.add(id);
        return id;
      };
      globalThis.clearTimeout = (id) => (timers.delete(id), clear(id));
      place({ source: source({ status: async () => (asked.push("status"), "pending") }) });
      await until(() => element.getAttribute("state") === "idle");
      part("start-button").click();
      await until(() => part("code").textContent);
      const during = timers.size;
      element.remove();
      await new Promise((done) => set(done, 100));
      const at = asked.length;
      const left = timers.size;
      await new Promise((done) => set(done, 4000));
      return { during, left, more: asked.slice(at), revoked: asked.includes("revoke"), tree: element.shadowRoot.textContent };
    });
    assert.ok(result.during > 0);
    assert.deepEqual([result.left, result.more, result.revoked], [0, [], true]);
    assert.ok(!result.tree.includes(CODE));
  });

  inPage("C13, A17: the core's own QR code is read from the screen; conceal takes it and the code away", async (page) => {
    await page.evaluate(async (companionUrl) => {
      place({ source: source(), options: { companionUrl } });
      await until(() => element.getAttribute("state") === "idle");
      part("start-button").click();
      await until(() => part("qr") && part("code").textContent);
    }, COMPANION_URL);
    const { data, width, height } = PNG.sync.read(Buffer.from(await page.screenshot({ fullPage: true })));
    assert.equal(jsqr(new Uint8ClampedArray(data), width, height)?.data.toLowerCase(), COMPANION_URL);
    const hidden = await page.evaluate(async () => {
      part("conceal-button").click();
      await until(() => element.snapshot.concealed);
      return [part("code").textContent, part("qr"), part("reveal-button").getClientRects().length > 0];
    });
    assert.deepEqual(hidden, ["", null, true]);
  });

  inPage("a service that fails is said in words, with a way on", async (page) => {
    const result = await page.evaluate(async () => {
      let fail = true;
      place({ source: source({ requestCode: async () => {
        if (fail) throw Object.assign(new Error("over"), { kind: "session-over" });
        return { code: "111111" };
      } }) });
      await until(() => element.getAttribute("state") === "idle");
      part("start-button").click();
      await until(() => element.getAttribute("state") === "failed");
      const buttons = [...element.shadowRoot.querySelectorAll("button")].filter((button) => button.getClientRects().length).map((button) => button.textContent);
      return { text: part("error").textContent, buttons };
    });
    assert.ok(result.text.length > 10);
    assert.ok(result.buttons.length > 0, "C6: every state has a way out");
  });

  inPage("C11: the field reads with the core: other scripts' digits, look-alikes, dashes", async (page) => {
    const values = await page.evaluate(async () => {
      const field = document.createElement("playerlink-code-input");
      document.querySelector("#place").append(field);
      await until(() => field.core);
      return [" 904-217 ", "٩٠٤٢١٧", "９０４ ２１７", "9O4 2l7", "90x4"].map((text) => {
        field.value = text;
        return [field.value, field.validity.valid, field.validity.patternMismatch];
      });
    });
    assert.deepEqual(values, [[CODE, true, false], [CODE, true, false], [CODE, true, false], [CODE, true, false], ["904", false, true]]);
  });
});
