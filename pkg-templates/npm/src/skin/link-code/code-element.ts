// `<playerlink-code>`: a linking drawn, its buttons brought to it, its events told. Rules are not here.
import type { Linking, LinkingAction, LinkingOptions, LinkingSnapshot, LinkingSource } from "../../api/linking.js";
import { CodeView } from "./code-view.js";
import type { PadButton, PadWatch } from "./gamepad.js";
import { english, loadStrings, type Overrides, Words } from "./language.js";
import { hasCode } from "./sentences.js";
import { codeStyle } from "./style.js";
import { ElementBase, languageAround, onceRemoved, openShadow, setState, upgrade } from "./tree.js";

/** A live region says nothing that comes with it: readers must have seen it empty. */
const REGION_MS = 100;
/** A code that was revealed on a stream is hidden again after this long. */
const CONCEAL_AGAIN_MS = 15_000;
const KEYS: Readonly<Record<string, PadButton>> = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };

/** All that is drawn where the module of linking cannot be loaded. */
const UNLOADED = { state: "failed", groups: [], actions: [], error: { kind: "configuration", choices: [], retryable: false } };

export class PlayerlinkCodeElement extends ElementBase {
  static readonly observedAttributes = ["lang", "concealed", "spelling", "heading-level", "gamepad", "no-warning"];

  #internals: ElementInternals | undefined;
  #view: CodeView | undefined;
  #linking: Linking | undefined;
  #source: LinkingSource | undefined;
  #options: LinkingOptions | undefined;
  #snapshot: LinkingSnapshot | undefined;
  #overrides: Overrides;
  /** None until the language is there: nobody sees or hears one that is not theirs. */
  #words: Words | undefined;
  #copyNote: "" | "copied" | "copy-failed" = "";
  #linkedAt = 0;
  #owned = false;
  #live = false;
  #stops: (() => void)[] = [];
  #unlisten: (() => void) | undefined;
  #concealTimer: ReturnType<typeof setTimeout> | undefined;
  #readyTimer: ReturnType<typeof setTimeout> | undefined;
  #ready = false;
  #pad: PadWatch | undefined;

  get linking(): Linking | undefined {
    return this.#linking;
  }
  set linking(linking: Linking | undefined) {
    this.#source = undefined;
    this.#take(linking, false);
  }

