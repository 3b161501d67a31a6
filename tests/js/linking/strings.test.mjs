// The languages: all there, all whole, with the slots that the sentences need.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { installed, load } from "../support/consumer.mjs";

const names = readdirSync(join(installed, "link-code/strings")).map((name) => name.replace(".js", "")).sort();
const all = await Promise.all(names.map(async (name) => [name, (await load(`playerlink/link-code/strings/${name}`)).default]));
const english = all.find(([name]) => name === "en")[1];
const slots = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();

test("eleven languages, each with its own tag and direction", () => {
  assert.deepEqual(names, ["ar", "de", "en", "es", "fr", "ja", "ko", "pl", "pt-BR", "ru", "zh-Hans"]);
  for (const [name, { lang, dir }] of all) assert.deepEqual([lang, dir], [name, name === "ar" ? "rtl" : "ltr"]);
});

test("every language has every sentence, with the same slots, and none is English by mistake", () => {
  for (const [name, strings] of all) {
    assert.deepEqual(Object.keys(strings).sort(), Object.keys(english).sort(), name);
    for (const [key, text] of Object.entries(strings)) {
      if (typeof text === "object") continue;
      assert.ok(text.trim() === text && text.length > 0, `${name}: ${key}`);
      if (!["lang", "dir"].includes(key)) assert.deepEqual(slots(text), slots(english[key]), `${name}: ${key}`);
      if (name !== "en" && text.length > 3 && !["dir"].includes(key)) assert.notEqual(text, english[key], `${name}: ${key}`);
    }
  }
});

test("2.8: plurals have each category that the language counts by", () => {
  for (const [name, strings] of all) {
    const { pluralCategories } = new Intl.PluralRules(name).resolvedOptions();
    // For whole numbers up to 64: what a code may lack or have too many of.
    const rules = new Intl.PluralRules(name);
    const needed = new Set(Array.from({ length: 64 }, (_, index) => rules.select(index + 1)));
    for (const key of ["input-too-short", "input-too-long"]) {
      for (const category of needed) assert.ok(strings[key][category], `${name}: ${key} ${category}`);
      for (const category of Object.keys(strings[key])) assert.ok(pluralCategories.includes(category), `${name}: ${key} has no use for ${category}`);
    }
  }
});

test("importing the elements on a server registers nothing and fails at nothing", async () => {
  const module = await load("playerlink/link-code");
  await load("playerlink/link-code/define");
  module.defineLinkCode();
  assert.deepEqual(Object.keys(module).sort(), ["PlayerlinkCodeElement", "PlayerlinkCodeInputElement", "defineLinkCode"]);
});
