// `playerlink/link-code/define-code`: registers `<playerlink-code>` alone, for pages that only show codes.
import { PlayerlinkCodeElement } from "./code-element.js";
import { define } from "./tree.js";

define("playerlink-code", PlayerlinkCodeElement);
