// Typing a code without a keyboard, by gamepad or by the arrows of a remote control. Loaded with the `gamepad` attribute.
import { PadWatch, type PadButton } from "./gamepad.js";
import type { Words } from "./language.js";

export interface Field {
  readonly input: HTMLInputElement;
  readonly alphabet: string;
  readonly length: number;
  readonly words: Words;
  /** The text was changed by hand. */
  typed(): void;
  /** The caret went elsewhere. */
  moved(): void;
  say(text: string): void;
  /** Answers whether there was something to send. */
  submit(): boolean;
}

export class PadEntry {
  readonly #field: Field;
  readonly #watch = new PadWatch((button) => this.#press(button));

  constructor(field: Field) {
    this.#field = field;
    field.input.addEventListener("keydown", this.#key);
    this.#watch.start();
  }

  stop(): void {
    this.#field.input.removeEventListener("keydown", this.#key);
    this.#watch.stop();
  }

  readonly #key = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    this.#turn(event.key === "ArrowUp" ? 1 : -1);
    event.preventDefault();
  };

  #press(button: PadButton): void {
    const { input, submit } = this.#field;
    const root = input.getRootNode() as ShadowRoot;
    if (root.activeElement !== input) {
      // Somebody else's focus is not taken; where nobody has it, the pad enters.
      if (document.activeElement === document.body || document.activeElement === null) input.focus();
      return;
    }
    const at = input.selectionStart ?? 0;
    if (button === "up" || button === "down") this.#turn(button === "up" ? 1 : -1);
    else if (button === "back") input.blur();
    else if (button === "left") this.#move(at - 1);
    else if (button === "right" || !submit()) this.#move(at + 1);
  }

  /** The character under the caret becomes the next one of the alphabet. */
  #turn(by: 1 | -1): void {
    const { input, alphabet, length } = this.#field;
    if (input.readOnly || input.disabled) return;
    const at = Math.min(input.selectionStart ?? 0, length - 1);
    const character = input.value[at];
    const now = character === undefined ? (by > 0 ? -1 : 0) : alphabet.indexOf(character);
    input.value = input.value.slice(0, at) + alphabet[(now + by + alphabet.length) % alphabet.length] + input.value.slice(at + 1);
    this.#field.typed();
    this.#move(at);
  }

  #move(to: number): void {
    const { input, length, words } = this.#field;
    const at = Math.max(0, Math.min(to, input.value.length, length - 1));
    input.setSelectionRange(at, at);
    this.#field.moved();
    const character = input.value[at];
    const slots = { position: words.number(at + 1), count: words.number(length), character };
    this.#field.say(words.say(character === undefined ? "input-empty-cell" : "input-cell", slots));
  }
}
