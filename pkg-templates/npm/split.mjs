// Splits a module's code into streams. entries/split.js joins them again, and says why.
import { CONST, CONSTS, FIRST_GETS, GET, OPCODES, RECENT, STREAMS, SWAPPED, constants, isAccess, join, leb, number, walk } from "./entries/split.js";

/** `module` as a file that takes an eighth less once it is compressed. */
export const split = (module) => {
  let at = 8;
  const byte = () => module[at++];
  let start;
  for (let id = 0, end = at; id !== 10; ) {
    start = at = end;
    id = byte();
    end = number(byte) + at;
  }
  const code = at;
  const streams = Array.from({ length: STREAMS }, () => []);
  const next = (stream) => {
    streams[stream].push(module[at]);
    return byte();
  };
  const recent = streams.map(() => []);
  const opcode = () => {
    let code = byte();
    if (code === GET && module[at] < 8) code = FIRST_GETS + byte();
    if (code !== CONST) {
      streams[OPCODES].push(SWAPPED[code]);
      if (isAccess(code)) at++;
      return code;
    }
    const from = at;
    number(byte);
    code = CONSTS[at - from];
    streams[OPCODES].push(code);
    const stream = constants(code, SWAPPED[module[at]]);
    const bytes = module.subarray(from, at);
    const place = stream < RECENT ? -1 : recent[stream].slice(0, 128).findIndex((earlier) => Buffer.compare(earlier, bytes) === 0);
    streams[stream].push(...(place < 0 ? bytes : [place]));
    if (place >= 0) recent[stream].splice(place, 1);
    recent[stream].unshift(bytes);
  };
  const functions = number(byte);
  for (let left = functions; left > 0; left--) {
    const length = number(byte);
    const end = at + length;
    walk(opcode, next);
    if (at !== end) throw new Error("entries/split.js does not know an opcode that is in this module");
  }
  const header = [start - 8, at - code, functions, ...streams.map((stream) => stream.length)].flatMap(leb);
  const section = Buffer.concat([[0], header, ...streams].map((part) => Buffer.from(part)));
  const front = Buffer.from([...module.subarray(0, 8), 0, ...leb(section.length)]);
  const file = Buffer.concat([front, section, module.subarray(8, start), module.subarray(at)]);
  if (Buffer.compare(join(file), module) !== 0) throw new Error("the module is another one once it is joined again; was it arranged?");
  return file;
};
