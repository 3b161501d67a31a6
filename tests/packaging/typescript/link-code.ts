// The elements as a page's own code sees them: by tag name, by class, with events whose details are typed.
import { defineLinkCode, PlayerlinkCodeElement, PlayerlinkCodeInputElement } from "playerlink/link-code";
import type { CodeRefusal, Linking, LinkingSource, LinkingState } from "playerlink/link-code";
import german from "playerlink/link-code/strings/de";
import "playerlink/link-code/define";

declare const linking: Linking;
declare const source: LinkingSource;

defineLinkCode();
const element = document.createElement("playerlink-code");
element.linking = linking;
element.strings = { heading: "Dein Code" };
element.strings = german;
element.addEventListener("playerlink-state-change", ({ detail }) => {
  const state: LinkingState = detail.state;
  console.log(state, detail.previous);
});
element.addEventListener("playerlink-before-renew", (event) => {
  if (event.detail.automatic) event.preventDefault();
});
element.addEventListener("playerlink-action", ({ detail: { action } }) => {
  if (action === "sign-in" || action === "switch") console.log(action);
  // @ts-expect-error nothing is called so
  if (action === "sing-in") console.log(action);
});
// @ts-expect-error a string is no linking
element.linking = "904217";
// @ts-expect-error no such sentence
element.strings = { header: "Dein Code" };

const other: PlayerlinkCodeElement = new PlayerlinkCodeElement();
other.options = { format: "digits8", concealed: true };
other.source = source;

const input = document.querySelector("playerlink-code-input");
if (input instanceof PlayerlinkCodeInputElement) {
  input.format = { alphabet: "0123456789", length: 9, groups: [3, 3, 3] };
  const refusal: CodeRefusal = "not-found";
  input.refusal = refusal;
  // @ts-expect-error not a refusal
  input.refusal = "wrong";
  console.log(input.value.length, input.form, input.validity.tooShort);
}
