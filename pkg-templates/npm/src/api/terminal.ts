// `playerlink/terminal`: a linking on a terminal, for launchers and tools in Node. It draws snapshots and decides nothing.
import type { Linking, LinkingSnapshot } from "./linking.js";
import type { LinkCodeStrings } from "./link-code-strings.js";

/** The parts of a stream that are used; `process.stdout` fits. */
export interface TerminalOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface TerminalOptions {
  /** Default: `process.stdout`. */
  output?: TerminalOutput;
  /** Default: `process.env`; `NO_COLOR` and `TERM` are read. */
  env?: Readonly<Record<string, string | undefined>>;
  /** BCP 47. Default: the language of the system. */
  lang?: string;
  /** Sentences of your own, on top of the language. */
  strings?: Partial<LinkCodeStrings>;
  /** Plain lines, each said once: no cursor, no colour, no QR code. Default: where the output is no terminal, with `NO_COLOR`, and with `TERM=dumb`. */
  plain?: boolean;
  /** Like `plain`, with the code spelled. */
  screenReader?: boolean;
  /** `##` in place of half blocks, for old code pages. */
  ascii?: boolean;
}

/**
 * Shows `linking` until it is linked or has ended, or until `stop` is called. Redraws when there is something new, not by
 * the clock.
 */
export declare function showLinking(linking: Linking, options?: TerminalOptions): Promise<{ stop(): void }>;

/** One snapshot as lines, without any control characters in `plain`. */
export declare function renderLinking(
  snapshot: LinkingSnapshot,
  options: { strings: LinkCodeStrings; qr?: Linking["qr"]; columns?: number; rows?: number; plain?: boolean; screenReader?: boolean; ascii?: boolean },
): string[];
