// `playerlink/terminal`: the same snapshots and the same sentences as the element, on a terminal.
import type { LinkCodeStrings } from "../../api/link-code-strings.js";
import type { Linking, LinkingSnapshot, LinkingState } from "../../api/linking.js";
import type { renderLinking as declaredRender, showLinking as declaredShow, TerminalOptions, TerminalOutput } from "../../api/terminal.js";
import { loadStrings, Words } from "../link-code/language.js";
import { errorSentences, hasCode, lasting, linkedDetails, linkedSentence, notices, spoken, stateSentence } from "../link-code/sentences.js";
import { halfBlocks, qrColumns } from "./half-blocks.js";

const ENDS: ReadonlySet<LinkingState> = new Set(["linked", "cancelled"]);
const HIDE_CURSOR = "\u001b[?25l";
const SHOW_CURSOR = "\u001b[?25h";
const bold = (text: string): string => `\u001b[1m${text}\u001b[22m`;

// Isolates are for documents; terminals draw them as boxes.
const bare = (text: string): string => text.replace(/[\u2066-\u2069]/g, "");

type RenderOptions = Parameters<typeof declaredRender>[1];

const codeLine = ({ groups, code, spelled, concealed }: LinkingSnapshot, screenReader: boolean): string =>
  concealed || code === undefined ? "" : screenReader ? spelled.join(", ") : groups.length ? groups.join(" ") : code;

const lines = (snapshot: LinkingSnapshot, words: Words, options: Omit<RenderOptions, "strings">): string[] => {
  const { state, accountName: account, expiresInMs } = snapshot;
  const { qr, plain = false, screenReader = false, ascii = false, columns = 80, rows = 24 } = options;
  const strong = (text: string): string => (plain || screenReader ? text : bold(text));
  const out: string[] = [];
  const coded = hasCode(snapshot);
  if (state === "linked") {
    return [strong(linkedSentence(snapshot, words)), ...linkedDetails(snapshot, words, Date.now())].map(bare);
  }
  if (coded) {
    out.push(strong(words.say("heading")));
    if (account) out.push(words.say("account", { account }));
    out.push(words.say("instructions"), "");
    const code = codeLine(snapshot, screenReader);
    if (code) out.push(`    ${strong(code)}`, "");
    if (expiresInMs !== undefined && !plain && !screenReader) out.push(words.say("expires", { time: words.remaining(expiresInMs) }));
  }
  const said = stateSentence(snapshot, words);
  if (said) out.push(said);
  out.push(...notices(snapshot, words), ...errorSentences(snapshot, words));
  if (coded && qr) {
    // As many columns and rows as the window has: half a code is none.
    const fits = qrColumns(qr.size, ascii) <= columns && (qr.size + 8) / (ascii ? 1 : 2) + out.length + 4 <= rows;
    if (!plain && !screenReader && !snapshot.concealed && fits) out.push("", ...halfBlocks(qr, ascii));
    out.push(words.say("open-page", { url: qr.text }));
  }
  if (coded) {
    out.push(words.say("warning"));
    const stays = lasting(snapshot, words);
    if (stays) out.push(stays);
  }
  return out.map(bare);
};

export const renderLinking: typeof declaredRender = (snapshot, { strings, ...options }) => lines(snapshot, new Words(strings), options);

const isPlain = ({ plain, screenReader }: TerminalOptions, output: TerminalOutput, env: Readonly<Record<string, string | undefined>>): boolean =>
  plain ?? (Boolean(screenReader) || !output.isTTY || Boolean(env["NO_COLOR"]) || env["TERM"] === "dumb");

export const showLinking: typeof declaredShow = async (linking, options = {}) => {
  const output: TerminalOutput = options.output ?? globalThis.process.stdout;
  const env = options.env ?? globalThis.process.env;
  const plain = isPlain(options, output, env);
  const lang = options.lang ?? new Intl.DateTimeFormat().resolvedOptions().locale;
  const strings: LinkCodeStrings = { ...(await loadStrings(lang)), ...options.strings };
  const words = new Words(strings);
  let stopped = false;
  let unsubscribe = (): void => {};
  const face = plain ? plainFace(linking, output, words, options) : drawnFace(linking, output, words, options);
  const stop = (): void => {
    if (stopped) return;
    stopped = true;
    unsubscribe();
    face.end();
  };
  unsubscribe = linking.subscribe((snapshot) => {
    if (stopped) return;
    face.see(snapshot);
    // What comes after a link is the session's refresh.
    if (ENDS.has(snapshot.state) && snapshot.refresh !== "running") stop();
  });
  if (stopped) unsubscribe();
  return { stop };
};

interface Face {
  see(snapshot: LinkingSnapshot): void;
  end(): void;
}

/** Lines, each once: what is there when a code or a state comes, and what a screen reader would be told. */
const plainFace = (linking: Linking, output: TerminalOutput, words: Words, { screenReader = false }: TerminalOptions): Face => {
  let shown = "";
  let heard = 0;
  return {
    see(snapshot) {
      const code = codeLine(snapshot, false);
      const key = `${snapshot.state === "expiring" ? "active" : snapshot.state}\n${code}\n${snapshot.error?.kind ?? ""}`;
      const fresh = key !== shown;
      const { announce } = snapshot;
      const said = announce && announce.n !== heard ? bare(spoken(snapshot, words)) : "";
      heard = announce?.n ?? heard;
      if (fresh) {
        const text = lines(snapshot, words, { qr: linking.qr, plain: true, screenReader });
        if (text.length) output.write(`${text.join("\n")}\n`);
      } else if (said) {
        output.write(`${said}\n`);
      }
      shown = key;
    },
    end() {},
  };
};

/** In place: the last drawing is gone over, when something has changed. */
const drawnFace = (linking: Linking, output: TerminalOutput, words: Words, { ascii = false }: TerminalOptions): Face => {
  let drawn = 0;
  let revision = -1;
  return {
    see(snapshot) {
      if (snapshot.revision === revision) return;
      revision = snapshot.revision;
      const { columns = 80, rows = 24 } = output;
      const text = lines(snapshot, words, { qr: linking.qr, columns, rows, ascii });
      if (!ENDS.has(snapshot.state)) text.push(words.say("stop-hint"));
      // A line that wraps would be counted as one.
      const height = text.reduce((sum, line) => sum + Math.max(1, Math.ceil(width(line) / columns)), 0);
      output.write(`${drawn ? `\u001b[${drawn}A\r` : HIDE_CURSOR}\u001b[J${text.join("\n")}\n`);
      drawn = height;
    },
    end() {
      output.write(SHOW_CURSOR);
    },
  };
};

/** Columns of a line: East Asian characters take two. */
const width = (line: string): number =>
  [...line.replace(/\u001b\[[\d;?]*[a-zA-Z]/g, "")].reduce((sum, character) => sum + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]/.test(character) ? 2 : 1), 0);
