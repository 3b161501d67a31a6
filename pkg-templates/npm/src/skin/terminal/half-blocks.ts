// A QR code in characters: two modules a cell. Colours are set outright, dark on light: an inverted code is not read.

const QUIET = 4;
const DARK_ON_LIGHT = "\u001b[38;2;0;0;0;48;2;255;255;255m";
const RESET = "\u001b[0m";

/** Columns that the code needs. */
export const qrColumns = (size: number, ascii: boolean): number => (size + 2 * QUIET) * (ascii ? 2 : 1);

export const halfBlocks = ({ size, modules }: { size: number; modules: readonly boolean[] }, ascii = false): string[] => {
  const dark = (row: number, column: number): boolean =>
    row >= 0 && column >= 0 && row < size && column < size && modules[row * size + column] === true;
  const lines: string[] = [];
  for (let row = -QUIET; row < size + QUIET; row += ascii ? 1 : 2) {
    let line = "";
    for (let column = -QUIET; column < size + QUIET; column++) {
      const [upper, lower] = [dark(row, column), dark(row + 1, column)];
      line += ascii ? (upper ? "##" : "  ") : upper ? (lower ? "█" : "▀") : lower ? "▄" : " ";
    }
    lines.push(DARK_ON_LIGHT + line + RESET);
  }
  return lines;
};
