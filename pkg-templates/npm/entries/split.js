// A module whose code is in streams, one for each kind of number in it: opcodes, locals, offsets, constants, … Brotli and
// gzip find more in streams of like numbers than where all of them take turns (`cargo xtask size`).
// Such a file is WebAssembly with a custom section in front, without a name, in place of the code section:
//   where the code section belongs among the others, how long it is, how many functions it has, the lengths of the
//   streams, the streams.

/** How many streams there are: one of opcodes, those in `OPERANDS`, and these. */
export const STREAMS = 17;
export const OPCODES = 0;
const BYTES = 5; // i32.const of one byte …
const TARGETS = 9;
const LOCALS = 11;
const REST = 12;
const ADDED = 13; // … and where it is added to what is before it
/** i32.const of two bytes, then three, then more: what was there not long ago is how many others came since. */
export const RECENT = 14;

/**
 * The stream of the number that follows an opcode, from 0 on, in base 36: 1 local.get, 2 local.set and local.tee, 3 loads,
 * 4 stores, 6 i64.const, 7 call, 8 br and br_if, a types of blocks, c globals and the memory's size.
 */
const OPERANDS = [..."00aaa000000088007000000000000000122cccc033333333333333444444444cc06"].map((digit) => parseInt(digit, 36));

/** The hint how a load or store is aligned, one for each opcode from the first to the last (xtask/bindgen/src/arrange.rs). */
const ALIGNMENTS = [..."22220011001122222201012"].map(Number);
const FIRST_LOAD = 0x28;
export const isAccess = (opcode) => opcode >= FIRST_LOAD && opcode < 0x3f;

export const GET = 0x20;
export const CONST = 0x41;
/** In the file only: local.get of each of the first eight locals. */
export const FIRST_GETS = 0xe0;
/** In the file only: i32.const by how many bytes its number has. */
export const CONSTS = [, 0xff, 0xf1, 0xf2, 0xf3, 0xf3];
/**
 * Opcodes that are in the file in place of each other. For brotli, a byte's probability depends on in which of eight ranges
 * the two before it are (RFC 7932, 7.1), so that frequent ones are where there are few others.
 */
export const SWAPPED = Array.from({ length: 256 }, (_, opcode) => opcode);
for (const [one, other] of [[0x20, 0xef], [0x22, 0x91], [0x28, 0x9f], [0x29, 0x40], [0x6a, 0x00]]) {
  SWAPPED[one] = other;
  SWAPPED[other] = one;
}
/** The stream of an i32.const, by its opcode in the file and the one after it. */
export const constants = (code, following) => (code < 0xf4 ? code - CONSTS[2] + RECENT : following ? BYTES : ADDED);

/** A number as WebAssembly writes it, from the bytes that `next` gives. */
export const number = (next, stream) => {
  let value = 0;
  for (let shift = 0, byte = 128; byte > 127; shift += 7) value |= ((byte = next(stream)) & 127) << shift;
  return value;
};

/** Goes over the code of one function: `opcode()` and `next(stream)` take what comes next, and put it where it belongs. */
export const walk = (opcode, next) => {
  const numbers = (stream, count) => {
    for (; count > 0; count--) number(next, stream);
  };
  numbers(LOCALS, 2 * number(next, LOCALS));
  for (let depth = 1; depth > 0; ) {
    const code = opcode();
    if (OPERANDS[code]) number(next, OPERANDS[code]);
    if (code > 0x01 && code < 0x05) depth++;
    else if (code === 0x0b) depth--;
    else if (code === 0x0e) numbers(TARGETS, number(next, TARGETS) + 1); // br_table
    else if (code === 0x11) numbers(REST, 2); // call_indirect
    else if (code === 0xd0) number(next, REST); // ref.null
    else if (code === 0xfc) {
      // Conversions, and from 8 on what is done to whole ranges: memory.copy has two operands.
      const bulk = number(next, REST);
      numbers(REST, bulk < 8 ? 0 : bulk === 10 ? 2 : 1);
    }
  }
};

/** A number as WebAssembly writes it. */
export const leb = (value) => (value > 127 ? [(value & 127) | 128, ...leb(value >>> 7)] : [value]);

const damaged = () => new RangeError("the file is damaged");

/** The module that is split in `file`; another one comes back as it is. */
export const join = (file) => {
  let at = 8;
  const header = () => file[at++];
  if (header() !== 0) return file;
  const rest = number(header) + at;
  if (header() !== 0) return file; // a section with a name is another one
  const before = rest + number(header);
  const code = number(header);
  // What claims to be longer than it is or can become would take minutes, or gigabytes.
  if (rest > file.length || code > 8 * file.length) throw damaged();
  let functions = number(header);
  const places = Array.from({ length: STREAMS }, () => number(header)).map((length) => (at += length) - length);
  const recent = places.map(() => []);

  const module = new Uint8Array(file.length + code + 6);
  let length = 0;
  const put = (bytes) => {
    module.set(bytes, length);
    length += bytes.length;
  };
  put(file.subarray(0, 8));
  put(file.subarray(rest, before));
  put([10, ...leb(code), ...leb(functions)]);
  const body = new Uint8Array(code);
  let end = 0;
  const write = (byte) => (body[end++] = byte);
  const next = (stream) => {
    if (places[stream] >= rest) throw damaged();
    return write(file[places[stream]++]);
  };
  const opcode = () => {
    const code = SWAPPED[next(OPCODES)];
    body[end - 1] = code;
    if (isAccess(code)) body[end++] = ALIGNMENTS[code - FIRST_LOAD];
    if (code < FIRST_GETS || code === 0xfc) return code;
    body[end - 1] = code < FIRST_GETS + 8 ? GET : CONST;
    if (code < FIRST_GETS + 8) write(code - FIRST_GETS);
    else {
      const stream = constants(code, file[places[OPCODES]]);
      if (stream < RECENT) next(stream);
      else {
        // Where the number was written last.
        let [place] = file[places[stream]] < 128 ? recent[stream].splice(file[places[stream]++], 1) : [];
        recent[stream].unshift(end);
        number(place === undefined ? next : () => write(body[place++]), stream);
      }
    }
    return 1; // nop: nothing follows
  };
  for (; functions > 0; functions--) {
    const start = end;
    walk(opcode, next);
    put(leb(end - start));
    put(body.subarray(start, end));
  }
  put(file.subarray(before));
  return module.subarray(0, length);
};
