// `playerlink/link-code/define`: importing it registers both elements.
import { defineLinkCode } from "./index.js";

defineLinkCode();
