// How the files of a segment are called, and what is kept of it: after the position of its first commit and the address of its first byte. Pure.

/** Where a segment stands in the log. */
export interface SegmentPlace {
  /** Position of its first commit. */
  readonly first: number;
  /** Address of its first byte in the whole log. */
  readonly base: number;
}

/** The name of a segment's file of some kind. */
export function segmentFileName({ first, base }: SegmentPlace, ending: string): string {
  return `${String(first).padStart(12, "0")}-${String(base).padStart(15, "0")}${ending}`;
}

/** Reads such a name back; `undefined` for any other. */
export function placeInName(name: string, ending: string): SegmentPlace | undefined {
  const [, first, base] = (name.endsWith(ending) ? PLACE.exec(name.slice(0, -ending.length)) : null) ?? [];
  return first === undefined || base === undefined ? undefined : { first: Number(first), base: Number(base) };
}

const PLACE = /^(\d{12})-(\d{15})$/;
