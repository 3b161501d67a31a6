import { renderLinking, showLinking } from "playerlink/terminal";
import english from "playerlink/link-code/strings/en";
import type { Linking } from "playerlink/terminal";

declare const linking: Linking;

const shown = await showLinking(linking, { plain: true, lang: "pl", output: { write: (text) => text.length } });
shown.stop();
const lines: string[] = renderLinking(linking.snapshot, { strings: english, qr: linking.qr, columns: 80 });
console.log(lines);
// @ts-expect-error a number of columns is no text
renderLinking(linking.snapshot, { strings: english, columns: "80" });
export {};
