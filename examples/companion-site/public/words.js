// The page's own words, in the player's language. `<playerlink-code>` brings its own and follows the page's `lang`.
import { playerMessage } from "playerlink/messages";

const LANGUAGES = ["en", "de"];

/** `?lang=de`, else the first language of the browser's that there are words in. */
const pick = () => {
  const asked = new URLSearchParams(location.search).get("lang");
  const wanted = [asked, ...navigator.languages].map((tag) => tag?.toLowerCase().split("-")[0]);
  return wanted.find((language) => LANGUAGES.includes(language)) ?? "en";
};

export const lang = pick();
const { default: table } = await import(`./words/${lang}.js`);

/** A sentence, its `{slots}` filled. */
export const say = (key, slots = {}) => table[key].replace(/\{(\w+)\}/g, (_, name) => slots[name] ?? "");

/** What may be shown of an error. The package's own sentences are English; other languages have one for each kind. */
export const explain = (error) =>
  lang === "en" ? playerMessage(error) : (table[`error-${error?.kind}`] ?? table["error"]);

/** The service's word for a platform, as players know it. */
export const platformName = (platform) => table[`platform-${platform}`] ?? platform;

export const moment = (epochMs) => new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" }).format(epochMs);

/** Puts the words where the page has `data-say`, and `data-say-label` for a name that is not seen. */
export const translate = (root) => {
  document.documentElement.lang = lang;
  document.title = say("title");
  for (const element of root.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of root.querySelectorAll("[data-say-label]")) element.ariaLabel = say(element.dataset.sayLabel);
};
