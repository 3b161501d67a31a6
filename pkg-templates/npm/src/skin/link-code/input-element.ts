// `<playerlink-code-input>`: one real field, drawn as cells. Reading what was typed is the core's; here is typing.
import type { CodeRefusal } from "../../api/link-code.js";
import type { LinkCodeStrings } from "../../api/link-code-strings.js";
import type { CodeEntry, CodeEntryProblem, CodeFormat, LinkingCore } from "../../api/linking.js";
import { english, loadStrings, type Overrides, Words } from "./language.js";
import type { PadEntry } from "./pad-entry.js";
import { inputStyle } from "./style.js";
import { ElementBase, languageAround, make, onceRemoved, openShadow, setLine, setState, setText, upgrade } from "./tree.js";

type Reader = Pick<LinkingCore, "readCode">;

/** For drawing cells and choosing a keyboard only; what a code is, the core knows. */
const SHAPES: Readonly<Record<string, readonly [alphabet: string, groups: readonly number[]]>> = {
  "digits6": ["0123456789", [3, 3]],
  "digits8": ["0123456789", [4, 4]],
  "digits10": ["0123456789", [3, 3, 4]],
  "base20x8": ["BCDFGHJKLMNPQRSTVWXZ", [4, 4]],
  "xsolla-legacy6": ["0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", [3, 3]],
};

/** Until the core is here: nothing is wrong yet, and a server reads it again anyway. */
const unread = (text: string): CodeEntry => ({ normalized: text.replace(/[\s\p{Pd}]/gu, ""), groups: [] });

export class PlayerlinkCodeInputElement extends ElementBase {
  static readonly formAssociated = true;
  static readonly observedAttributes = ["lang", "format", "required", "readonly", "gamepad", "no-warning", "aria-label"];

  #internals: ElementInternals | undefined;
  #input: HTMLInputElement | undefined;
  /** What was given before there was a field. */
  #text = "";
  #core: Reader | undefined;
  #format: CodeFormat | undefined;
  #overrides: Overrides;
  #words = new Words(english);
  #entry: CodeEntry = { normalized: "", groups: [], problem: { kind: "empty" } };
  #refusal: CodeRefusal | undefined;
  #custom = "";
  #told = false;
  #complete = false;
  #live = false;
  #disabled = false;
  #stops: (() => void)[] = [];
  #pad: PadEntry | undefined;

  readonly #label = make("div", { part: "label", "aria-hidden": "true" });
  readonly #hint = make("div", { part: "hint", id: "hint" });
  readonly #cells = make("div", { part: "cells", "aria-hidden": "true" });
  readonly #error = make("div", { part: "error" });
  readonly #warning = make("div", { part: "warning", id: "warning" });
  readonly #status = make("div", { part: "status", class: "unseen", role: "status", "aria-live": "polite" });

  get value(): string {
    return this.#entry.normalized;
  }
  set value(value: string) {
    this.#read(String(value ?? ""), true);
  }

  get format(): CodeFormat {
    return this.#format ?? (this.getAttribute("format") as CodeFormat | null) ?? "digits6";
  }
  set format(format: CodeFormat) {
    this.#format = format;
    this.#read(this.#typed(), true);
  }

  get core(): Reader | undefined {
    return this.#core;
  }
  set core(core: Reader | undefined) {
    this.#core = core;
    this.#read(this.#typed(), true);
  }

  get refusal(): CodeRefusal | undefined {
    return this.#refusal;
  }
  set refusal(refusal: CodeRefusal | undefined) {
    this.#refusal = refusal;
    this.#update();
    // Where it is read again: the text is still there.
    if (refusal && this.shadowRoot?.activeElement) this.#input?.select();
  }

  get strings(): Overrides {
    return this.#overrides;
  }
  set strings(strings: Overrides) {
    this.#overrides = strings;
    void this.#translate();
  }

  get name(): string {
    return this.getAttribute("name") ?? "";
  }
  set name(name: string) {
    this.setAttribute("name", name);
  }
  get required(): boolean {
    return this.hasAttribute("required");
  }
  set required(required: boolean) {
    this.toggleAttribute("required", required);
  }
  get disabled(): boolean {
    return this.hasAttribute("disabled");
  }
  set disabled(disabled: boolean) {
    this.toggleAttribute("disabled", disabled);
  }

