// A module whose code is in streams, one for each kind of number in it: opcodes, locals, offsets, constants, … Brotli and
// gzip find a tenth more in streams of like numbers than where all of them take turns (`cargo xtask size`).
// Such a file is WebAssembly with a custom section in front, without a name, in place of the code section:
//   where the code section belongs among the others, how long it is, how many functions it has, the lengths of the
//   streams, the streams.

/** The streams, in their order in the file. */
export const OPCODES = 0;
const [GETS, SETS, LOADS, STORES, NUMBERS, LONGS, CALLS, LABELS, TARGETS, TYPES, LOCALS] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const REST = 12;
export const STREAMS = 13;

/** In which stream the number is that follows an opcode, for each range of opcodes that have one. */
const OPERANDS = [];
for (const [first, last, stream] of [
  [0x02, 0x04, TYPES], // block, loop, if
  [0x0c, 0x0d, LABELS], // br, br_if
  [0x10, 0x10, CALLS],
  [0x20, 0x20, GETS],
  [0x21, 0x22, SETS], // local.set, local.tee
  [0x23, 0x26, REST], // globals, tables
  [0x28, 0x35, LOADS],
  [0x36, 0x3e, STORES],
  [0x3f, 0x40, REST], // memory.size, memory.grow
  [0x41, 0x41, NUMBERS],
  [0x42, 0x42, LONGS],
  [0xd0, 0xd2, REST], // ref.null, ref.func; 0xd1 has none, and is not used
]) {
  for (let opcode = first; opcode <= last; opcode++) OPERANDS[opcode] = stream;
}

/** The hint how a load or store is aligned, from 0x28 on: one for each opcode (xtask/bindgen/src/arrange.rs). */
const ALIGNMENTS = "22220011001122222201012";
export const alignment = (opcode) => opcode > 0x27 && ALIGNMENTS[opcode - 0x28];

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
    else if (code === 0xfc) {
      // Conversions, and from 8 on what is done to whole ranges: memory.copy has two operands.
      const bulk = number(next, REST);
      numbers(REST, bulk < 8 ? 0 : bulk === 10 ? 2 : 1);
    }
  }
};

/** A number as WebAssembly writes it. */
export const leb = (value) => (value > 127 ? [(value & 127) | 128, ...leb(value >>> 7)] : [value]);

/** The module that is split in `file`; another one comes back as it is. */
export const join = (file) => {
  let at = 8;
  const header = () => file[at++];
  if (header() !== 0) return file;
  const rest = number(header) + at;
  at++; // the name's length
  const before = rest + number(header);
  const code = number(header);
  let functions = number(header);
  const places = Array.from({ length: STREAMS }, () => number(header)).map((length) => (at += length) - length);

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
  let end;
  const next = (stream) => {
    if (places[stream] >= rest) throw new RangeError("the file is damaged");
    return (body[end++] = file[places[stream]++]);
  };
  const opcode = () => {
    const code = next(OPCODES);
    if (alignment(code)) body[end++] = alignment(code);
    return code;
  };
  for (; functions > 0; functions--) {
    end = 0;
    walk(opcode, next);
    put(leb(end));
    put(body.subarray(0, end));
  }
  put(file.subarray(before));
  return module.subarray(0, length);
};