  get source(): LinkingSource | undefined {
    return this.#source;
  }
  set source(source: LinkingSource | undefined) {
    if (source === this.#source) return;
    this.#take(undefined, false);
    this.#source = source;
    if (this.#live) void this.#create();
  }

  get options(): LinkingOptions | undefined {
    return this.#options;
  }
  set options(options: LinkingOptions | undefined) {
    this.#options = options;
  }

  get snapshot(): LinkingSnapshot | undefined {
    return this.#snapshot;
  }

  get strings(): Overrides {
    return this.#overrides;
  }
  set strings(strings: Overrides) {
    this.#overrides = strings;
    void this.#translate();
  }

  get concealed(): boolean {
    return this.hasAttribute("concealed");
  }
  set concealed(concealed: boolean) {
    this.toggleAttribute("concealed", concealed);
  }

  connectedCallback(): void {
    // Moved: the text around may be in another language.
    if (this.#live) return void this.#translate();
    this.#live = true;
    upgrade(this, ["strings", "options", "source", "linking", "concealed"]);
    if (!this.#view) this.#build();
    if (this.hasAttribute("no-warning")) {
      console.warn("playerlink-code: no-warning: warn players yourself");
    }
    const pageLanguage = new MutationObserver(() => void this.#translate());
    pageLanguage.observe(document.documentElement, { attributeFilter: ["lang"] });
    this.#stops.push(() => pageLanguage.disconnect());
    void this.#watchPad();
    void this.#translate();
    this.#listen();
    void this.#create();
  }

  // Moved, not removed.
  connectedMoveCallback(): void {}

  disconnectedCallback(): void {
    onceRemoved(this, () => this.#leave());
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (before === now || !this.#live) return;
    if (name === "lang") void this.#translate();
    else if (name === "gamepad") void this.#watchPad();
    else if (name === "concealed") this.#conceal(now !== null);
    this.#draw();
  }

  #build(): void {
    this.#internals ??= this.attachInternals();
    const root = openShadow(this, codeStyle);
    const view = (this.#view = new CodeView());
    root.append(view.base);
    view.copyButton.addEventListener("click", () => this.#copy());
    for (const [action, button] of view.buttons) button.addEventListener("click", () => this.#act(action));
    view.choices.addEventListener("click", (event) => {
      const choice = (event.target as Element).closest("[data-choice]")?.getAttribute("data-choice");
      if (choice) this.#tell("action", { action: choice });
    });
    root.addEventListener("keydown", (event) => {
      const { key, altKey, ctrlKey, metaKey, shiftKey } = event as KeyboardEvent;
      const direction = altKey || ctrlKey || metaKey || shiftKey ? undefined : KEYS[key];
      // At the first and the last control the key is the page's: nobody is kept in here.
      if (direction && root.activeElement?.matches("button, a") && this.#walk(direction)) event.preventDefault();
    });
  }

  /** Everything that runs or listens ends; a code that is alive is given up. */
  #leave(): void {
    this.#live = false;
    this.#stop();
    this.#pad?.stop();
    this.#pad = undefined;
    if (this.#owned) {
      this.#linking?.dispose();
      this.#linking = undefined;
      this.#owned = false;
    } else if (this.#snapshot?.actions.includes("cancel")) {
      this.#linking?.cancel();
    }
    this.#forget();
    this.#view?.wipe();
  }

  #forget(): void {
    if (this.#snapshot) setState(this.#internals!, this.#snapshot.state, false);
    this.removeAttribute("state");
    this.#snapshot = undefined;
  }

  #stop(): void {
    clearTimeout(this.#concealTimer);
    clearTimeout(this.#readyTimer);
    this.#readyTimer = undefined;
    this.#ready = false;
    for (const stop of this.#stops.splice(0)) stop();
  }

  #take(linking: Linking | undefined, owned: boolean): void {
    if (linking === this.#linking) return;
    const [before, ownedBefore] = [this.#linking, this.#owned];
    this.#forget();
    this.#linking = linking;
    this.#owned = owned;
    this.#copyNote = "";
    this.#view?.forget();
    if (this.#live) this.#listen();
    if (ownedBefore) before?.dispose();
  }

  #listen(): void {
    this.#unlisten?.();
    const linking = this.#linking;
    if (!linking) {
      this.#view!.base.hidden = true;
      return;
    }
    if (this.concealed && !linking.snapshot.concealed) linking.conceal();
    const stops = [
      linking.onLinked((linked) => this.#tell("linked", linked)),
      linking.subscribe((snapshot) => {
        if (this.#linking === linking) this.#see(snapshot);
      }),
    ];
    this.#unlisten = () => {
      for (const stop of stops.splice(0)) stop();
    };
    this.#stops.push(this.#unlisten);
  }

  /** A linking of our own, where only a source was given. */
  async #create(): Promise<void> {
    const source = this.#source;
    if (!source || this.#linking) return;
    try {
      const { loadLinking } = await import("#linking");
      const core = await loadLinking();
      if (!this.#live || this.#source !== source || this.#linking) return;
      this.#take(core.createLinking(source, { ...this.#options, ...(this.concealed && { concealed: true }) }), true);
    } catch {
      if (this.#live && this.#source === source) this.#see(UNLOADED as unknown as LinkingSnapshot);
    }
  }

  async #translate(): Promise<void> {
    const tag = languageAround(this);
    // Whoever brings a whole language needs none of ours.
    const whole = this.#overrides?.lang !== undefined;
    const language = whole ? english : await loadStrings(tag);
    if (!this.#live || (!whole && languageAround(this) !== tag)) return;
    this.#words = new Words(language, this.#overrides);
    this.#draw();
    this.#readyTimer ??= setTimeout(() => {
      this.#ready = true;
      this.#speak();
    }, REGION_MS);
  }

  #see(snapshot: LinkingSnapshot): void {
    const before = this.#snapshot;
    this.#snapshot = snapshot;
    const { state, error } = snapshot;
    if (state === "linked" && before?.state !== "linked") this.#linkedAt = Date.now();
    if (before?.state !== state || before.code !== snapshot.code) this.#copyNote = "";
    this.#draw();
    this.#speak();
    if (before && before.concealed && !snapshot.concealed) this.#revealed();

    if (before?.state !== state) {
      if (before) setState(this.#internals!, before.state, false);
      setState(this.#internals!, state, true);
      this.setAttribute("state", state);
      this.#tell("state-change", { state, previous: before?.state });
      if (state === "active" && before?.state !== "expiring" && before?.state !== "checking") {
        this.#tell("code-shown", { renewed: before?.state === "renewing" });
      }
      if (state === "expired") this.#tell("code-expired", undefined);
      if (state === "expiring" && snapshot.actions.includes("keep") && !this.#mayRenew(true)) this.#linking?.keep();
    }
    if (error && (before?.error?.kind !== error.kind || before.error.conflict !== error.conflict)) {
      const { kind, conflict, retryable } = error;
      this.#tell("error", { kind, ...(conflict && { conflict }), retryable });
    }
    setState(this.#internals!, "concealed", snapshot.concealed);
  }

  #speak(): void {
    if (this.#ready && this.#words && this.#snapshot) this.#view!.speak(this.#snapshot, this.#words);
  }

  #draw(): void {
    const [view, snapshot, words] = [this.#view, this.#snapshot, this.#words];
    if (!view || !snapshot || !words || !this.#live) return;
    const root = this.shadowRoot!;
    const focused = root.activeElement;
    view.base.hidden = false;
    view.draw(snapshot, words, this, this.#copyNote && words.say(this.#copyNote), this.#linkedAt, this.#linking?.qr);
    // A button that goes does not drop whoever was on it to the top of the page.
    if (focused && (!focused.isConnected || focused.closest("[hidden]"))) view.base.focus({ preventScroll: true });
  }

  #act(action: LinkingAction): void {
    const linking = this.#linking;
    if (action === "sign-in" || action === "close") this.#tell("action", { action });
    else if (action !== "new-code") linking?.[action]();
    else if (this.#mayRenew(false)) linking?.newCode();
  }

  #mayRenew(automatic: boolean): boolean {
    return this.#tell("before-renew", { automatic });
  }

  #conceal(hidden: boolean): void {
    const allowed = this.#snapshot?.actions ?? [];
    if (hidden && allowed.includes("conceal")) this.#linking?.conceal();
    if (!hidden && allowed.includes("reveal")) this.#linking?.reveal();
  }

  #revealed(): void {
    clearTimeout(this.#concealTimer);
    if (!this.concealed) return;
    this.#concealTimer = setTimeout(() => this.#conceal(true), CONCEAL_AGAIN_MS);
  }

  // Within the click: after an `await` browsers no longer count it as one.
  #copy(): void {
    const snapshot = this.#snapshot;
    if (!snapshot?.code || !hasCode(snapshot)) return;
    const text = this.getAttribute("copy-format") === "grouped" ? snapshot.groups.join(" ") : snapshot.code;
    let written: Promise<void> | undefined;
    try {
      written = navigator.clipboard?.writeText(text);
    } catch {
      // The same as none.
    }
    if (!written) return this.#copied(this.#copySelected());
    void written.then(
      () => this.#copied(true),
      () => this.#copied(this.#copySelected()),
    );
  }

  /** The old way, which also works on plain http: and leaves the code selected for doing it by hand. */
  #copySelected(): boolean {
    const selection = getSelection();
    if (!this.#view || !selection) return false;
    selection.selectAllChildren(this.#view.code);
    try {
      return document.execCommand("copy");
    } catch {
      return false;
    }
  }

  #copied(ok: boolean): void {
    if (!this.#live) return;
    this.#copyNote = ok ? "copied" : "copy-failed";
    this.#draw();
    this.#view!.say(this.#words!.say(this.#copyNote));
    this.#tell("copy", { ok });
  }

  async #watchPad(): Promise<void> {
    this.#pad?.stop();
    this.#pad = undefined;
    if (!this.hasAttribute("gamepad")) return;
    const { PadWatch } = await import("./gamepad.js");
    if (!this.#live || !this.hasAttribute("gamepad") || this.#pad) return;
    this.#pad = new PadWatch((button) => this.#press(button));
    this.#pad.start();
  }

  #press(button: PadButton): void {
    const root = this.shadowRoot!;
    const here = root.activeElement as HTMLElement | null;
    // Somebody else's focus is not taken; where nobody has it, the pad enters.
    if (!here && document.activeElement !== document.body && document.activeElement !== null) return;
    if (button === "accept") here?.click();
    else if (button === "back") here?.blur();
    else this.#walk(button);
  }

  /** Focus to the control before or after the one that has it. False: there is none in that direction. */
  #walk(direction: PadButton): boolean {
    const root = this.shadowRoot!;
    const controls = [...root.querySelectorAll<HTMLElement>("button, a")].filter((control) => !control.closest("[hidden]"));
    const at = controls.indexOf(root.activeElement as HTMLElement);
    // Left is forward where the page runs from right to left.
    const back = direction === "up" || direction === (this.#words!.dir === "ltr" ? "left" : "right");
    const next = controls[at < 0 ? 0 : back ? at - 1 : at + 1];
    next?.focus();
    return next !== undefined;
  }

  #tell(name: string, detail: unknown): boolean {
    return this.dispatchEvent(
      new CustomEvent(`playerlink-${name}`, { detail, bubbles: true, composed: true, cancelable: name === "before-renew" }),
    );
  }
}
