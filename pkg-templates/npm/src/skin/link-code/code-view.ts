// The tree of `<playerlink-code>`: built once, then only what a new snapshot changes.
import type { Linking, LinkingAction, LinkingChoice, LinkingSnapshot } from "../../api/linking.js";
import type { Words } from "./language.js";
import { errorSentences, hasCode, lasting, linkedDetails, linkedSentence, notices, spoken, stateSentence } from "./sentences.js";
import { draw, make, setLine, setLines, setText } from "./tree.js";

/** In the order of the screen. */
const ACTIONS: readonly LinkingAction[] = ["start", "sign-in", "finished", "reveal", "conceal", "new-code", "keep", "cancel", "close"];

const slot = (name: string): [HTMLSlotElement, HTMLElement] => {
  const fallback = make("span");
  return [make("slot", { name }, fallback), fallback];
};

const button = (part: string): HTMLButtonElement => make("button", { type: "button", part: `button ${part}` });

const marked = (path: string, text: HTMLElement, attributes: Readonly<Record<string, string>> = {}): HTMLElement => {
  const icon = draw("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, draw("path", { d: path }));
  return make("div", { class: "marked", ...attributes }, icon, text);
};

export class CodeView {
  readonly copyButton = button("copy-button");
  readonly buttons: ReadonlyMap<LinkingAction, HTMLButtonElement>;
  readonly code = make("div", { part: "code", translate: "no", dir: "ltr" });
  readonly choices = make("div", { part: "choices" });
  readonly base: HTMLElement;

  readonly #heading = make("div", { part: "heading", id: "heading", role: "heading" });
  readonly #account = make("div", { part: "account" });
  readonly #instructions = make("div", { part: "instructions", id: "instructions" });
  readonly #panel = make("div", { part: "panel" });
  readonly #spelled = make("div", { class: "unseen" });
  readonly #dots = make("div", { class: "dots", "aria-hidden": "true", dir: "ltr" }, "••• •••");
  readonly #timer = make("div", { part: "timer", role: "timer", "aria-live": "off" });
  readonly #progress = draw("rect", { height: "1" });
  readonly #progressBar = draw("svg", { part: "progress", viewBox: "0 0 100 1", preserveAspectRatio: "none", "aria-hidden": "true" }, this.#progress);
  readonly #message = make("div", { part: "message" });
  readonly #errorLines = make("div");
  readonly #error = marked("M10 2 18.5 17H1.5zm0 6v4m0 2.5v.01", this.#errorLines, { part: "error" });
  // The regions are there before anything is said in them.
  readonly #alert = make("div", { role: "alert" }, this.#error);
  readonly #status = make("div", { part: "status", class: "unseen", role: "status", "aria-live": "polite" });
  readonly #success = make("div", { part: "success" });
  readonly #successTitle = make("div", { class: "title" });
  readonly #details = make("div", { part: "details" });
  readonly #actions = make("div", { part: "actions" });
  readonly #qrArea = make("div", { part: "qr-area", hidden: "" });
  readonly #warning = make("div", { part: "warning" });
  readonly #instructionsText: HTMLElement;
  readonly #warningText: HTMLElement;
  #drawnCode = "";
  #drawnQr: unknown;
  #spokenN = 0;

  constructor() {
    const [instructions, instructionsText] = slot("instructions");
    const [warning, warningText] = slot("warning");
    [this.#instructionsText, this.#warningText] = [instructionsText, warningText];
    this.#instructions.append(instructions);
    this.#warning.append(warning);
    this.#panel.append(this.#spelled, this.code, this.#dots, this.#timer, this.#progressBar);
    this.#success.append(marked("M18 10a8 8 0 1 1-16 0 8 8 0 0 1 16 0M6 10.5l3 3 5-6.5", this.#successTitle), this.#details, make("slot", { name: "success" }));
    this.buttons = new Map(ACTIONS.map((action) => [action, button(action === "new-code" ? "renew-button" : `${action}-button`)]));
    this.#actions.append(...this.buttons.values());
    this.buttons.get("finished")!.after(this.copyButton);
    this.base = make("div", { part: "base", role: "group", "aria-labelledby": "heading", "aria-describedby": "instructions", tabindex: "-1", hidden: "" },
      this.#heading, this.#account, this.#instructions, this.#panel, this.#message, this.#alert, this.#success, this.choices, this.#actions,
      this.#qrArea, this.#warning, make("slot", { name: "footer" }), this.#status);
  }

  /** `host`: whose attributes say how. `note`: what became of copying. `at`: when it was linked. */
  draw(snapshot: LinkingSnapshot, words: Words, host: Element, note: string, at: number, qr: Linking["qr"]): void {
    const { state } = snapshot;
    const coded = hasCode(snapshot);
    const busy = state === "requesting" || state === "checking";
    const shown = coded || busy;
    const told = shown || state === "idle";
    this.base.lang = words.lang;
    this.base.dir = words.dir;
    this.base.className = busy ? "busy" : state === "expiring" ? "soon" : "";
    this.#heading.setAttribute("aria-level", host.getAttribute("heading-level") ?? "2");
    setText(this.#heading, words.say("heading"));
    // After a link the sentence about it is the heading for the eyes.
    this.#heading.className = state === "linked" ? "unseen" : "";
    setLine(this.#account, snapshot.accountName ? words.say("account", { account: snapshot.accountName }) : "");
    setText(this.#instructionsText, words.say("instructions"));
    this.#instructions.hidden = !told;

    this.#drawCode(snapshot, host.getAttribute("spelling") === "plain");
    this.#panel.hidden = !shown;
    this.#drawTime(snapshot, words);
    setLines(this.#message, [stateSentence(snapshot, words), ...notices(snapshot, words), note].filter((line) => line));

    setLines(this.#errorLines, errorSentences(snapshot, words));
    this.#error.hidden = this.#errorLines.hidden;
    this.#success.hidden = state !== "linked";
    if (state === "linked") {
      setText(this.#successTitle, linkedSentence(snapshot, words));
      setLines(this.#details, linkedDetails(snapshot, words, at));
      this.#account.hidden = true;
    }
    this.#drawButtons(snapshot, words);
    void this.#drawQr(told && !snapshot.concealed ? qr : undefined, words);
    setText(this.#warningText, `${words.say("warning")} ${coded ? lasting(snapshot, words) : ""}`.trim());
    this.#warning.hidden = host.hasAttribute("no-warning") || !told;
  }

  /** What of the snapshot is to be spoken and was not yet. */
  speak(snapshot: LinkingSnapshot, words: Words): void {
    const { announce } = snapshot;
    if (!announce || announce.n === this.#spokenN) return;
    this.#spokenN = announce.n;
    this.say(spoken(snapshot, words));
  }

  /** A new element each time: the same words twice are heard twice. */
  say(text: string): void {
    if (text) this.#status.replaceChildren(make("span", {}, text));
  }

  /** Another linking counts its announcements anew. */
  forget(): void {
    this.#spokenN = 0;
    this.#status.replaceChildren();
  }

  /** The code leaves the document with whoever showed it. */
  wipe(): void {
    this.code.replaceChildren();
    this.#spelled.textContent = "";
    this.#drawnCode = "";
  }

  #drawCode({ code, groups, spelled, state, concealed }: LinkingSnapshot, plain: boolean): void {
    const shown = code !== undefined && !concealed;
    if (this.#drawnCode !== (code ?? "") || !shown) {
      this.wipe();
      this.#drawnCode = code ?? "";
      if (shown) {
        const parts = groups.length ? groups : [code];
        const spans = parts.map((group) => make("span", { part: "group" }, ...[...group].map((char) => make("span", { part: "char" }, char))));
        // Between groups a line may break; nothing is copied with it.
        this.code.append(...spans.flatMap((span, index) => (index ? [document.createElement("wbr"), span] : [span])));
        this.#dots.textContent = parts.map((group) => "•".repeat(group.length)).join(" ");
      }
    }
    this.code.hidden = !shown;
    this.code.className = `${state === "renewing" ? "old" : ""} ${groups.some((group) => group.length > 6) ? "long" : ""}`.trim();
    this.#dots.hidden = shown;
    // Spelled for screen readers, or the plain text for whoever reads it with fingers.
    const spell = shown && !plain;
    setText(this.#spelled, spell ? spelled.join(", ") : "");
    if (spell) this.code.setAttribute("aria-hidden", "true");
    else this.code.removeAttribute("aria-hidden");
  }

  #drawTime(snapshot: LinkingSnapshot, words: Words): void {
    const { expiresInMs, ageMs, progress } = snapshot;
    const made = ageMs === undefined || ageMs < 60_000 ? "" : words.say("made", { ago: words.distance(-ageMs) });
    const counts = hasCode(snapshot) && snapshot.state !== "renewing";
    setLine(this.#timer, !counts ? "" : expiresInMs === undefined ? made : words.say("expires", { time: words.remaining(expiresInMs) }));
    this.#progressBar.toggleAttribute("hidden", progress === undefined || !counts);
    this.#progress.setAttribute("width", String(Math.round((progress ?? 0) * 1000) / 10));
  }

  #drawButtons({ actions, state, code, error }: LinkingSnapshot, words: Words): void {
    setText(this.copyButton, words.say("copy"));
    this.copyButton.hidden = code === undefined || state === "renewing";
    const main = state === "expiring" || state === "expired" || state === "failed" || state === "limited" ? "new-code" : "finished";
    for (const [action, control] of this.buttons) {
      setText(control, words.say(action));
      // To keep a code is a question only while it is about to go.
      control.hidden = !actions.includes(action) || (action === "keep" && state !== "expiring");
      const plain = action === "cancel" || action === "close" || (action === "new-code" && state === "active");
      const weight = action === main || action === "start" || action === "sign-in" ? "main" : plain ? "plain" : "";
      if (control.className !== weight) control.className = weight;
    }
    const offered = (error?.choices ?? []).filter((choice) => choice !== "wait");
    const drawn = [...this.choices.children].map((child) => child.getAttribute("data-choice")).join();
    if (drawn !== offered.join()) {
      this.choices.replaceChildren(...offered.map((choice) => {
        const control = button("choice-button");
        control.setAttribute("data-choice", choice);
        return control;
      }));
    }
    for (const control of this.choices.children) setText(control, words.say(`choice-${control.getAttribute("data-choice") as LinkingChoice}`));
    this.choices.hidden = !offered.length;
    this.#actions.hidden = [...this.#actions.children].every((child) => (child as HTMLElement).hidden);
  }

  async #drawQr(qr: Linking["qr"], words: Words): Promise<void> {
    const area = this.#qrArea;
    const key = qr && [qr.text, words.lang, words.say("qr-label"), words.say("qr-caption")].join("\n");
    if (key === this.#drawnQr) return;
    this.#drawnQr = key;
    area.hidden = !qr;
    area.replaceChildren();
    if (!qr) return;
    // Loaded where there is one; meanwhile it may have been hidden again.
    const image = await import("./qr-image.js").catch(() => undefined);
    if (this.#drawnQr !== key) return;
    if (image) area.replaceChildren(...image.qrParts(qr, words));
    // Offline: the code is what counts.
    else area.hidden = true;
  }
}
