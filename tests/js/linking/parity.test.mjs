// The same reading of codes in WebAssembly as in Rust: `tests/linking/fuzz.rs` reads the same million texts, made by the same
// numbers, and has left its digests in fuzz.json.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { load } from "../support/consumer.mjs";

const { loadLinking } = await load("playerlink/linking");
const core = await loadLinking();
const { seed, chunk, digests } = JSON.parse(readFileSync(new URL("../../linking/fuzz.json", import.meta.url), "utf8"));

let state = seed;
const next = (below) => {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) % below;
};

const POOL = [
  0x20, 0x2d, 0x2e, 0x2f, 0x3a, 0x5f, 0x4f, 0x6f, 0x49, 0x6c, 0x7c, 0x130, 0x131, 0x17f, 0x212a, 0x200b, 0x202e, 0xfeff, 0x660,
  0x6f9, 0xff10, 0xff2f, 0x1d7ff, 0x1fbf9,
];
const FORMATS = ["digits6", "digits8", "digits10", "base20x8", "xsolla-legacy6", { alphabet: "0123456789", length: 6, checkDigit: true }];

const text = () => {
  const length = next(64) === 0 ? next(80) : next(14);
  let made = "";
  for (let at = 0; at < length; at++) {
    const kind = next(8);
    made += String.fromCodePoint(
      kind <= 3 ? 0x30 + next(10)
      : kind === 4 ? 0x20 + next(95)
      : kind === 5 ? POOL[next(24)]
      : kind === 6 ? next(0xd800)
      : 0xe000 + next(0x10_2000),
    );
  }
  return made;
};

const words = ({ normalized, groups, problem }) => {
  const more = problem && { "too-short": problem.missing, "too-long": problem.extra, "bad-character": `${problem.position},${problem.character?.codePointAt(0)}` }[problem.kind];
  return `${normalized}|${groups.join(" ")}|${problem ? `${problem.kind} ${more ?? ""}` : ""}\n`;
};

test("a million texts are read in WebAssembly as in Rust", () => {
  assert.equal(digests.length * chunk, 1_000_000);
  for (const expected of digests) {
    let sum = 0x811c9dc5;
    for (let n = 0; n < chunk; n++) {
      const format = FORMATS[next(6)];
      for (const char of words(core.readCode(text(), format))) sum = Math.imul(sum ^ char.charCodeAt(0), 0x01000193);
    }
    assert.equal(sum >>> 0, expected);
  }
});

test("every decimal digit that the engine knows is a digit", () => {
  let known = 0;
  let start = 0;
  let last = -2;
  for (let code = 0; code < 0x110000; code++) {
    const char = String.fromCodePoint(code);
    if (!/\p{Nd}/u.test(char)) continue;
    if (code !== last + 1) start = code;
    last = code;
    known++;
    assert.equal(core.readCode(char, { alphabet: "0123456789", length: 1 }).normalized, String((code - start) % 10), `U+${code.toString(16)}`);
  }
  assert.ok(known >= 650, `${known}`);
});

test("codes that begin with zeros come back as they are", () => {
  for (let number = 0; number < 1_000; number++) {
    const code = String(number).padStart(6, "0");
    assert.equal(core.readCode(code, "digits6").normalized, code);
  }
});

test("a QR code is square, and a text over 120 bytes has none", () => {
  const { size, modules } = core.qrCode("https://link.example/xbox");
  assert.equal(modules.length, size * size);
  // The three corners by which it is found, and none in the fourth.
  const ring = (x, y) => [0, 1, 5, 6].map((at) => modules[(y + at) * size + x + at]);
  for (const [x, y] of [[0, 0], [size - 7, 0], [0, size - 7]]) assert.deepEqual(ring(x, y), [true, false, false, true]);
  assert.equal(core.qrCode("a".repeat(121)), undefined);
  assert.equal(core.qrCode(""), undefined);
});
