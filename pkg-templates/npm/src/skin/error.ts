// The one error class. It is not exported by the package: users tell it by its brand, and TypeScript by its kinds.
import type { ErrorKind, PlayerLinkError } from "../api/errors.js";
import type { ErrorView } from "../boundary.js";
import { attempt } from "./attempt.js";

const brand = /* @__PURE__ */ Symbol.for("playerlink.error");

class PlayerLinkErrorClass extends Error {
  constructor(view: ErrorView) {
    super(view.message);
    const define = (key: PropertyKey, value: unknown, enumerable?: boolean) => {
      if (value !== undefined) Object.defineProperty(this, key, { value, enumerable: !!enumerable });
    };
    const { message: _, ...fields } = view.kind === "restricted" ? { ...view, restrictions: view.restrictions ?? [] } : view;
    // Enumerable, so that consoles and loggers show them; `undefined` fields stay away.
    for (const [key, value] of Object.entries(fields)) define(key, value, true);
    define("name", "PlayerLinkError");
    define(brand, true);
  }

  toJSON(): object {
    return { name: this.name, message: this.message, ...(this as object) };
  }
}

/** What callers without types pass may be anything. */
export const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

export const fail = (view: ErrorView): PlayerLinkError => new PlayerLinkErrorClass(view) as unknown as PlayerLinkError;

export const failure = (kind: ErrorKind, message: string): PlayerLinkError => fail({ kind, message });
/** What the caller did wrong. */
export const misuse = (message: string): PlayerLinkError => failure("misuse", message);

export const isPlayerLinkError = (error: unknown): error is PlayerLinkError =>
  isObject(error) && brand in error;

/** Whatever the core or the engine threw, as our error. */
export const toError = (thrown: unknown): PlayerLinkError => {
  if (isPlayerLinkError(thrown)) return thrown;
  const view = typeof thrown === "string" ? attempt(() => JSON.parse(thrown) as Partial<ErrorView>) : undefined;
  return typeof view?.kind === "string" && typeof view.message === "string"
    ? fail(view as ErrorView)
    : failure("internal", `unexpected failure inside playerlink; please report it (${String(thrown)})`);
};

export const cancelled = (): PlayerLinkError => failure("cancelled", "the signal was aborted");
