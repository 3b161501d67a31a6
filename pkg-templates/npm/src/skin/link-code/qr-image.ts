// A QR code as SVG: dark on light whatever the page looks like, with the quiet zone inside. Inverted symbols and symbols
// without a zone on a dark page are not read by scanners.
import type { Linking } from "../../api/linking.js";
import type { Words } from "./language.js";
import { draw, make } from "./tree.js";

const QUIET = 4;

const image = (qr: NonNullable<Linking["qr"]>, label: string): SVGSVGElement => {
  const side = qr.size + 2 * QUIET;
  let path = "";
  for (let row = 0; row < qr.size; row++) {
    for (let column = 0; column < qr.size; column++) {
      const from = column;
      while (column < qr.size && qr.modules[row * qr.size + column]) column++;
      if (column > from) path += `M${from + QUIET} ${row + QUIET}h${column - from}v1h${from - column}z`;
    }
  }
  return draw(
    "svg",
    // Four pixels a module where the page says nothing.
    { part: "qr", role: "img", "aria-label": label, viewBox: `0 0 ${side} ${side}`, width: `${side * 4}`, height: `${side * 4}`, "shape-rendering": "crispEdges" },
    draw("rect", { width: `${side}`, height: `${side}`, fill: "#fff" }),
    draw("path", { d: path, fill: "#000" }),
  );
};

/** The symbol, and what it does as text: whoever cannot scan types or follows the link. */
export const qrParts = (qr: NonNullable<Linking["qr"]>, words: Words): Element[] => {
  const plain = qr.text.replace(/^https?:\/\//i, "").replace(/\/$/, "");
  // Only what a browser opens as a page becomes a link.
  const link = /^https?:\/\//i.test(qr.text)
    ? make("a", { part: "qr-link", href: qr.text, dir: "ltr", rel: "noreferrer", target: "_blank" }, plain)
    : make("span", { part: "qr-link", dir: "ltr" }, plain);
  return [
    image(qr, words.say("qr-label")),
    make("div", { part: "qr-text" }, make("div", { part: "qr-caption" }, words.say("qr-caption")), link),
  ];
};
