// The words of a face: which language, how it is loaded, and how a sentence gets its slots. Shared with the terminal.
import type { LinkCodeStringKey, LinkCodeStrings, PluralForms } from "../../api/link-code-strings.js";
import english from "./strings/en.js";

export { english };
export type Overrides = Partial<LinkCodeStrings> | undefined;
type Slots = Readonly<Record<string, string | number | undefined>>;

// Written out, so that bundlers see each file and make a chunk of it.
const LANGUAGES: Readonly<Record<string, () => Promise<{ default: LinkCodeStrings }>>> = {
  "ar": () => import("./strings/ar.js"),
  "de": () => import("./strings/de.js"),
  "es": () => import("./strings/es.js"),
  "fr": () => import("./strings/fr.js"),
  "ja": () => import("./strings/ja.js"),
  "ko": () => import("./strings/ko.js"),
  "pl": () => import("./strings/pl.js"),
  "pt": () => import("./strings/pt-BR.js"),
  "ru": () => import("./strings/ru.js"),
  "zh": () => import("./strings/zh-Hans.js"),
};

/** The strings for a BCP 47 tag; English where there are none, or they did not come. */
export const loadStrings = async (tag: string): Promise<LinkCodeStrings> => {
  // Whoever reads Traditional Chinese gets no Simplified one.
  const language = /^zh-(.*-)?(hant|tw|hk|mo)\b/i.test(tag) ? "en" : tag.toLowerCase().split(/[-_]/)[0]!;
  const load = Object.hasOwn(LANGUAGES, language) ? LANGUAGES[language] : undefined;
  try {
    return load ? (await load()).default : english;
  } catch {
    return english;
  }
};

/** Names inside a sentence keep their own direction. */
const isolated = (value: string | number | undefined): string =>
  typeof value === "string" ? `\u2068${value}\u2069` : String(value ?? "");

/** Sentences of one language. */
export class Words {
  readonly #strings: LinkCodeStrings;

  constructor(strings: LinkCodeStrings, overrides?: Overrides) {
    this.#strings = { ...strings, ...overrides };
  }

  get lang(): string {
    return this.#strings.lang;
  }
  get dir(): "ltr" | "rtl" {
    return this.#strings.dir;
  }

  /** A sentence with its slots; where there is no such key, the other one's. */
  say(key: LinkCodeStringKey | `${string}-${string}`, slots: Slots = {}, otherwise?: LinkCodeStringKey): string {
    const table: Readonly<Record<string, unknown>> = this.#strings;
    const own = Object.hasOwn(table, key) ? table[key] : undefined;
    const text = own ?? (otherwise && this.#strings[otherwise]);
    return typeof text === "string" ? fill(text, slots) : "";
  }

  plural(key: "input-too-short" | "input-too-long", count: number): string {
    const forms: PluralForms = this.#strings[key];
    const text = forms[new Intl.PluralRules(this.lang).select(count)] ?? forms.other;
    return fill(text, { count: this.number(count) });
  }

  number(value: number, digits = 1): string {
    return new Intl.NumberFormat(this.lang, { useGrouping: false, minimumIntegerDigits: digits }).format(value);
  }

  /** `4:32`, in the digits of the language. */
  remaining(ms: number): string {
    const seconds = Math.ceil(ms / 1000);
    return `${this.number(Math.floor(seconds / 60))}:${this.number(seconds % 60, 2)}`;
  }

  /** "2 minutes ago", "in 30 seconds": with the case that the language wants after its "in". */
  distance(ms: number): string {
    const seconds = Math.round(ms / 1000);
    const format = new Intl.RelativeTimeFormat(this.lang);
    return Math.abs(seconds) < 60 ? format.format(seconds, "second") : format.format(Math.round(seconds / 60), "minute");
  }

  /** The time of day, with seconds where it is near; `dated`: and the day. */
  clock(epochMs: number, dated = false): string {
    const near = Math.abs(epochMs - Date.now()) < 120_000 && !dated;
    return new Intl.DateTimeFormat(this.lang, { timeStyle: near ? "medium" : "short", ...(dated && { dateStyle: "long" }) }).format(epochMs);
  }
}

const RAW = new Set(["time", "ago", "in", "count", "position", "url"]);

const fill = (text: string, slots: Slots): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => (RAW.has(name) ? String(slots[name] ?? "") : isolated(slots[name])));
