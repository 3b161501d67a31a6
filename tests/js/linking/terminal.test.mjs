// `playerlink/terminal`: what is written, to the byte, for terminals, pipes and screen readers.
import assert from "node:assert/strict";
import { test } from "node:test";
import jsqr from "jsqr";
import { load } from "../support/consumer.mjs";
import { FakeLinking } from "./support/fake-linking.mjs";
import { CODE, COMPANION_URL, QR, STATES } from "./support/snapshots.mjs";

const { renderLinking, showLinking } = await load("playerlink/terminal");
const { default: english } = await load("playerlink/link-code/strings/en");
const { default: arabic } = await load("playerlink/link-code/strings/ar");

const sink = (changes = {}) => ({ text: "", write(text) { this.text += text; }, isTTY: true, columns: 80, rows: 40, ...changes });
const ESCAPE = /\u001b/;

const story = (linking) => {
  linking.next({ ...STATES.requesting });
  linking.next({ ...STATES.active, announce: { n: 1, key: "shown", args: {} } });
  for (let second = 60; second > 55; second--) linking.next({ expiresInMs: second * 1000 });
  linking.next({ ...STATES.expiring, announce: { n: 2, key: "expiring", args: { seconds: 30 } } });
  linking.next({ announce: { n: 3, key: "not-yet", args: {} } });
  linking.next({ ...STATES.linked, code: undefined, announce: { n: 4, key: "linked", args: {} } });
};

const PLAIN = `Getting a code…
Your linking code
For the account Nova
Enter this code in the game, on the console you want to connect.

    904 217

On your phone or computer, open https://link.example/c
Never share this code. We will never ask for it.
Your code expires in 30 seconds.
We cannot see the link yet. Enter the code on the console, then try again.
A link to Xbox was added: NovaPrime.
For the account Nova
Connected on DATE.
Not you? Contact support at once.
Only support can undo this link.
`;

for (const [name, options, output] of [
  ["a pipe", {}, { isTTY: false }],
  ["NO_COLOR", { env: { NO_COLOR: "1" } }, {}],
  ["TERM=dumb", { env: { TERM: "dumb" } }, {}],
  ["plain", { plain: true }, {}],
]) {
  test(`A24: for ${name} it is plain lines, each once and not every second, without a control character`, async () => {
    const out = sink(output);
    const linking = new FakeLinking(STATES.idle, QR);
    await showLinking(linking, { output: out, lang: "en", env: {}, ...options });
    story(linking);
    assert.doesNotMatch(out.text, ESCAPE);
    assert.equal(out.text.replace(/Connected on .*\./, "Connected on DATE."), PLAIN);
    assert.equal(linking.listeners, 0, "after a link nothing listens");
  });
}

test("A24: for a screen reader the code is spelled", async () => {
  const out = sink();
  const linking = new FakeLinking(STATES.active, QR);
  const { stop } = await showLinking(linking, { output: out, lang: "en", env: {}, screenReader: true });
  stop();
  assert.match(out.text, / {4}9, 0, 4, 2, 1, 7\n/);
  assert.doesNotMatch(out.text, /904|█/);
  assert.doesNotMatch(out.text, ESCAPE);
});

test("a terminal is drawn over in place, only when there is something new, and gets its cursor back", async () => {
  const out = sink();
  const linking = new FakeLinking(STATES.active, QR);
  const { stop } = await showLinking(linking, { output: out, lang: "en", env: {} });
  const first = out.text;
  assert.ok(first.startsWith("\u001b[?25l"));
  const height = first.split("\n").length - 1;
  linking.next({ revision: linking.snapshot.revision });
  assert.equal(out.text, first, "the same revision draws nothing");
  out.text = "";
  linking.next({ expiresInMs: 271_000 });
  assert.ok(out.text.startsWith(`\u001b[${height}A\r\u001b[J`), "exactly over what was there");
  assert.match(out.text, /Expires in 4:31/);
  assert.match(out.text, /Press Ctrl\+C to stop\./);
  out.text = "";
  stop();
  stop();
  assert.equal(out.text, "\u001b[?25h");
  linking.next({ expiresInMs: 270_000 });
  assert.equal(out.text, "\u001b[?25h", "after stop nothing is written");
});

