// `<playerlink-code>`: what players, screen readers, keyboards, gamepads and pages get of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inBrowsers, servePages } from "./support/pages.mjs";
import { CODE } from "./support/snapshots.mjs";

inBrowsers((browser, open) => {
  /** Runs in a page of its own; errors of the page are errors here. */
  const inPage = (name, run, options) =>
    test(name, async () => {
      const page = await open(options);
      try {
        await run(page);
        assert.deepEqual(page.said.filter((text) => text.startsWith("error: ")), []);
        // X1 and X4 for every test there is: the code is on the screen and nowhere else.
        const kept = await page.evaluate(() => [location.href, document.title, ...Object.values({ ...localStorage, ...sessionStorage }), history.state].join());
        for (const place of [kept, ...page.said, ...page.server.requests]) assert.ok(!place.includes(CODE), place);
      } finally {
        await page.close();
      }
    });
  const press = async (page, ...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  /** The part that has the focus. */
  const focused = (page) => page.evaluate(() => document.activeElement?.shadowRoot?.activeElement?.getAttribute("part") ?? document.activeElement?.id ?? "");

  inPage("A1, A2: the code is text, and selecting it gives it without spaces", async (page) => {
    const [text, selected] = await page.evaluate(async () => {
      await put("active");
      getSelection().selectAllChildren(part("code"));
      return [part("code").textContent, getSelection().toString()];
    });
    assert.equal(text, CODE);
    assert.equal(selected, CODE);
  });

  inPage("A3: it is spelled for screen readers, and only the spelling is there for them", async (page) => {
    const { spelled, hidden, unseen } = await page.evaluate(async () => {
      await put("active");
      const spelling = shadow.querySelector("[part=panel] > .unseen");
      return { spelled: spelling.textContent, hidden: part("code").getAttribute("aria-hidden"), unseen: spelling.getBoundingClientRect().width <= 1 };
    });
    assert.deepEqual([spelled, hidden, unseen], ["9, 0, 4, 2, 1, 7", "true", true]);
  });

  inPage("A4: spelling=plain leaves the text alone, for braille", async (page) => {
    const [spelled, hidden] = await page.evaluate(async () => {
      await put("active", { attributes: { spelling: "plain" } });
      return [shadow.querySelector("[part=panel] > .unseen").textContent, part("code").getAttribute("aria-hidden")];
    });
    assert.deepEqual([spelled, hidden], ["", null]);
  });

  inPage("A5, A6, A7: the region says what is new, once, in these words; the countdown says nothing", async (page) => {
    const said = await page.evaluate(async () => {
      await put("requesting");
      const said = [];
      const empty = part("status").textContent;
      new MutationObserver((records) => {
        for (const record of records) for (const node of record.addedNodes) said.push(node.textContent);
      }).observe(part("status"), { childList: true, subtree: true });
      linking.next(STATES.active);
      linking.announce("shown", { seconds: 300 });
      for (let second = 60; second > 30; second--) linking.next({ expiresInMs: second * 1000 });
      linking.next({ announce: { n: 2, key: "expiring", args: { seconds: 60 } } });
      linking.next({ ...STATES.expiring, announce: { n: 3, key: "expiring", args: { seconds: 30 } } });
      linking.next({ ...STATES.active, announce: { n: 4, key: "renewed", args: {} } });
      linking.next({ announce: { n: 5, key: "not-yet", args: {} } });
      linking.next({ announce: { n: 6, key: "not-yet", args: {} } });
      linking.next({ ...STATES["active-other-link"], announce: { n: 7, key: "other-link", args: {} } });
      linking.next({ ...STATES.expired, otherLink: undefined, announce: { n: 8, key: "expired", args: {} } });
      linking.next({ ...STATES.linked, announce: { n: 9, key: "linked", args: {} } });
      await settled();
      return { empty, said, timer: part("timer").getAttribute("aria-live"), role: part("timer").getAttribute("role"), live: part("status").getAttribute("aria-live") };
    });
    assert.deepEqual(
      said.said.map((text) => text.replace(/[\u2066-\u2069]/g, "")),
      [
        "Your code is ready.",
        "Your code expires in 1 minute.",
        "Your code expires in 30 seconds.",
        "There is a new code. The old one no longer works.",
        "We cannot see the link yet. Enter the code on the console, then try again.",
        "We cannot see the link yet. Enter the code on the console, then try again.",
        "A link to Nintendo was added: Nova_NX. This code still works.",
        "This code has expired.",
        "A link to Xbox was added: NovaPrime.",
      ],
    );
    assert.deepEqual([said.empty, said.timer, said.role, said.live], ["", "off", "timer", "polite"]);
  });

  inPage("A8: an error is an alert in a region that was there before, and success takes no focus", async (page) => {
    const { before, role, text, focus } = await page.evaluate(async () => {
      await put("active");
      const region = shadow.querySelector("[role=alert]");
      const before = region.textContent;
      const field = document.createElement("input");
      document.body.append(field);
      field.focus();
      linking.next(STATES.failed);
      const text = region.textContent;
      linking.next({ ...STATES.linked, error: undefined });
      await settled();
      return { before, role: region.getAttribute("role"), text, focus: document.activeElement === field };
    });
    assert.deepEqual([before, role, focus], ["", "alert", true]);
    assert.equal(text, "No connection to the service. Check your internet and try again.");
  });

  inPage("A9, T11: before an expiry there are a warning, a new code by one button, and a way to keep this one", async (page) => {
    await page.evaluate(() => put("expiring"));
    const calls = await page.evaluate(() => {
      part("renew-button").click();
      part("keep-button").click();
      return [part("message").textContent, part("renew-button").className, ...linking.calls];
    });
    assert.deepEqual(calls, ["This code is about to expire.", "main", "newCode", "keep"]);
    // While there is time it is no question.
    assert.deepEqual(await page.evaluate(() => (linking.next(STATES.active), [part("renew-button").hidden, part("keep-button").hidden])), [false, true]);
  });

  inPage("C24: where a link stays for good, a conflict says so and does not offer to move it", async (page) => {
    const told = (name) => page.evaluate(async (name) => {
      await put(name);
      return [part("error").textContent, part("choices").textContent];
    }, name);
    const [gone, moves] = await told("conflict");
    assert.doesNotMatch(gone, /undo/);
    assert.match(moves, /Move the link/);
    const [stays, choices] = await told("conflict-for-good");
    assert.match(stays, /already belongs to another account.*This link cannot be undone/);
    assert.equal(choices, "Keep the link as it isContact support");
  });

  inPage("A10: what moves ends by itself, and does not start where motion is unwelcome", async (page) => {
    const style = () => page.evaluate(() => {
      const { animationName, animationDuration, animationIterationCount } = getComputedStyle(shadow.querySelector(".dots"));
      return [animationName, parseFloat(animationDuration) * Number(animationIterationCount)];
    });
    await page.evaluate(() => put("requesting"));
    const [name, seconds] = await style();
    assert.ok(name !== "none" && seconds <= 5, "SC 2.2.2: five seconds at most");
    if (browser !== "chromium") return;
    await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
    assert.equal((await style())[0], "none");
  });

  inPage("A11: each state differs in words, not only in looks", async (page) => {
    const texts = await page.evaluate(async () => {
      const texts = {};
      await put("idle");
      for (const [name, state] of Object.entries(STATES)) {
        linking.next({ error: undefined, linked: undefined, otherLink: undefined, expiresInMs: undefined, progress: undefined, ageMs: undefined, code: undefined, ...state });
        texts[name] = [...shadow.querySelectorAll("div, button, span")].filter((node) => !node.children.length && node.getClientRects().length).map((node) => node.textContent).join("|");
      }
      return texts;
    });
    const seen = Object.entries(texts);
    for (const [name, text] of seen) {
      const same = seen.filter(([other, words]) => other !== name && words === text).map(([other]) => other);
      assert.deepEqual(same, [], name);
    }
  });

  for (const theme of ["light", "dark"]) {
    inPage(`A12: on a ${theme} page the code has 7:1, other text 4.5:1, borders 3:1`, async (page) => {
      const rows = await page.evaluate(async () => {
        await put("active");
        const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 }).getContext("2d", { willReadFrequently: true });
        // What the eye gets: colours laid on each other, whatever notation they come in.
        const laid = (...colors) => {
          for (const color of colors) {
            canvas.fillStyle = color;
            canvas.fillRect(0, 0, 1, 1);
          }
          return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
        };
        const luminance = (rgb) => rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)).reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
        const ratio = (a, b) => {
          const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
          return (high + 0.05) / (low + 0.05);
        };
        const page = getComputedStyle(document.documentElement).backgroundColor;
        const panel = getComputedStyle(part("panel")).backgroundColor;
        const color = (name) => getComputedStyle(part(name)).color;
        const on = (ground, value) => ratio(laid(...ground, value), laid(...ground));
        const rows = {
          code: on([page, panel], color("code")),
          timer: on([page, panel], color("timer")),
          warning: on([page], color("warning")),
          account: on([page], color("account")),
          border: on([page], getComputedStyle(part("copy-button")).borderTopColor),
        };
        linking.next(STATES.failed);
        rows.danger = on([page], getComputedStyle(part("error")).borderTopColor);
        rows.error = on([page], color("error"));
        return rows;
      });
      const least = { code: 7, timer: 4.5, warning: 4.5, account: 4.5, error: 4.5, border: 3, danger: 3 };
      for (const [name, ratio] of Object.entries(rows)) assert.ok(ratio >= least[name], `${name}: ${ratio.toFixed(2)}`);
    }, { query: `theme=${theme}` });
  }

  inPage("A13, A14: the code is 32 px at least on a television, twelve characters fit a phone, and so does text spaced out", async (page) => {
    const measured = await page.evaluate(async () => {
      await put("active-long-code");
      const size = parseFloat(getComputedStyle(part("code")).fontSize);
      document.querySelector("#place").setAttribute("id", "narrow");
      element.style.inlineSize = "288px";
      const sheet = new CSSStyleSheet();
      sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }");
      shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
      const { right: edge } = element.getBoundingClientRect();
      const out = [...shadow.querySelectorAll("[part]")].filter((node) => !node.matches(".unseen") && node.getClientRects().length && node.getBoundingClientRect().right > edge + 0.5);
      return { size, out: out.map((node) => node.getAttribute("part")), clipped: part("code").scrollWidth > part("code").clientWidth + 1 };
    });
    assert.ok(measured.size >= 32, `${measured.size}`);
    assert.deepEqual([measured.out, measured.clipped], [[], false]);
  });

  inPage("A15: every control is reached by Tab, shows it, and is at least 24 px in both directions", async (page) => {
    const sizes = await page.evaluate(async () => {
      await put("expiring", { qr: QR });
      return [...shadow.querySelectorAll("button:not([hidden])")].map((button) => button.getBoundingClientRect()).map(({ width, height }) => Math.min(width, height));
    });
    assert.ok(sizes.every((size) => size >= 24), `${sizes}`);
    const walk = [];
    for (let count = 0; count < 7; count++) {
      await press(page, "Tab");
      walk.push((await focused(page)).replace("button ", ""));
      const outline = await page.evaluate(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(shadow.activeElement);
        return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
      });
      assert.ok(outline, walk.at(-1));
    }
    assert.deepEqual(walk, ["finished-button", "copy-button", "conceal-button", "renew-button", "keep-button", "cancel-button", "qr-link"]);
  });

  inPage("A16, C14, X3: copying says in words that it worked or did not, and the event does not hold the code", async (page) => {
    const result = await page.evaluate(async () => {
      await put("active");
      const events = [];
      element.addEventListener("playerlink-copy", ({ detail }) => events.push(detail));
      const clipboard = (value) => Object.defineProperty(navigator, "clipboard", { value, configurable: true });
      const heard = () => part("status").textContent;
      const written = [];
      const out = [];
      clipboard({ writeText: async (text) => void written.push(text) });
      part("copy-button").click();
      // The call is made in the click itself.
      const atOnce = written.length;
      await until(heard);
      out.push(heard());
      document.execCommand = () => false;
      clipboard({ writeText: () => Promise.reject(new Error("denied")) });
      part("copy-button").click();
      await settled();
      out.push(heard(), getSelection().toString());
      clipboard(undefined);
      part("copy-button").click();
      out.push(heard(), part("message").textContent);
      document.execCommand = () => true;
      part("copy-button").click();
      out.push(heard());
      element.setAttribute("copy-format", "grouped");
      clipboard({ writeText: async (text) => void written.push(text) });
      part("copy-button").click();
      return { atOnce, written, out, events };
    });
    const failed = "Copying did not work. The code is selected: copy it by hand.";
    assert.equal(result.atOnce, 1);
    assert.deepEqual(result.written, [CODE, "904 217"]);
    assert.deepEqual(result.out, ["Code copied.", failed, CODE, failed, failed, "Code copied."]);
    assert.deepEqual(result.events.slice(0, 4), [{ ok: true }, { ok: false }, { ok: false }, { ok: true }]);
  });

  inPage("A17, A18: the QR code is named by its purpose, and its link is there as text", async (page) => {
    const { role, label, href, text } = await page.evaluate(async () => {
      await put("active", { qr: QR });
      const link = part("qr-link");
      return { role: part("qr").getAttribute("role"), label: part("qr").getAttribute("aria-label"), href: link.href, text: link.textContent };
    });
    assert.deepEqual([role, label], ["img", "QR code that opens the linking page on your phone"]);
    assert.deepEqual([href, text], ["https://link.example/c", "link.example/c"]);
  });

  inPage("C30: link and QR code come from one text, and only a page becomes a link", async (page) => {
    const tags = await page.evaluate(async () => {
      const tags = [];
      for (const text of ["https://link.example/c", "javascript:alert(1)", "game://link"]) {
        await put("active", { qr: { ...QR, text } });
        tags.push([part("qr-link").tagName, part("qr-link").getAttribute("href")]);
      }
      return tags;
    });
    assert.deepEqual(tags, [["A", "https://link.example/c"], ["SPAN", null], ["SPAN", null]]);
  });

  inPage("A19, A21: a group named by its heading, read in the order it is used", async (page) => {
    const { base, heading, order } = await page.evaluate(async () => {
      await put("active", { attributes: { "heading-level": "3" } });
      const base = part("base");
      const names = ["instructions", "code", "timer", "actions", "warning"];
      const order = [...shadow.querySelectorAll("[part]")].map((node) => node.getAttribute("part")).filter((name) => names.includes(name));
      return {
        base: [base.getAttribute("role"), base.getAttribute("aria-labelledby"), base.getAttribute("aria-describedby")],
        heading: [part("heading").id, part("heading").getAttribute("aria-level"), part("instructions").id],
        order,
      };
    });
    assert.deepEqual(base, ["group", "heading", "instructions"]);
    assert.deepEqual(heading, ["heading", "3", "instructions"]);
    assert.deepEqual(order, ["instructions", "code", "timer", "actions", "warning"]);
  });

  inPage("A20: figures of one width with a slashed zero, and no ligatures", async (page) => {
    const style = await page.evaluate(async () => {
      await put("active");
      const { fontVariantNumeric, fontVariantLigatures, fontFamily } = getComputedStyle(part("code"));
      return [fontVariantNumeric, fontVariantLigatures, /monospace$/.test(fontFamily)];
    });
    assert.deepEqual(style, ["tabular-nums slashed-zero", "none", true]);
  });

  inPage("A22, X17: a concealed code is not in the document, nor in what assistive technology gets, and hides again", async (page) => {
    const text = () => page.evaluate(() => shadow.innerHTML);
    await page.evaluate(() => put("active", { qr: QR, attributes: { concealed: "" } }));
    assert.deepEqual(await page.evaluate(() => linking.calls), ["conceal"], "the attribute hides a code that is shown");
    await page.evaluate(() => linking.next(STATES.concealed));
    const hidden = await text();
    assert.ok(!hidden.includes("904") && !hidden.includes("<path d=\"M4"), "neither code nor QR code");
    if (browser === "chromium") assert.ok(!JSON.stringify(await page.accessibility.snapshot()).includes("9, 0, 4"));
    const calls = await page.evaluate(async () => {
      let timed;
      const real = globalThis.setTimeout;
      globalThis.setTimeout = (run, ms) => ((timed = { run, ms }), 1);
      linking.calls.length = 0;
      part("reveal-button").click();
      linking.next({ concealed: false, ...STATES.active });
      globalThis.setTimeout = real;
      timed.run();
      return [timed.ms, ...linking.calls];
    });
    assert.deepEqual(calls, [15_000, "reveal", "conceal"]);
  });

  inPage("A23: arrows go through the controls in order, and out at both ends", async (page) => {
    await page.evaluate(() => put("expiring"));
    await press(page, "Tab");
    const walk = [];
    for (const key of ["ArrowRight", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowLeft", "ArrowUp"]) {
      await press(page, key);
      walk.push((await focused(page)).replace("button ", ""));
    }
    assert.deepEqual(walk, ["copy-button", "conceal-button", "renew-button", "keep-button", "cancel-button", "keep-button", "renew-button"]);
    const kept = await page.evaluate(() => {
      part("cancel-button").focus();
      const event = new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true, composed: true, cancelable: true });
      part("cancel-button").dispatchEvent(event);
      return event.defaultPrevented;
    });
    assert.equal(kept, false, "at the end the key is the page's");
  });

  inPage("A23: a gamepad walks, presses and leaves; nothing polls without one", async (page) => {
    const result = await page.evaluate(async () => {
      const pad = { buttons: Array.from({ length: 17 }, () => ({ pressed: false })), axes: [0, 0] };
      let pads = [];
      navigator.getGamepads = () => pads;
      let frames = 0;
      const real = requestAnimationFrame;
      globalThis.requestAnimationFrame = (run) => (frames++, real(run));
      let waiting = false;
      const listen = globalThis.addEventListener;
      globalThis.addEventListener = (type, ...rest) => ((waiting ||= type === "gamepadconnected"), listen(type, ...rest));
      await put("active", { attributes: { gamepad: "" } });
      await until(() => waiting);
      await settled();
      const idle = frames;
      pads = [null, pad];
      dispatchEvent(new Event("gamepadconnected"));
      const frame = () => new Promise((done) => real(() => real(done)));
      const walk = [];
      const press = async (index) => {
        pad.buttons[index].pressed = true;
        await frame();
        pad.buttons[index].pressed = false;
        await frame();
        walk.push(shadow.activeElement?.getAttribute("part").replace("button ", "") ?? "");
      };
      for (const index of [13, 13, 15, 12, 0, 1]) await press(index);
      element.remove();
      await settled();
      const after = frames;
      await settled();
      return { idle, walk, calls: linking.calls, still: frames - after };
    });
    assert.equal(result.idle, 0);
    assert.deepEqual(result.walk, ["finished-button", "copy-button", "conceal-button", "copy-button", "copy-button", ""]);
    assert.equal(result.still, 0, "nothing polls for an element that is gone");
  });

  inPage("X3: no event holds the code, and each comes once", async (page) => {
    const events = await page.evaluate(async () => {
      const events = [];
      for (const name of ["state-change", "code-shown", "code-expired", "linked", "error", "copy", "before-renew", "action"]) {
        addEventListener(`playerlink-${name}`, ({ type, detail, bubbles, composed }) => events.push({ type, detail, bubbles, composed }));
      }
      await put("idle");
      for (const name of ["requesting", "active", "expiring", "renewing", "active", "expired", "failed-session-over", "linked"]) {
        linking.next({ error: undefined, ...STATES[name] });
        linking.next({});
      }
      linking.link({ platform: "Xbox", evidence: "backend", playerChanged: true });
      linking.next(STATES.conflict);
      part("choices").querySelector("[data-choice=switch]").click();
      return events;
    });
    assert.ok(!JSON.stringify(events).includes(CODE));
    assert.ok(events.every(({ bubbles, composed }) => bubbles && composed));
    const names = events.map(({ type, detail }) => [type.replace("playerlink-", ""), detail?.state ?? detail?.kind ?? detail?.action ?? detail?.renewed ?? detail?.automatic ?? detail?.platform].join(" "));
    assert.deepEqual(names, [
      "state-change idle", "state-change requesting", "state-change active", "code-shown false", "state-change expiring", "before-renew true",
      "state-change renewing", "state-change active", "code-shown true", "state-change expired", "code-expired ", "state-change failed",
      "error session-over", "state-change linked", "linked Xbox", "state-change failed", "error conflict", "action switch",
    ]);
  });

  inPage("a renewal that the page prevents does not happen, and the code is kept instead", async (page) => {
    const calls = await page.evaluate(async () => {
      await put("active");
      element.addEventListener("playerlink-before-renew", (event) => event.preventDefault());
      part("renew-button").click();
      linking.next(STATES.expiring);
      return linking.calls;
    });
    assert.deepEqual(calls, ["keep"]);
  });

  inPage("X6: the warning is there with every code, can be worded, and goes only by an attribute that is told", async (page) => {
    const result = await page.evaluate(async () => {
      await put("active");
      const text = part("warning").textContent.trim();
      await put("active", { strings: { warning: "Keep it to yourself." } });
      const own = part("warning").textContent.trim();
      await put("active", { attributes: { "no-warning": "" } });
      return [text, own, part("warning").getClientRects().length];
    });
    assert.deepEqual(result, ["Never share this code. We will never ask for it.", "Keep it to yourself.", 0]);
    assert.ok(page.said.some((text) => text.includes("no-warning")));
  });

  inPage("X8: after a link it says which accounts, when, and whom to tell", async (page) => {
    const text = await page.evaluate(async () => {
      await put("linked");
      return part("success").textContent.replace(/[\u2066-\u2069]/g, "");
    });
    assert.match(text, /A link to Xbox was added: NovaPrime\..*For the account Nova.*Connected on .*20\d\d.*Not you\? Contact support.*Only support can undo/);
  });

  inPage("C8: a code that was used leaves the document before success is said", async (page) => {
    const html = await page.evaluate(async () => {
      await put("active");
      let html = "";
      new MutationObserver(() => (html ||= shadow.innerHTML)).observe(part("status"), { childList: true });
      linking.next({ ...STATES.linked, code: undefined, groups: [], spelled: [], announce: { n: 1, key: "linked", args: {} } });
      await settled();
      return html;
    });
    assert.ok(html && !html.includes(">9<") && !html.includes("9, 0, 4"));
  });

  inPage("C7: gone from the document: a live code is given up, nothing listens, no timer runs, the code is in no tree", async (page) => {
    const result = await page.evaluate(async () => {
      const timers = new Set();
      const [set, clear] = [globalThis.setTimeout, globalThis.clearTimeout];
      globalThis.setTimeout = (run, ms) => {
        const id = set(() => (timers.delete(id), run()), ms);
        timers.add(id);
        return id;
      };
      globalThis.clearTimeout = (id) => (timers.delete(id), clear(id));
      const linkingOf = new FakeLinking(STATES.active, QR);
      const element = document.createElement("playerlink-code");
      element.concealed = true;
      element.linking = linkingOf;
      document.querySelector("#place").append(element);
      linkingOf.next(STATES.concealed);
      linkingOf.next({ ...STATES.active, concealed: false });
      const running = timers.size;
      linkingOf.calls.length = 0;
      element.remove();
      await Promise.resolve();
      return { running, timers: timers.size, calls: linkingOf.calls, listeners: linkingOf.listeners, html: element.shadowRoot.innerHTML };
    });
    assert.ok(result.running > 0, "there was something to stop");
    assert.deepEqual([result.timers, result.calls, result.listeners], [0, ["cancel"], 0]);
    assert.ok(!result.html.includes(">9<"));
  });

  inPage("it survives being moved, and comes to life again where it is put back", async (page) => {
    const result = await page.evaluate(async () => {
      await put("active");
      const other = document.createElement("section");
      document.body.append(other);
      other.append(element);
      await settled();
      const moved = [linking.calls.join(), part("code").textContent, linking.listeners];
      element.remove();
      await settled();
      other.append(element);
      await settled();
      return [...moved, linking.calls.join(), part("code").textContent, linking.listeners];
    });
    assert.deepEqual(result, ["", CODE, 2, "cancel", CODE, 2]);
  });

  inPage("properties that were set before the element was defined are not lost", async (page) => {
    const result = await page.evaluate(async () => {
      const early = document.createElement("late-code");
      early.linking = new FakeLinking(STATES.active);
      early.strings = { heading: "Enter this" };
      document.querySelector("#place").append(early);
      const { PlayerlinkCodeElement } = await import("/package/link-code/index.js");
      customElements.define("late-code", class extends PlayerlinkCodeElement {});
      await settled();
      return [early.shadowRoot.querySelector("[part=code]").textContent, early.shadowRoot.querySelector("[part=heading]").textContent];
    });
    assert.deepEqual(result, [CODE, "Enter this"]);
  });

  inPage("what a server put into its shadow tree is replaced", async (page) => {
    const result = await page.evaluate(async () => {
      const host = document.createElement("playerlink-code");
      host.attachShadow({ mode: "open" }).append("Loading…");
      host.linking = new FakeLinking(STATES.active);
      document.querySelector("#place").append(host);
      await settled();
      return [host.shadowRoot.textContent.includes("Loading"), host.shadowRoot.querySelector("[part=code]").textContent];
    });
    assert.deepEqual(result, [false, CODE]);
  });

  inPage("its state is an attribute and a custom state, for styles", async (page) => {
    const result = await page.evaluate(async () => {
      await put("active");
      const matches = (state) => {
        try {
          return element.matches(`:state(${state})`);
        } catch {
          return undefined;
        }
      };
      const first = [element.getAttribute("state"), matches("active"), matches("expired")];
      linking.next(STATES.expired);
      return [...first, element.getAttribute("state"), matches("active"), matches("expired")];
    });
    assert.deepEqual(result, ["active", true, false, "expired", false, true]);
  });

  inPage("C19, C12: in Arabic the page is mirrored and the code is not", async (page) => {
    const result = await page.evaluate(async () => {
      await put("active");
      const chars = [...shadow.querySelectorAll("[part=char]")].map((char) => char.getBoundingClientRect().left);
      return [getComputedStyle(part("base")).direction, part("base").lang, chars.every((left, index) => !index || left > chars[index - 1]), part("code").textContent, part("heading").textContent];
    });
    assert.deepEqual(result, ["rtl", "ar", true, CODE, "رمز ربط حسابك"]);
  }, { query: "lang=ar" });

  inPage("the language is the page's, out of a shadow tree too, changes with it, and is English where there is none", async (page) => {
    const headings = await page.evaluate(async () => {
      const headings = [];
      const wait = async (text) => {
        await until(() => part("heading").textContent === text);
        headings.push(part("heading").textContent);
      };
      await put("active");
      document.documentElement.lang = "de-AT";
      await wait("Dein Verknüpfungscode");
      element.lang = "pt";
      await wait("Seu código de vinculação");
      element.lang = "tlh";
      await wait("Your linking code");
      element.removeAttribute("lang");
      const host = document.createElement("div");
      host.lang = "ja";
      document.body.append(host);
      host.attachShadow({ mode: "open" }).append(element);
      element.linking = linking;
      await wait("連携コード");
      return headings;
    });
    assert.deepEqual(headings, ["Dein Verknüpfungscode", "Seu código de vinculação", "Your linking code", "連携コード"]);
  });

  inPage("a page's own names for colours and sizes go in by the documented properties only, and slots keep the page's", async (page) => {
    const seen = await page.evaluate(async () => {
      const { style } = document.documentElement;
      for (const name of ["line", "tint", "quiet", "radius", "mono", "focus", "danger"]) style.setProperty(`--${name}`, "7px");
      await put("active");
      element.style.setProperty("--playerlink-radius", "var(--radius)");
      const slotted = document.createElement("p");
      slotted.slot = "footer";
      element.append(slotted);
      const inside = getComputedStyle(slotted);
      return [getComputedStyle(part("panel")).borderTopLeftRadius, inside.getPropertyValue("--quiet"), inside.getPropertyValue("--radius")];
    });
    assert.deepEqual(seen, ["7px", "7px", "7px"]);
  });

  inPage("a QR code that cannot be loaded leaves the code alone", async (page) => {
    await page.setRequestInterception(true);
    page.on("request", (request) => (request.url().includes("qr-image") ? request.abort() : request.continue()));
    const visible = await page.evaluate(async () => {
      await put("active", { qr: QR, awaited: false });
      return [part("qr-area").checkVisibility(), part("code").checkVisibility()];
    });
    assert.deepEqual(visible, [false, true]);
  });

  test("X20: clean under a strict policy and Trusted Types, and nothing is asked of another origin", async () => {
    const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src data:; require-trusted-types-for 'script'; trusted-types 'none'";
    const server = await servePages({ "content-security-policy": policy });
    try {
      const page = await open({ at: server });
      const asked = [];
      page.on("request", (request) => asked.push(request.url()));
      const violations = await page.evaluate(async () => {
        const violations = [];
        addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => violations.push(`${violatedDirective} ${blockedURI}`));
        for (const state of Object.keys(STATES)) await put(state, { qr: QR, attributes: { gamepad: "" } });
        await put("idle", { tag: "playerlink-code-input" });
        element.value = "12";
        await settled();
        return [...violations, getComputedStyle(shadow.querySelector("[part=cells]")).display];
      });
      assert.deepEqual(violations, ["flex"]);
      for (const url of asked) assert.ok(url.startsWith(server.url) || url.startsWith("data:"), url);
      await page.close();
    } finally {
      await server.close();
    }
  });
});
