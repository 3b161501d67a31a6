// `playerlink/link-code`: the classes, and defining them when asked. Importing it touches nothing, on a server either.
import { PlayerlinkCodeElement } from "./code-element.js";
import { PlayerlinkCodeInputElement } from "./input-element.js";
import { define } from "./tree.js";

export { PlayerlinkCodeElement, PlayerlinkCodeInputElement };

export const defineLinkCode = (registry?: CustomElementRegistry): void => {
  define("playerlink-code", PlayerlinkCodeElement, registry);
  define("playerlink-code-input", PlayerlinkCodeInputElement, registry);
};