/** What a camera sees of lines with colours: each cell two modules, drawn 4 pixels wide. */
const look = (lines, ascii) => {
  const cells = lines.map((line) => [...line.replace(/\u001b\[[\d;]*m/g, "")]);
  const [width, height, scale] = [cells[0].length, cells.length * (ascii ? 1 : 2), 4];
  const step = ascii ? 2 : 1;
  const [w, h] = [(width / step) * scale, height * scale];
  // A dark terminal all around.
  const margin = 24;
  const pixels = new Uint8ClampedArray((w + 2 * margin) * (h + 2 * margin) * 4).fill(20);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const [row, column] = [Math.floor(y / scale), Math.floor(x / scale)];
      const cell = cells[ascii ? row : row >> 1][column * step];
      const dark = ascii ? cell === "#" : cell === "█" || cell === (row % 2 ? "▄" : "▀");
      pixels.fill(dark ? 0 : 255, ((y + margin) * (w + 2 * margin) + x + margin) * 4, ((y + margin) * (w + 2 * margin) + x + margin) * 4 + 3);
    }
  }
  return jsqr(pixels, w + 2 * margin, h + 2 * margin)?.data;
};

for (const ascii of [false, true]) {
  test(`C13: the QR code in ${ascii ? "##" : "half blocks"} says dark and light itself, has its quiet zone, and is read on a dark terminal`, () => {
    const lines = renderLinking(STATES.active, { strings: english, qr: QR, columns: 80, rows: 60, ascii });
    const symbol = lines.filter((line) => line.startsWith("\u001b[38;2;0;0;0;48;2;255;255;255m"));
    assert.equal(symbol.length, ascii ? 33 : 17);
    assert.ok(symbol.every((line) => line.endsWith("\u001b[0m")));
    assert.equal(look(symbol, ascii), COMPANION_URL);
    assert.ok(lines.some((line) => line.includes(COMPANION_URL)), "A18: and the link is there as text");
  });
}

test("a QR code that does not fit is left out whole; the link stays", () => {
  for (const size of [{ columns: 32, rows: 60 }, { columns: 80, rows: 20 }]) {
    const lines = renderLinking(STATES.active, { strings: english, qr: QR, ...size });
    assert.ok(!lines.some((line) => /[█▀▄]/.test(line)));
    assert.ok(lines.some((line) => line.includes(COMPANION_URL)));
  }
});

test("X17: concealed, neither code nor QR code is drawn", () => {
  const text = renderLinking(STATES.concealed, { strings: english, qr: QR, columns: 80, rows: 60 }).join("\n");
  assert.doesNotMatch(text, /[█▀▄]|904/);
  assert.match(text, /The code is hidden\./);
});

test("every state says something, in every one without a code no code is left", () => {
  for (const [name, snapshot] of Object.entries(STATES)) {
    const text = renderLinking(snapshot, { strings: english, plain: true }).join("\n");
    if (name !== "idle") assert.notEqual(text, "", name);
    assert.equal(text.includes("904 217"), snapshot.code === CODE, name);
    assert.doesNotMatch(text, /[\u2066-\u2069]/, "isolates are for documents");
  }
});

test("the language is loaded by tag, and sentences of one's own lie on top", async () => {
  const out = sink({ isTTY: false });
  const { stop } = await showLinking(new FakeLinking(STATES.active), { output: out, lang: "ar-EG", env: {}, strings: { heading: "!" } });
  stop();
  assert.ok(out.text.startsWith("!\n"));
  assert.ok(out.text.includes(arabic.warning));
});
