// `playerlink/link-code/define-input`: registers `<playerlink-code-input>` alone, for pages that only take codes.
import { PlayerlinkCodeInputElement } from "./input-element.js";
import { define } from "./tree.js";

define("playerlink-code-input", PlayerlinkCodeInputElement);
