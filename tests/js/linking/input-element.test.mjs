// `<playerlink-code-input>`: typing, pasting, forms, and what happens when a server says no.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inBrowsers } from "./support/pages.mjs";
import { CODE } from "./support/snapshots.mjs";

inBrowsers((browser, open) => {
  /** A form with the element in it, and a stand-in for the core's reader. */
  const inForm = (name, run, { html = "", query = "", hash = "" } = {}) =>
    test(name, async () => {
      const page = await open({ query: query + hash });
      try {
        await page.evaluate(async (html) => {
          const readCode = (text) => {
            const normalized = text.replace(/[^0-9]/g, "");
            const groups = [normalized.slice(0, 3), normalized.slice(3)].filter((group) => group);
            const bad = /[^0-9\s-]/.exec(text);
            const missing = 6 - normalized.length;
            const problem = bad
              ? { kind: "bad-character", position: text.slice(0, bad.index).replace(/[^0-9]/g, "").length, character: bad[0] }
              : missing === 6 ? { kind: "empty" } : missing > 0 ? { kind: "too-short", missing } : missing < 0 ? { kind: "too-long", extra: -missing } : undefined;
            return { normalized, groups, ...(problem && { problem }) };
          };
          const form = document.createElement("form");
          const field = document.createElement("playerlink-code-input");
          field.setAttribute("name", "code");
          for (const [key, value] of Object.entries(JSON.parse(html || "{}"))) field.setAttribute(key, value);
          field.core = { readCode };
          const sent = [];
          form.addEventListener("submit", (event) => {
            event.preventDefault();
            sent.push(new FormData(form).get("code"));
          });
          form.append(field);
          document.querySelector("#place").append(form);
          await until(() => field.shadowRoot.querySelector("[part=base]").lang === language());
          const part = (name) => field.shadowRoot.querySelector(`[part~="${name}"]`);
          const cells = () => [...field.shadowRoot.querySelectorAll("[part~=cell]")].map((cell) => cell.textContent).join("");
          Object.assign(globalThis, { form, field, sent, part, cells, inner: part("input") });
        }, html && JSON.stringify(html));
        await run(page);
        assert.deepEqual(page.said.filter((text) => text.startsWith("error: ")), []);
        for (const place of [...page.said, ...page.server.requests]) assert.ok(!place.includes(CODE), place);
      } finally {
        await page.close();
      }
    });

  inForm("C17: it is one field, for the keyboard and for readers, with a name and its instructions", async (page) => {
    const { attributes, described, named } = await page.evaluate(() => {
      const names = ["type", "inputmode", "autocomplete", "spellcheck", "autocapitalize"];
      const described = inner.getAttribute("aria-describedby").split(" ").map((id) => field.shadowRoot.getElementById(id)?.textContent.trim());
      return { attributes: names.map((name) => inner.getAttribute(name)), described, named: inner.getAttribute("aria-label") };
    });
    assert.deepEqual(attributes, ["text", "numeric", "one-time-code", "false", "characters"]);
    assert.equal(named, "Linking code");
    assert.deepEqual(described, [
      "You find it on the linking page, on your phone or computer.",
      "",
      // X7, word for word.
      "Only enter a code you got while signed in as yourself. It connects this console to that account.",
    ]);
  });

  inForm("X7: the warning against strangers' codes is drawn", async (page) => {
    assert.ok(await page.evaluate(() => part("warning").getClientRects().length > 0));
  });

  inForm("C11: pasting anywhere fills all cells, whatever is between the characters, and sends nothing by itself", async (page) => {
    await page.evaluate(() => field.focus());
    await page.keyboard.type("9");
    const result = await page.evaluate(() => {
      inner.select();
      document.execCommand("insertText", false, " 904-217 ");
      return [inner.value, field.value, cells(), field.validity.valid, sent.length, new FormData(form).get("code")];
    });
    assert.deepEqual(result, [CODE, CODE, CODE, true, 0, CODE]);
  });

  inForm("typing: the caret's cell is marked, a full field is overtyped, Enter sends", async (page) => {
    await page.evaluate(() => field.focus());
    await page.keyboard.type("904");
    const active = () => page.evaluate(() => [...field.shadowRoot.querySelectorAll("[part~=cell]")].findIndex((cell) => cell.getAttribute("part").includes("active")));
    assert.equal(await active(), 3);
    await page.keyboard.type("318");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.press("ArrowLeft");
    await page.keyboard.type("217");
    await page.keyboard.press("Enter");
    assert.deepEqual(await page.evaluate(() => [cells(), ...sent]), [CODE, CODE]);
  });

  inForm("events: input for each key, change at the end, complete once, and none holds the code", async (page) => {
    await page.evaluate(() => {
      globalThis.events = [];
      for (const name of ["input", "change", "playerlink-complete"]) field.addEventListener(name, (event) => events.push(`${event.type} ${JSON.stringify(event.detail ?? null)}`));
      field.focus();
    });
    await page.keyboard.type(CODE);
    await page.evaluate(() => inner.blur());
    const events = await page.evaluate(() => events);
    assert.deepEqual(events.filter((event) => event.startsWith("playerlink")), ["playerlink-complete null"]);
    assert.ok(events.some((event) => event.startsWith("change")));
    assert.equal(events.filter((event) => event.startsWith("input")).length, 6);
    assert.ok(!events.join().includes(CODE));
  });

  inForm("half a code is not scolded while it is typed, and is when it is sent", async (page) => {
    await page.evaluate(() => field.focus());
    await page.keyboard.type("904");
    const during = await page.evaluate(() => [part("error").getClientRects().length, inner.getAttribute("aria-invalid")]);
    await page.keyboard.press("Enter");
    const after = await page.evaluate(() => [part("error").textContent, inner.getAttribute("aria-invalid"), field.matches(":invalid"), field.validity.tooShort, inner.value, sent.length, document.activeElement === field]);
    assert.deepEqual(during, [0, "false"]);
    assert.deepEqual(after, ["3 more characters.", "true", true, true, "904", 0, true]);
  }, { html: { required: "" } });

  inForm("what cannot become right is told at once: a wrong character where it is, characters too many without cutting them", async (page) => {
    await page.evaluate(() => field.focus());
    await page.keyboard.type("90x");
    const wrong = await page.evaluate(() => [part("error").textContent.replace(/[\u2066-\u2069]/g, ""), part("wrong").textContent, inner.value, field.shadowRoot.querySelector("[role=alert]").contains(part("error"))]);
    await page.keyboard.press("Backspace");
    await page.keyboard.type("42178");
    const long = await page.evaluate(() => [part("error").textContent, cells(), field.validity.tooLong]);
    assert.deepEqual(wrong, ["There is no “x” in codes.", "x", "90x", true]);
    assert.deepEqual(long, ["1 character too many.", "9042178", true]);
  });

  inForm("C27, A8: a refusal is said in the server's kind, the text stays, and the next key takes the words away", async (page) => {
    await page.evaluate(() => field.focus());
    await page.keyboard.type(CODE);
    const texts = await page.evaluate(() =>
      ["not-found", "expired", "already-used", "busy", "network", "other"].map((refusal) => {
        field.refusal = refusal;
        return part("error").textContent;
      }),
    );
    assert.equal(texts[0], "This code did not work. Codes change: check the one on your other screen.");
    assert.equal(new Set(texts).size, 6);
    const kept = await page.evaluate(() => [inner.value, field.validity.customError, inner.selectionStart, inner.selectionEnd]);
    assert.deepEqual(kept, [CODE, true, 0, 6], "all of it is selected: the next key starts anew");
    await page.keyboard.type("1");
    assert.deepEqual(await page.evaluate(() => [inner.value, part("error").textContent, field.refusal ?? null]), ["1", "", null]);
  });

  inForm("it belongs to its form: label, required, reset, disabled fieldset, custom validity", async (page) => {
    const result = await page.evaluate(async () => {
      const label = Object.assign(document.createElement("label"), { htmlFor: "code-field", textContent: "Code of the console" });
      field.id = "code-field";
      form.prepend(label);
      field.required = true;
      const out = [field.validity.valueMissing, form.checkValidity(), inner.getAttribute("aria-label"), field.labels.length, field.form === form];
      label.click();
      out.push(document.activeElement === field);
      field.value = "904-217";
      out.push(new FormData(form).get("code"), form.checkValidity());
      form.reset();
      out.push(field.value, cells());
      field.setCustomValidity("No.");
      out.push(field.validationMessage);
      const set = document.createElement("fieldset");
      set.disabled = true;
      form.append(set);
      set.append(field);
      out.push(inner.disabled, field.willValidate);
      return out;
    });
    assert.deepEqual(result, [true, false, "Code of the console", 1, true, true, CODE, true, "", "", "No.", true, false]);
  });

  inForm("auto-submit is off unless asked for, and then sends once", async (page) => {
    await page.evaluate(() => field.focus());
    await page.keyboard.type(CODE);
    assert.deepEqual(await page.evaluate(() => sent), [CODE]);
  }, { html: { "auto-submit": "" } });

  inForm("X18: a code is taken from the fragment, which leaves the address; from the query never", async (page) => {
    const result = await page.evaluate(() => [field.value, location.hash, location.search, history.length]);
    assert.deepEqual(result.slice(0, 3), [CODE, "#tab=2", "?code=111111"]);
  }, { html: { fragment: "code" }, query: "code=111111", hash: `#code=${CODE}&tab=2` });

  inForm("A23: a gamepad types, is told each character, and sends; arrows of a remote control do the same", async (page) => {
    const result = await page.evaluate(async () => {
      const pad = { buttons: Array.from({ length: 17 }, () => ({ pressed: false })), axes: [0, 0] };
      let asked = false;
      navigator.getGamepads = () => ((asked = true), [pad]);
      field.setAttribute("gamepad", "");
      await until(() => asked);
      const frame = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      const heard = [];
      const press = async (index) => {
        pad.buttons[index].pressed = true;
        await frame();
        pad.buttons[index].pressed = false;
        await frame();
        heard.push(part("status").textContent.replace(/[\u2066-\u2069]/g, ""));
      };
      const [up, down, left, right, accept, back] = [12, 13, 14, 15, 0, 1];
      await press(down); // enters
      const entered = document.activeElement === field;
      await press(down); // 9
      await press(accept); // next
      await press(up); // 0
      await press(left);
      const typed = inner.value;
      field.value = "904217";
      inner.setSelectionRange(5, 5);
      await press(accept);
      await press(back);
      return { entered, typed, heard, sent, left: document.activeElement !== field };
    });
    assert.deepEqual([result.entered, result.typed, result.sent, result.left], [true, "90", [CODE], true]);
    assert.deepEqual(result.heard.slice(1, 5), ["9, character 1 of 6", "Empty, character 2 of 6", "0, character 2 of 6", "9, character 1 of 6"]);
    await page.evaluate(() => {
      field.value = "";
      field.focus();
    });
    for (const key of ["ArrowUp", "ArrowUp", "ArrowRight", "ArrowDown"]) await page.keyboard.press(key);
    assert.equal(await page.evaluate(() => inner.value), "19");
  });

  inForm("C19: cells run left to right on an Arabic page, and twelve of them fit a phone", async (page) => {
    const result = await page.evaluate(async () => {
      field.format = { alphabet: "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", length: 12, groups: [4, 4, 4] };
      field.style.inlineSize = "288px";
      await settled();
      const boxes = [...field.shadowRoot.querySelectorAll("[part~=cell]")].map((cell) => cell.getBoundingClientRect());
      const { left, right } = field.getBoundingClientRect();
      return [boxes.length, boxes.every((box, index) => !index || box.left > boxes[index - 1].left), boxes.every((box) => box.left >= left - 0.5 && box.right <= right + 0.5), inner.inputMode, part("base").dir];
    });
    assert.deepEqual(result, [12, true, true, "text", "rtl"]);
  }, { query: "lang=ar" });

  inForm("a click on a cell puts the caret there", async (page) => {
    await page.evaluate(() => (field.value = "904217"));
    const { x, y } = await page.evaluate(() => {
      const { left, top, width, height } = field.shadowRoot.querySelectorAll("[part~=cell]")[2].getBoundingClientRect();
      return { x: left + width / 2, y: top + height / 2 };
    });
    await page.mouse.click(x, y);
    assert.equal(await page.evaluate(() => inner.selectionStart), 2);
  });

  inForm("gone from the document it listens to nothing", async (page) => {
    const counts = await page.evaluate(async () => {
      const added = [];
      const [add, remove] = [document.addEventListener, document.removeEventListener];
      document.addEventListener = (...args) => (added.push(args[0]), add.apply(document, args));
      document.removeEventListener = (...args) => (added.splice(added.indexOf(args[0]), 1), remove.apply(document, args));
      const other = document.createElement("playerlink-code-input");
      other.core = field.core;
      document.body.append(other);
      const during = added.length;
      other.remove();
      await settled();
      return [during, added.length];
    });
    assert.deepEqual(counts, [1, 0]);
  });
});
