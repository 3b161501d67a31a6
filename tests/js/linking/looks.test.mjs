// How the elements look: every state, light and dark, left to right and right to left, from a phone to a television.
// The pictures are in target/linking/, for people; what can be judged without eyes is judged here.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import jsqr from "jsqr";
import { PNG } from "pngjs";
import { axeSource, inBrowsers } from "./support/pages.mjs";
import { COMPANION_URL, QR } from "./support/snapshots.mjs";

const pictures = process.env.PICTURES ?? fileURLToPath(new URL("../../../target/linking", import.meta.url));
mkdirSync(pictures, { recursive: true });

/** Every state below each other, and the input's. */
const gallery = (page) =>
  page.evaluate(async () => {
    const place = document.querySelector("#place");
    const add = (name, element) => {
      element.dataset.name = name;
      place.append(element);
    };
    for (const [name, state] of Object.entries(STATES)) {
      const element = document.createElement("playerlink-code");
      element.linking = new FakeLinking(state, name === "active" ? QR : undefined);
      add(name, element);
    }
    const readCode = (text) => {
      const normalized = text.replace(/\D/g, "");
      const bad = text.search(/[a-z]/i);
      if (bad >= 0) return { normalized, groups: [], problem: { kind: "bad-character", position: bad, character: text[bad] } };
      const missing = 6 - normalized.length;
      if (missing > 0) return { normalized, groups: [], problem: missing === 6 ? { kind: "empty" } : { kind: "too-short", missing } };
      return { normalized, groups: [], ...(missing < 0 && { problem: { kind: "too-long", extra: -missing } }) };
    };
    for (const [name, properties] of Object.entries({
      "input-empty": {},
      "input-half": { value: "904" },
      "input-whole": { value: "904217" },
      "input-bad-character": { value: "90x2" },
      "input-too-long": { value: "9042178" },
      "input-refused": { value: "904217", refusal: "not-found" },
      "input-disabled": { disabled: true },
    })) {
      add(name, Object.assign(document.createElement("playerlink-code-input"), { core: { readCode }, ...properties }));
    }
    await until(() => [...place.children].every((element) => element.shadowRoot.querySelector("[part=base]").lang === language()));
    await until(() => place.querySelector("[data-name=active]").shadowRoot.querySelector("[part=qr]"));
    return [...place.children].map((element) => element.dataset.name);
  });

const decode = (png) => {
  const { data, width, height } = PNG.sync.read(Buffer.from(png));
  return jsqr(new Uint8ClampedArray(data), width, height)?.data;
};

inBrowsers((browser, open) => {
  for (const theme of ["light", "dark"]) {
    for (const lang of ["en", "ar"]) {
      for (const width of [320, 1280, 1920]) {
        // A television is looked at from afar: its pages have large letters.
        const size = width === 1920 ? 28 : 16;
        test(`${theme}, ${lang}, ${width} px: nothing is cut off${width === 320 ? ", and axe finds nothing" : ""}`, async () => {
          const page = await open({ query: `theme=${theme}&lang=${lang}&size=${size}`, viewport: { width, height: 900 } });
          try {
            const names = await gallery(page);
            const overflow = await page.evaluate(() => {
              const wide = [document.documentElement.scrollWidth > innerWidth ? "the page" : ""];
              for (const element of document.querySelectorAll("#place > *")) {
                for (const part of element.shadowRoot.querySelectorAll("*")) {
                  if (part.closest(".unseen, svg") || !part.getClientRects().length) continue;
                  const { left, right } = part.getBoundingClientRect();
                  if (left < -0.5 || right > innerWidth + 0.5) wide.push(`${element.dataset.name}: ${part.getAttribute("part") ?? part.tagName}`);
                }
              }
              return wide.filter((name) => name);
            });
            assert.deepEqual(overflow, []);
            // Its rules know no widths but the narrow one's; the second browser is asked once a theme.
            const judged = width === 320 && (browser === "chromium" || lang === "en");
            if (judged) await page.evaluate(axeSource);
            const violations = !judged ? [] : await page.evaluate(async () => {
              const { violations } = await axe.run(document, { resultTypes: ["violations"] });
              return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`);
            });
            assert.deepEqual(violations, []);
            const all = `${browser}-${theme}-${lang}-${width}`;
            // One by one where they are looked at most; else the whole page.
            if (browser === "chromium" && width !== 1920 && lang === "en") {
              const boxes = await page.evaluate(() =>
                [...document.querySelectorAll("#place > *")].map((element) => {
                  const { x, y, width, height } = element.getBoundingClientRect();
                  return { x: x - 16, y: y + scrollY - 14, width: Math.min(width + 32, innerWidth), height: height + 28 };
                }),
              );
              const whole = PNG.sync.read(Buffer.from(await page.screenshot({ fullPage: true })));
              names.forEach((name, index) => {
                const { x, y, width, height } = boxes[index];
                const [left, top] = [Math.max(0, Math.round(x)), Math.max(0, Math.round(y))];
                const part = new PNG({ width: Math.min(Math.round(width), whole.width - left), height: Math.min(Math.round(height), whole.height - top) });
                PNG.bitblt(whole, part, left, top, part.width, part.height, 0, 0);
                writeFileSync(join(pictures, `${all}-${name}.png`), PNG.sync.write(part, { deflateLevel: 3 }));
              });
            } else {
              writeFileSync(join(pictures, `${all}.png`), await page.screenshot({ fullPage: true }));
            }
          } finally {
            await page.close();
          }
        });
      }
    }

    test(`C13: a QR code is read from the pixels of a ${theme} page`, async () => {
      const page = await open({ query: `theme=${theme}` });
      try {
        await page.evaluate(() => put("active", { qr: QR }));
        // With all that is around it: on a dark page it is the quiet zone that makes it readable.
        const picture = await page.screenshot({ fullPage: true });
        writeFileSync(join(pictures, `${browser}-${theme}-qr.png`), picture);
        assert.equal(decode(picture), COMPANION_URL);
        const width = await page.evaluate(() => part("qr").getBoundingClientRect().width);
        assert.ok(width / (QR.size + 8) >= 3, "at least three pixels a module");
      } finally {
        await page.close();
      }
    });
  }
});
