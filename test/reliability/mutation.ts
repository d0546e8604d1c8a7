// Bytes and texts that were damaged at random, as a seed repeats it.

/** Words that parsers and programs stumble over. */
const WORDS = [
  '"__proto__"',
  '"constructor"',
  "1e999",
  "-0",
  "9007199254740993",
  "null",
  "true",
  "[",
  "]",
  "{",
  "}",
  '"',
  ",",
  ":",
  "\\u0000",
  "\\ud800",
  "\n",
  "\r\n",
  "\u2028",
  "\ufeff",
  "[[[[[[[[",
  "0x10",
  "NaN",
  "undefined",
  '"a":',
  "//",
  "..",
  "%00",
  "%",
  "\u0000",
  "e308",
  "-",
  "\\",
];

/** A whole number from 0 to below a limit. */
export function below(random: () => number, limit: number): number {
  return Math.floor(random() * limit);
}

/** One of a list, which is not empty. */
export function oneOf<T>(random: () => number, list: readonly [T, ...T[]]): T {
  return list[below(random, list.length)] ?? list[0];
}

/** Random bytes. */
export function noise(random: () => number, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => below(random, 256)));
}

type Damage = (bytes: Buffer, random: () => number) => Buffer;

const cut = (bytes: Buffer, from: number, to: number, middle: Uint8Array = Buffer.alloc(0)) =>
  Buffer.concat([bytes.subarray(0, from), middle, bytes.subarray(to)]);

const DAMAGES: readonly [Damage, ...Damage[]] = [
  // A bit.
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    const at = below(random, Math.max(1, copy.length));
    copy[at] = (copy[at] ?? 0) ^ (1 << below(random, 8));
    return copy;
  },
  // The end.
  (bytes, random) => bytes.subarray(0, below(random, bytes.length + 1)),
  // A piece taken out, noise in its place, more noise, or the piece twice.
  (bytes, random) => {
    const from = below(random, bytes.length + 1);
    return cut(bytes, from, from + below(random, 64));
  },
  (bytes, random) => {
    const from = below(random, bytes.length + 1);
    const length = below(random, 64);
    return cut(bytes, from, from + length, noise(random, length));
  },
  (bytes, random) => Buffer.concat([bytes, noise(random, below(random, 300))]),
  (bytes, random) => {
    const from = below(random, bytes.length + 1);
    const to = from + below(random, 500);
    return cut(bytes, to, to, bytes.subarray(from, to));
  },
  // Words where none were.
  (bytes, random) => {
    const from = below(random, bytes.length + 1);
    const word = Buffer.from(WORDS[below(random, WORDS.length)] ?? "");
    return cut(bytes, from, from + below(random, 4), word);
  },
  // A number that is another one.
  (bytes, random) =>
    Buffer.from(
      bytes.toString("latin1").replace(/\d+/g, (digits) => (random() < 0.1 ? String(below(random, 1e9)) : digits)),
      "latin1",
    ),
  // Sectors that never came, or are not there at all.
  (bytes, random) => {
    const from = below(random, bytes.length + 1) & ~511;
    return cut(bytes, from, from + 512, Buffer.alloc(Math.min(512, Math.max(0, bytes.length - from)), random() < 0.5 ? 0 : 0xff));
  },
  (_bytes, random) => noise(random, below(random, 2_000)),
  () => Buffer.alloc(0),
];

/** Bytes with one to three damages. */
export function damaged(bytes: Uint8Array, random: () => number): Buffer {
  let result: Buffer = Buffer.from(bytes);
  for (let left = 1 + below(random, 3); left > 0; left--) result = oneOf(random, DAMAGES)(result, random);
  return result;
}
