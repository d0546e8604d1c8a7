// What indexes find values by, and the places it stands at in their lists: texts in whose order the values are. Pure.

import { InputError } from "../errors.ts";
import { KEY_LIMIT, shortly } from "./names.ts";

/** What an index finds values by. In an index, `null` stands before `false`, then `true`, then numbers, then texts by their UTF-16 code units, as `<` of JavaScript compares them. */
export type IndexValue = string | number | boolean | null;

/**
 * A part of an index: what lies between two ends, each of which may be left out; or texts that begin alike. It holds values of the kind of its ends only: `{ below: 7 }` is about numbers.
 * Without any member it is the whole index.
 */
export interface IndexRange {
  /** This value, and what is greater. */
  readonly from?: IndexValue;
  /** What is greater than this value. */
  readonly above?: IndexValue;
  /** This value, and what is less. */
  readonly to?: IndexValue;
  /** What is less than this value. */
  readonly below?: IndexValue;
  /** Texts that begin with this one. */
  readonly startsWith?: string;
}

/** Places of a list: from the first one on, and before the second one, where there is one. */
export interface PlaceRange {
  readonly from: string;
  readonly before?: string;
}

/** What the place of a value begins with: the kinds of values in their order. */
const KINDS = { null: "0", false: "1", true: "2", number: "3", text: "4" } as const;

/** Stands behind a place and before all that go on behind it: no place begins a part with it. */
const NEXT = "\u0001";

/** Stands behind all that go on behind a text. */
const LAST = "\uffff";

/** Units that a place must not hold, and those that tell of them: each is written so that the order stays. */
const ESCAPED: Readonly<Record<string, string>> = {
  "\u0000": "\u0002\u0003",
  "\u0001": "\u0002\u0004",
  "\u0002": "\u0002\u0005",
  "\ufffe": "\ufffe\u0003",
  "\uffff": "\ufffe\u0004",
};

// oxlint-disable-next-line no-control-regex -- those are what is meant
const UNFIT = /[\u0000-\u0002\ufffe\uffff]/g;

/** The place of a value in a list: places are in the order of the values. @throws InputError `bad_index_value` */
export function indexPlace(store: string, index: string, value: unknown): string {
  if (value === null) return KINDS.null;
  if (typeof value === "boolean") return value ? KINDS.true : KINDS.false;
  if (typeof value === "number" && Number.isFinite(value)) return KINDS.number + ascending(value);
  if (typeof value === "string" && value.length <= KEY_LIMIT && value.isWellFormed()) return KINDS.text + escaped(value);
  throw new InputError("bad_index_value", `${store}: ${shown(value)} cannot stand in the index "${index}"`, {
    fix: `Give a text of at most ${KEY_LIMIT} characters, a number, true, false or null; a list of them; or undefined for none.`,
    details: { store, index },
  });
}

/** The places of one value, or of a range. @throws InputError `bad_index_value`, `bad_range` */
export function placesOf(store: string, index: string, wanted: IndexValue | IndexRange): PlaceRange {
  if (typeof wanted !== "object" || wanted === null || Array.isArray(wanted)) {
    const place = indexPlace(store, index, wanted);
    return { from: place, before: place + NEXT };
  }
  const { from, above, to, below, startsWith, ...unknown } = wanted;
  const bad = (what: string): InputError =>
    new InputError("bad_range", `${store}: a part of the index "${index}" ${what}`, {
      fix: "Give from or above for its beginning, to or below for its end: { from: 1, below: 7 }; or startsWith for texts.",
      details: { store, index },
    });
  // A date has no members of its own, and would be the whole index.
  const prototype: unknown = Object.getPrototypeOf(wanted);
  if (prototype !== Object.prototype && prototype !== null) throw bad("is no plain object");
  const [strange] = Object.keys(unknown);
  if (strange !== undefined) throw bad(`has ${shortly(strange)}, which means nothing`);
  if (from !== undefined && above !== undefined) throw bad("has two beginnings");
  if (to !== undefined && below !== undefined) throw bad("has two ends");
  if (startsWith !== undefined) {
    if ([from, above, to, below].some((end) => end !== undefined)) throw bad("has ends besides startsWith");
    if (typeof startsWith !== "string") throw bad("startsWith no text");
    const place = indexPlace(store, index, startsWith);
    return { from: place, before: place + LAST };
  }
  const [least, most] = [from === undefined ? above : from, to === undefined ? below : to].map((end) =>
    end === undefined ? undefined : indexPlace(store, index, end),
  );
  const kinds = [least, most].flatMap((place) => (place === undefined ? [] : kindOf(place)));
  if (kinds.length === 2 && kinds[0] !== kinds[1]) throw bad("has ends of two kinds");
  const [kind] = kinds;
  if (kind === undefined) return { from: "" };
  return {
    from: least === undefined ? kind.first : from === undefined ? least + NEXT : least,
    before: most === undefined ? kind.behind : to === undefined ? most : most + NEXT,
  };
}

/** Of what kind a place is: where the kind begins, and what stands behind it. `false` and `true` are of one kind. */
function kindOf(place: string): { readonly first: string; readonly behind: string } {
  const kind = place.charAt(0);
  return KIND_RANGES.find(({ first, behind }) => first <= kind && kind < behind) ?? WHOLE;
}

const WHOLE = { first: "", behind: LAST };
const KIND_RANGES = [
  { first: KINDS.null, behind: KINDS.false },
  { first: KINDS.false, behind: KINDS.number },
  { first: KINDS.number, behind: KINDS.text },
  { first: KINDS.text, behind: LAST },
];

const SIGN = 0x8000000000000000n;
const ALL = 0xffffffffffffffffn;
const DIGITS = 16;

/** A number as 16 hexadecimal digits: its bits, turned so that their order is that of the numbers. */
function ascending(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  // There is one zero.
  view.setFloat64(0, value === 0 ? 0 : value);
  const bits = view.getBigUint64(0);
  return (bits < SIGN ? bits | SIGN : bits ^ ALL).toString(16).padStart(DIGITS, "0");
}

function escaped(text: string): string {
  return text.replace(UNFIT, (unit) => ESCAPED[unit] ?? unit);
}

function shown(value: unknown): string {
  return typeof value === "number" ? `${value}` : shortly(value);
}
