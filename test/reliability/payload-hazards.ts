// Values that JSON, or JavaScript, would change in silence, and those that only look like it; as values and as text.

import { sample } from "./seed.ts";

/** A value as a program gives it: recorded exactly as it is, or refused with its place. */
export interface ValueHazard {
  readonly name: string;
  readonly make: () => unknown;
  readonly is: "kept" | "refused";
}

/** A value as text or bytes, as a model or a caller writes it. `read` says that it is what JavaScript reads, which is not what was written. */
export interface TextHazard {
  readonly name: string;
  readonly text: string | Uint8Array;
  readonly is: "kept" | "refused" | "read";
}

class Money {
  readonly amount = 1;
}

const nested = (depth: number): unknown => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = { inner: value };
  return value;
};

const cycle = (): unknown => {
  const one: Record<string, unknown> = {};
  one["list"] = [{ one }];
  return one;
};

const trapped = (trap: keyof ProxyHandler<object>): object =>
  new Proxy(
    { price: 1 },
    {
      [trap]: () => {
        throw new Error("trapped");
      },
    },
  );

const sparse = (): unknown[] => {
  const list: unknown[] = [1];
  list[3] = 2;
  return list;
};

const getter = (get: () => unknown): object => Object.defineProperty({}, "price", { enumerable: true, get });

const longText = "x".repeat(sample(1, 64) * 1024 * 1024);
const keyCount = sample(10_000, 1_000_000);

const kept = (name: string, make: () => unknown): ValueHazard => ({ name, make, is: "kept" });
const refused = (name: string, make: () => unknown): ValueHazard => ({ name, make, is: "refused" });

export const VALUES: readonly ValueHazard[] = [
  kept("one byte", () => "x"),
  kept("a long text", () => longText),
  kept("many keys", () => Object.fromEntries(Array.from({ length: keyCount }, (_, index) => [`key ${index}`, index]))),
  kept("lone surrogates", () => ["\ud800", "\udc00x", "x\ud83d"]),
  kept("NUL", () => "a\u0000b"),
  kept("line separators", () => "\u2028\u2029\u0085\r\n"),
  kept("composed and decomposed, as two keys", () => ({ "\u00e9": 1, "e\u0301": 2 })),
  kept("names of what every object has", () => ({ constructor: 1, toString: 2, hasOwnProperty: 3, valueOf: null })),
  kept("odd keys", () => ({ "": 1, " ": 2, "a.b": 3, "[0]": 4, length: 5, blobs: { value: "x" } })),
  kept("no prototype", () => Object.assign(Object.create(null) as object, { a: 1 })),
  kept("a getter that gives", () => getter(() => 1)),
  kept("the largest safe integers", () => [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 5e-324, 1.7976931348623157e308]),
  kept("minus zero, which is zero", () => -0),
  kept("the same object twice", () => {
    const one = { a: 1 };
    return [one, one];
  }),
  kept("60 levels", () => nested(58)),
  refused("10,000 levels", () => nested(10_000)),
  refused("a bigint", () => 1n),
  refused("a date", () => new Date(0)),
  refused("an invalid date", () => new Date(Number.NaN)),
  refused("a map", () => new Map([["a", 1]])),
  refused("a set", () => new Set([1])),
  refused("bytes", () => new Uint8Array([1, 2])),
  refused("an error", () => new Error("no")),
  refused("a regular expression", () => /x/),
  refused("an instance", () => new Money()),
  refused("a boxed text", () => Object("x")),
  refused("something with toJSON", () => ({ toJSON: () => "other" })),
  refused("undefined in a list", () => [undefined]),
  refused("a hole in a list", sparse),
  refused("a function", () => () => 1),
  refused("a symbol", () => Symbol("x")),
  refused("NaN", () => Number.NaN),
  refused("infinity", () => Number.POSITIVE_INFINITY),
  refused("minus infinity", () => Number.NEGATIVE_INFINITY),
  refused("a cycle", cycle),
  refused("an own __proto__", () => JSON.parse('{"__proto__":{"polluted":true}}')),
  refused("a getter that throws", () =>
    getter(() => {
      throw new Error("trapped");
    }),
  ),
  refused("keys that throw", () => trapped("ownKeys")),
  refused("a prototype that throws", () => trapped("getPrototypeOf")),
  refused("a promise", () => Promise.resolve(1)),
  refused("a prototype without a constructor", () => Object.create(Object.create(null) as object)),
];

export const TEXTS: readonly TextHazard[] = [
  { name: "a key given twice: the last one counts", text: '{"a":1,"a":2}', is: "read" },
  { name: "2^53 + 1: the nearest number", text: "[9007199254740993]", is: "read" },
  { name: "minus zero", text: "-0", is: "kept" },
  { name: "a number beyond all", text: "[1e400]", is: "refused" },
  { name: "an own __proto__", text: '{"__proto__":{"polluted":true}}', is: "refused" },
  { name: "a constructor with a prototype", text: '{"constructor":{"prototype":{"polluted":true}}}', is: "kept" },
  { name: "10,000 levels", text: `${"[".repeat(10_000)}${"]".repeat(10_000)}`, is: "refused" },
  { name: "escaped lone surrogates", text: String.raw`["\ud800","\udc00x"]`, is: "kept" },
  { name: "escaped NUL", text: String.raw`"a\u0000b"`, is: "kept" },
  { name: "line separators", text: '"\u2028\u2029"', is: "kept" },
  { name: "a long text", text: JSON.stringify(longText.slice(0, 1024 * 1024)), is: "kept" },
  { name: "bytes that are no UTF-8", text: new Uint8Array([0x22, 0xc3, 0x28, 0xff, 0x22]), is: "refused" },
];
