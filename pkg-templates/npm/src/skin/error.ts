// The one error class. It is not exported by the package: users tell it by its brand, and TypeScript by its kinds.
import type { PlayerLinkError } from "../api/errors.js";
import type { ErrorView } from "../boundary.js";

const brand = /* @__PURE__ */ Symbol.for("playerlink.error");

class PlayerLinkErrorClass extends Error {
  constructor(view: ErrorView) {
    super(view.message);
    const { kind } = view;
    // Enumerable, so that consoles and loggers show them; `undefined` fields stay away.
    for (const [key, value] of Object.entries(view)) {
      if (key !== "message" && value !== undefined) Object.defineProperty(this, key, { value, enumerable: true });
    }
    if (kind === "restricted" && !view.restrictions) Object.defineProperty(this, "restrictions", { value: [], enumerable: true });
    Object.defineProperty(this, "name", { value: "PlayerLinkError" });
    Object.defineProperty(this, brand, { value: true });
  }

  toJSON(): object {
    return Object.assign({ name: this.name, message: this.message }, this);
  }
}

export const fail = (view: ErrorView): PlayerLinkError => new PlayerLinkErrorClass(view) as unknown as PlayerLinkError;

export const isPlayerLinkError = (error: unknown): error is PlayerLinkError =>
  typeof error === "object" && error !== null && brand in error;

const viewOf = (thrown: unknown): Partial<ErrorView> | undefined => {
  try {
    return typeof thrown === "string" ? (JSON.parse(thrown) as Partial<ErrorView>) : undefined;
  } catch {
    return undefined;
  }
};

/** Whatever the core or the engine threw, as our error. */
export const toError = (thrown: unknown): PlayerLinkError => {
  if (isPlayerLinkError(thrown)) return thrown;
  const view = viewOf(thrown);
  return typeof view?.kind === "string" && typeof view.message === "string"
    ? fail(view as ErrorView)
    : fail({ kind: "internal", message: `unexpected failure inside playerlink; please report it (${String(thrown)})` });
};

export const cancelled = (): PlayerLinkError => fail({ kind: "cancelled", message: "the signal was aborted" });
