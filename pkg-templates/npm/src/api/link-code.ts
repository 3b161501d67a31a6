// `playerlink/link-code`: two custom elements. Importing it defines nothing; `playerlink/link-code/define` does.
import type { CodeFormat, LinkingChoice, LinkingCore, Linking, LinkingEvidence, LinkingOptions, LinkingSnapshot, LinkingSource, LinkingState } from "./linking.js";
import type { LinkCodeStrings } from "./link-code-strings.js";

/**
 * `<playerlink-code>`: shows a linking code, from asking for it to the link. It draws snapshots and decides nothing.
 *
 * Attributes: `concealed` (starts hidden, hides again 15 s after each reveal), `spelling="plain"` (no spelled form for
 * screen readers), `copy-format="grouped"`, `heading-level` (1 to 6, default 2), `gamepad`, `no-warning`, `lang`.
 * The element sets `state`. Leaving the document cancels a code that is alive.
 */
export interface PlayerlinkCodeElement extends HTMLElement {
  /** What is drawn. Either give one, or give `source` and the element makes its own. */
  linking: Linking | undefined;
  /** Where codes come from. The module of linking is loaded when the element is in a document. */
  source: LinkingSource | undefined;
  /** For the linking made of `source`; set them before it. */
  options: LinkingOptions | undefined;
  /** The last snapshot drawn. Holds the code: keep it out of logs. */
  readonly snapshot: LinkingSnapshot | undefined;
  /** Any sentences of your own, on top of the loaded language. A whole language keeps the element from loading one. */
  strings: Partial<LinkCodeStrings> | undefined;
  /** Same as the attribute. */
  concealed: boolean;
  addEventListener<K extends keyof PlayerlinkCodeEventMap>(type: K, listener: (this: PlayerlinkCodeElement, event: PlayerlinkCodeEventMap[K]) => unknown, options?: boolean | AddEventListenerOptions): void;
  addEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | AddEventListenerOptions): void;
  removeEventListener<K extends keyof PlayerlinkCodeEventMap>(type: K, listener: (this: PlayerlinkCodeElement, event: PlayerlinkCodeEventMap[K]) => unknown, options?: boolean | EventListenerOptions): void;
  removeEventListener(type: string, listener: EventListenerOrEventListenerObject, options?: boolean | EventListenerOptions): void;
}

/** All of them bubble and are composed; none holds a code. */
export interface PlayerlinkCodeEventMap extends HTMLElementEventMap {
  "playerlink-state-change": CustomEvent<{ state: LinkingState; previous: LinkingState | undefined }>;
  "playerlink-code-shown": CustomEvent<{ renewed: boolean }>;
  "playerlink-code-expired": CustomEvent<undefined>;
  "playerlink-linked": CustomEvent<{ platform?: string; displayName?: string; evidence: LinkingEvidence; playerChanged: boolean }>;
  "playerlink-error": CustomEvent<{ kind: string; conflict?: string; retryable: boolean }>;
  "playerlink-copy": CustomEvent<{ ok: boolean }>;
  /** Cancelable. `automatic`: the code is about to expire; prevented, it is kept to its end and no new one is asked for. */
  "playerlink-before-renew": CustomEvent<{ automatic: boolean }>;
  /** A button that only the page can answer. */
  "playerlink-action": CustomEvent<{ action: "sign-in" | "close" | LinkingChoice }>;
}

/** Why a code that was sent was refused; the sentence comes from the strings. */
export type CodeRefusal = "not-found" | "expired" | "already-used" | "busy" | "network" | "other";

/**
 * `<playerlink-code-input>`: one field for a linking code, drawn as cells, part of its form like an `<input>`.
 *
 * Attributes: `name`, `required`, `disabled`, `readonly`, `format` (a preset of {@link CodeFormat}), `auto-submit`,
 * `fragment` (a name: `#name=…` of the address is taken as the value and removed from the address), `gamepad`,
 * `no-warning`, `lang`. Events: `input`, `change`, and `playerlink-complete` when what was typed can be sent.
 */
export interface PlayerlinkCodeInputElement extends HTMLElement {
  /** What was typed, normalised. Setting it replaces what was typed. */
  value: string;
  format: CodeFormat;
  /** Reads what is typed. Default: loaded from `playerlink/linking`. */
  core: Pick<LinkingCore, "readCode"> | undefined;
  /** Set it when your server refuses; the typed text stays. The next key clears it. */
  refusal: CodeRefusal | undefined;
  strings: Partial<LinkCodeStrings> | undefined;
  name: string;
  required: boolean;
  disabled: boolean;
  readonly form: HTMLFormElement | null;
  readonly validity: ValidityState;
  readonly validationMessage: string;
  readonly willValidate: boolean;
  readonly labels: NodeList;
  checkValidity(): boolean;
  reportValidity(): boolean;
  setCustomValidity(message: string): void;
}

export interface PlayerlinkCodeInputEventMap {
  /** Every character is there and none is wrong. */
  "playerlink-complete": CustomEvent<undefined>;
}

export declare const PlayerlinkCodeElement: { new (): PlayerlinkCodeElement; readonly prototype: PlayerlinkCodeElement };
export declare const PlayerlinkCodeInputElement: { new (): PlayerlinkCodeInputElement; readonly prototype: PlayerlinkCodeInputElement };

/** `<playerlink-code>` and `<playerlink-code-input>`, unless something is defined by these names already. */
export declare function defineLinkCode(registry?: CustomElementRegistry): void;

declare global {
  interface HTMLElementTagNameMap {
    "playerlink-code": PlayerlinkCodeElement;
    "playerlink-code-input": PlayerlinkCodeInputElement;
  }
}
