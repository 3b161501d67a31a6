// A gamepad as five buttons, for launchers on a couch. Polls only while one is plugged in: the API has no events for keys.

export type PadButton = "up" | "down" | "left" | "right" | "accept" | "back";

const FIRST_REPEAT_MS = 400;
const REPEAT_MS = 120;

/** Of the standard mapping: D-pad, left stick, the two lower face buttons. */
const held = (pad: Gamepad): PadButton | undefined => {
  const down = (index: number): boolean => pad.buttons[index]?.pressed ?? false;
  const [x = 0, y = 0] = pad.axes;
  if (down(12) || y < -0.6) return "up";
  if (down(13) || y > 0.6) return "down";
  if (down(14) || x < -0.6) return "left";
  if (down(15) || x > 0.6) return "right";
  if (down(0)) return "accept";
  return down(1) ? "back" : undefined;
};

export class PadWatch {
  readonly #press: (button: PadButton) => void;
  #frame = 0;
  #last: PadButton | undefined;
  #repeatAt = 0;

  constructor(press: (button: PadButton) => void) {
    this.#press = press;
  }

  start(): void {
    addEventListener("gamepadconnected", this.#wake);
    this.#wake();
  }

  stop(): void {
    removeEventListener("gamepadconnected", this.#wake);
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#last = undefined;
  }

  readonly #pads = (): Gamepad[] => [...(navigator.getGamepads?.() ?? [])].filter((pad) => pad !== null);

  readonly #wake = (): void => {
    if (!this.#frame && this.#pads().length) this.#frame = requestAnimationFrame(this.#look);
  };

  readonly #look = (now: number): void => {
    this.#frame = 0;
    const button = this.#pads().map(held).find((pressed) => pressed);
    const fresh = button !== this.#last;
    const repeats = !fresh && now >= this.#repeatAt && button !== "accept" && button !== "back";
    if (button && (fresh || repeats)) {
      this.#repeatAt = now + (fresh ? FIRST_REPEAT_MS : REPEAT_MS);
      this.#last = button;
      this.#press(button);
    }
    this.#last = button;
    this.#wake();
  };
}