  get form(): HTMLFormElement | null {
    return this.#own().form;
  }
  get validity(): ValidityState {
    return this.#own().validity;
  }
  get validationMessage(): string {
    return this.#own().validationMessage;
  }
  get willValidate(): boolean {
    return this.#own().willValidate;
  }
  get labels(): NodeList {
    return this.#own().labels;
  }
  checkValidity(): boolean {
    return this.#own().checkValidity();
  }
  reportValidity(): boolean {
    return this.#own().reportValidity();
  }
  setCustomValidity(message: string): void {
    this.#custom = message;
    this.#update();
  }

  connectedCallback(): void {
    // Moved: the text around may be in another language.
    if (this.#live) return void this.#translate();
    this.#live = true;
    if (!this.#input) {
      this.#build();
      this.#read(this.#text, true);
    }
    upgrade(this, ["strings", "core", "format", "refusal", "value", "name", "required", "disabled"]);
    const input = this.#input!;
    const moved = (): void => {
      if (this.shadowRoot?.activeElement === input) this.#drawCells();
    };
    document.addEventListener("selectionchange", moved);
    const pageLanguage = new MutationObserver(() => void this.#translate());
    pageLanguage.observe(document.documentElement, { attributeFilter: ["lang"] });
    this.#stops.push(() => pageLanguage.disconnect(), () => document.removeEventListener("selectionchange", moved));
    void this.#watchPad();
    this.#takeFragment();
    void this.#translate();
    if (!this.#core) void this.#load();
    this.#update();
  }

  connectedMoveCallback(): void {}

  disconnectedCallback(): void {
    onceRemoved(this, () => {
      this.#live = false;
      for (const stop of this.#stops.splice(0)) stop();
      this.#pad?.stop();
      this.#pad = undefined;
    });
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (before === now || !this.#live) return;
    if (name === "lang") void this.#translate();
    else if (name === "gamepad") void this.#watchPad();
    else if (name === "format") this.#read(this.#typed(), true);
    this.#update();
  }

  formResetCallback(): void {
    this.#told = false;
    this.#refusal = undefined;
    this.#read("", true);
  }

  formDisabledCallback(disabled: boolean): void {
    this.#disabled = disabled;
    if (this.#input) this.#input.disabled = disabled;
  }

  #own(): ElementInternals {
    return (this.#internals ??= this.attachInternals());
  }

  #build(): void {
    const root = openShadow(this, inputStyle, true);
    const input = (this.#input = make("input", {
      part: "input",
      id: "input",
      type: "text",
      autocomplete: "one-time-code",
      autocapitalize: "characters",
      autocorrect: "off",
      spellcheck: "false",
      enterkeyhint: "done",
      "aria-describedby": "hint error warning",
    }));
    input.disabled = this.#disabled;
    const label = make("slot", { name: "label" }, this.#label);
    const warning = make("slot", { name: "warning" }, make("span"));
    this.#warning.append(warning);
    this.#error.id = "error";
    root.append(
      make("div", { part: "base" }, label, make("div", { part: "field" }, this.#cells, input),
        make("div", { role: "alert" }, this.#error), this.#hint, this.#warning, this.#status),
    );
    input.addEventListener("input", (event) => {
      if (!(event as InputEvent).isComposing) this.#typing();
    });
    input.addEventListener("compositionend", () => this.#typing());
    // Native `change` stops at the shadow tree.
    input.addEventListener("change", () => this.dispatchEvent(new Event("change", { bubbles: true })));
    input.addEventListener("blur", () => {
      if (input.value) this.#told = true;
      this.#update();
    });
    input.addEventListener("focus", () => this.#drawCells());
    input.addEventListener("beforeinput", (event) => {
      const { selectionStart: at, selectionEnd: end, value } = input;
      // In a full field a key replaces the cell it is on, as cells look like they would.
      if (event.inputType === "insertText" && at !== null && at === end && at < value.length && value.length >= this.#length()) {
        input.setSelectionRange(at, at + 1);
      }
    });
    input.addEventListener("click", (event) => {
      const at = [...this.#cells.children].findIndex((cell) => event.clientX <= cell.getBoundingClientRect().right);
      if (at >= 0 && input.selectionStart === input.selectionEnd) input.setSelectionRange(at, at);
      this.#drawCells();
    });
    input.addEventListener("keydown", (event) => {
      const { key, isComposing } = event;
      if (isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
      if (key === "Enter") this.form?.requestSubmit();
    });
    this.addEventListener("invalid", (event) => {
      this.#told = true;
      this.#update();
      // The sentence is drawn under the field; a bubble of the browser on top would say it twice.
      event.preventDefault();
      if (this.form?.querySelector(":invalid") === this) this.focus();
    });
  }

  async #load(): Promise<void> {
    try {
      const core = await (await import("#linking")).loadLinking();
      if (this.#live && !this.#core) this.core = core;
    } catch {
      // What is typed is taken as it is; whoever redeems it reads it again.
    }
  }

  async #translate(): Promise<void> {
    const tag = languageAround(this);
    const whole = this.#overrides?.lang !== undefined;
    const language: LinkCodeStrings = whole ? english : await loadStrings(tag);
    if (!this.#live || (!whole && languageAround(this) !== tag)) return;
    this.#words = new Words(language, this.#overrides);
    this.#update();
  }

  /** `#name=…` of a link is taken once and leaves the address: it is in no history entry that follows, and no server saw it. */
  #takeFragment(): void {
    const name = this.getAttribute("fragment");
    if (!name) return;
    const parameters = new URLSearchParams(location.hash.slice(1));
    const code = parameters.get(name);
    if (code === null) return;
    parameters.delete(name);
    const rest = parameters.toString();
    history.replaceState(history.state, "", location.pathname + location.search + (rest && `#${rest}`));
    this.#read(code, true);
  }

  #shape(): { alphabet: string; groups: readonly number[] } {
    const format = this.format;
    if (typeof format !== "string") return { alphabet: format.alphabet, groups: format.groups ?? [format.length] };
    const [alphabet, groups] = SHAPES[format] ?? SHAPES["digits6"]!;
    return { alphabet, groups };
  }

  #length(): number {
    return this.#shape().groups.reduce((sum, size) => sum + size, 0);
  }

  #typed(): string {
    return this.#input?.value ?? this.#text;
  }

  #typing(): void {
    this.#refusal = undefined;
    this.#custom = "";
    this.#read(this.#input!.value, false);
    if (this.#complete) return;
    const { problem } = this.#entry;
    if (problem) return;
    this.#complete = true;
    this.dispatchEvent(new CustomEvent("playerlink-complete", { bubbles: true, composed: true }));
    if (this.hasAttribute("auto-submit")) this.form?.requestSubmit();
  }

  #read(text: string, replace: boolean): void {
    const core = this.#core;
    const entry = core ? core.readCode(text, this.format) : unread(text);
    this.#entry = entry.problem || entry.normalized ? entry : { ...entry, problem: { kind: "empty" } };
    if (entry.problem) this.#complete = false;
    const input = this.#input;
    this.#text = text;
    if (input) {
      // What was typed stays as it was where a character is wrong: it is shown with what is wrong about it.
      const odd = entry.problem?.kind === "bad-character" || (text && !entry.normalized);
      const shown = odd ? text : entry.normalized;
      if (input.value !== shown) {
        const before = input.value.slice(0, input.selectionStart ?? 0);
        const caret = odd || replace || !core ? shown.length : core.readCode(before, this.format).normalized.length;
        input.value = shown;
        if (this.shadowRoot?.activeElement === input) input.setSelectionRange(caret, caret);
      }
    }
    this.#update();
  }

  /** The cells' characters, and which of them is wrong. */
  #characters(): { characters: string[]; wrong: number } {
    const { problem, normalized } = this.#entry;
    if (problem?.kind !== "bad-character") return { characters: [...normalized], wrong: -1 };
    const characters = [...this.#typed()].filter((character) => !/[\s\p{Pd}]/u.test(character));
    return { characters, wrong: problem.position };
  }

  #sentence(): string {
    const words = this.#words;
    const problem: CodeEntryProblem | undefined = this.#entry.problem;
    switch (problem?.kind) {
      case undefined:
        return "";
      case "too-short":
        return words.plural("input-too-short", problem.missing);
      case "too-long":
        return words.plural("input-too-long", problem.extra);
      case "bad-character":
        return words.say("input-bad-character", { character: problem.character });
      case "empty":
        return this.required ? words.say("input-empty") : "";
      default:
        // A kind of tomorrow is wrong too.
        return words.say(`input-${(problem as { kind: string }).kind}`, {}, "refused");
    }
  }

  #update(): void {
    const [input, words] = [this.#input, this.#words];
    if (!input || !this.#live) return;
    const { problem, normalized } = this.#entry;
    const refused = this.#refusal ? words.say(`refused-${this.#refusal}`, {}, "refused") : "";
    const message = this.#custom || refused || this.#sentence();
    const internals = this.#own();
    // No second value for restoring: a code of yesterday is never filled in again.
    internals.setFormValue(problem && problem.kind !== "empty" ? this.#typed() : normalized || null, null);
    internals.setValidity(
      message
        ? {
            customError: Boolean(this.#custom || refused),
            valueMissing: problem?.kind === "empty",
            tooShort: problem?.kind === "too-short",
            tooLong: problem?.kind === "too-long",
            patternMismatch: problem?.kind === "bad-character" || problem?.kind === "bad-check-digit",
          }
        : {},
      message,
      input,
    );
    // Half a code is not scolded while it is typed; what cannot become right is told at once.
    const early = problem?.kind === "bad-character" || problem?.kind === "too-long" || problem?.kind === "bad-check-digit";
    const shown = this.#custom || refused || early || this.#told ? message : "";
    setLine(this.#error, shown);

    const base = this.shadowRoot!.querySelector<HTMLElement>("[part=base]")!;
    base.lang = words.lang;
    base.dir = words.dir;
    const labels = [...internals.labels].map((label) => label.textContent?.trim()).filter((text) => text);
    const label = this.getAttribute("aria-label") ?? (labels.join(" ") || words.say("input-label"));
    setLine(this.#label, labels.length || this.hasAttribute("aria-label") ? "" : words.say("input-label"));
    input.setAttribute("aria-label", label);
    setText(this.#hint, words.say("input-hint"));
    setText(this.#warning.querySelector("span")!, words.say("input-warning"));
    this.#warning.hidden = this.hasAttribute("no-warning");
    input.inputMode = /^\d+$/.test(this.#shape().alphabet) ? "numeric" : "text";
    input.readOnly = this.hasAttribute("readonly");
    input.required = this.required;
    input.setAttribute("aria-invalid", String(Boolean(shown)));
    setState(internals, "complete", !problem);
    setState(internals, "invalid", Boolean(shown));
    this.#drawCells();
  }

  #drawCells(): void {
    const input = this.#input!;
    const { groups } = this.#shape();
    const { characters, wrong } = this.#characters();
    const length = this.#length();
    const count = Math.max(length, characters.length);
    const starts = new Set(groups.map((_, index) => groups.slice(0, index).reduce((sum, size) => sum + size, 0)).slice(1));
    const [from, to] = [input.selectionStart ?? 0, input.selectionEnd ?? 0];
    while (this.#cells.children.length > count) this.#cells.lastChild!.remove();
    while (this.#cells.children.length < count) this.#cells.append(make("div"));
    [...this.#cells.children].forEach((cell, index) => {
      const part = ["cell"];
      if (starts.has(index)) part.push("starts-group");
      if (index === wrong || index >= length) part.push("wrong");
      if (index >= from && index < to) part.push("selected");
      if (from === to && index === Math.min(from, count - 1)) part.push("active");
      cell.setAttribute("part", part.join(" "));
      setText(cell, characters[index] ?? "");
    });
  }

  async #watchPad(): Promise<void> {
    this.#pad?.stop();
    this.#pad = undefined;
    if (!this.hasAttribute("gamepad")) return;
    const { PadEntry } = await import("./pad-entry.js");
    if (!this.#live || !this.hasAttribute("gamepad") || this.#pad) return;
    const element = this;
    this.#pad = new PadEntry({
      input: this.#input!,
      get alphabet() {
        return element.#shape().alphabet;
      },
      get length() {
        return element.#length();
      },
      get words() {
        return element.#words;
      },
      typed: () => {
        this.#typing();
        this.dispatchEvent(new InputEvent("input", { bubbles: true, composed: true }));
      },
      moved: () => this.#drawCells(),
      say: (text) => this.#status.replaceChildren(make("span", {}, text)),
      submit: () => {
        if (!this.#entry.problem) this.form?.requestSubmit();
        return !this.#entry.problem;
      },
    });
  }
}
