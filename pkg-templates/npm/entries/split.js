// A module whose code is in streams, one for each kind of number in it: opcodes, locals, offsets, constants, … Brotli and
// gzip find a tenth more in streams of like numbers than where all of them take turns (`cargo xtask size`).
// In the file, a custom section without a name holds the streams, in the place of the code section.

/** The streams, in their order in the file. */
export const OPCODES = 0;
const [GETS, SETS, LOADS, STORES, NUMBERS, LONGS, CALLS, LABELS, TARGETS, TYPES, LOCALS] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
export const REST = 12;
export const STREAMS = 13;

/** In which stream the number is that follows an opcode, for each range of opcodes that have one. */
const NONE = -1;
const OPERANDS = new Int8Array(256).fill(NONE);
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
  [0xd0, 0xd0, REST], // ref.null
  [0xd2, 0xd2, REST], // ref.func
]) {
  OPERANDS.fill(stream, first, last + 1);
}

/**
 * How loads and stores are aligned, from 0x28 on; other opcodes are not. Any other alignment is in REST, behind an opcode
 * UNALIGNED larger.
 */
export const ALIGNMENTS = new Int8Array(256).fill(NONE);
ALIGNMENTS.set([2, 3, 2, 3, 0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 2, 3, 2, 3, 0, 1, 0, 1, 2], 0x28);
export const UNALIGNED = 0xb0;

/** A number as WebAssembly writes it, from the bytes that `next` gives. */
export const number = (next, stream) => {
  let value = 0;
  for (let shift = 0, byte = 128; byte > 127; shift += 7) value |= ((byte = next(stream)) & 127) << shift;
  return value >>> 0;
};

/** Goes over the code of one function: `opcode()` and `next(stream)` take what comes next, and put it where it belongs. */
export const walk = (opcode, next) => {
  const numbers = (stream, count) => {
    for (; count > 0; count--) number(next, stream);
  };
  numbers(LOCALS, 2 * number(next, LOCALS));
  for (let depth = 1; depth > 0; ) {
    const code = opcode();
    if (OPERANDS[code] !== NONE) number(next, OPERANDS[code]);
    if (code > 0x01 && code < 0x05) depth++;
    else if (code === 0x0b) depth--;
    else if (code === 0x0e) numbers(TARGETS, number(next, TARGETS) + 1); // br_table
    else if (code === 0x11) numbers(REST, 2); // call_indirect
    else if (code === 0xfc) {
      // Conversions, and from 8 on what is done to whole ranges, with one operand or two.
      const bulk = number(next, REST);
      numbers(REST, bulk < 8 ? 0 : bulk < 15 && bulk % 2 === 0 ? 2 : 1);
    }
  }
};

/** The sections of a module: for each, `visit(id, content, whole)`. */
export const sections = (module, visit) => {
  for (let at = 8; at < module.length; ) {
    const start = at++;
    const length = number(() => module[at++]);
    visit(module[start], module.subarray(at, at + length), module.subarray(start, (at += length)));
  }
};

/** A number as WebAssembly writes it. */
export const leb = (value) => {
  const bytes = [];
  for (; value > 127; value >>>= 7) bytes.push((value & 127) | 128);
  return [...bytes, value];
};

/** The module that is split in `file`; another one comes back as it is. */
export const join = (file) => {
  const module = new Uint8Array(4 * file.length); // a byte becomes at most two, and a function's length is no longer than it
  let length = 0;
  const put = (bytes) => {
    module.set(bytes, length);
    length += bytes.length;
  };
  put(file.subarray(0, 8));
  sections(file, (id, content, whole) => {
    if (id !== 0 || content[0] !== 0) return put(whole);
    let at = 1; // behind the section's name
    const header = () => content[at++];
    put([10, ...leb(number(header))]);
    let functions = number(header);
    put(leb(functions));
    const places = Array.from({ length: STREAMS }, () => number(header)).map((length) => (at += length) - length);
    const body = new Uint8Array(module.length);
    let end;
    const take = (stream) => {
      if (places[stream] >= content.length) throw new RangeError("the module's file is damaged");
      return content[places[stream]++];
    };
    const next = (stream) => (body[end++] = take(stream));
    const opcode = () => {
      let code = take(OPCODES);
      const unaligned = code >= 0x28 + UNALIGNED && code <= 0x3e + UNALIGNED;
      if (unaligned) code -= UNALIGNED;
      body[end++] = code;
      if (unaligned) next(REST);
      else if (ALIGNMENTS[code] !== NONE) body[end++] = ALIGNMENTS[code];
      return code;
    };
    for (; functions > 0; functions--) {
      end = 0;
      walk(opcode, next);
      put(leb(end));
      put(body.subarray(0, end));
    }
  });
  return module.slice(0, length);
};
