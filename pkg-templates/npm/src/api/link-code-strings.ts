// What `<playerlink-code>`, `<playerlink-code-input>` and the terminal say: whole sentences with named slots, `{like}` this.

/** A sentence that depends on a number: one text for each category of CLDR that the language has. */
export type PluralForms = Partial<Record<"zero" | "one" | "two" | "few" | "many", string>> & { other: string };

/** The keys of one language. What a player may do is called like the action, `error-…` like the error's kind. */
export type LinkCodeStringKey =
  | "heading" | "account" | "instructions" | "expires" | "made" | "hidden" | "warning" | "qr-label" | "qr-caption"
  | "start" | "new-code" | "keep" | "cancel" | "conceal" | "reveal" | "finished" | "sign-in" | "close"
  | "copy" | "copied" | "copy-failed"
  | "state-requesting" | "state-expiring" | "state-renewing" | "state-expired" | "state-checking" | "state-cancelled"
  | "retrying" | "other-link" | "other-link-name"
  | "linked" | "linked-platform" | "linked-name" | "linked-manual" | "linked-at"
  | "refresh-running" | "refresh-failed" | "not-you" | "undo-player" | "undo-support" | "undo-never"
  | "error" | "error-network" | "error-busy" | "error-limited" | "error-sign-in" | "error-denied" | "error-configuration"
  | "retry-at"
  | "conflict-platform-linked-elsewhere" | "conflict-main-has-this-platform" | "conflict-same-player"
  | "conflict-progression-conflict" | "conflict-restricted" | "conflict-agreements-needed" | "conflict-cool-down"
  | "conflict-last-method" | "conflict-other"
  | "choice-keep" | "choice-switch" | "choice-unlink-first" | "choice-accept-agreements" | "choice-support" | "choice-continue"
  | "say-shown" | "say-expires" | "say-renewed" | "say-not-yet"
  | "input-label" | "input-hint" | "input-warning" | "input-cell" | "input-empty-cell"
  | "input-empty" | "input-bad-character" | "input-bad-check-digit"
  | "refused" | "refused-not-found" | "refused-expired" | "refused-already-used" | "refused-busy" | "refused-network"
  | "open-page" | "stop-hint";

/** One language. `element.strings` takes any part of one, on top of the language that is loaded. */
export type LinkCodeStrings = Readonly<Record<LinkCodeStringKey, string>> & {
  /** BCP 47. */
  readonly lang: string;
  readonly dir: "ltr" | "rtl";
  readonly "input-too-short": PluralForms;
  readonly "input-too-long": PluralForms;
};

declare const strings: LinkCodeStrings;
export default strings;
