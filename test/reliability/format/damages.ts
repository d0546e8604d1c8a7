// What is done to the bytes of a file: bits, sectors and lines. Pure; each gives the changed bytes with words that say what was done.

/** Changed bytes, and what was done to them. */
export interface Damaged {
  readonly bytes: Buffer;
  readonly deed: string;
  /** The bytes are whole, and of another ledger. */
  readonly isForeign?: boolean;
}

const SECTOR_BYTES = 512;

/** Every `step`-th bit flipped, from a bit on. */
export function* flips(bytes: Buffer, from: number, step: number): Generator<Damaged> {
  for (let bit = from; bit < bytes.length * 8; bit += step) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield { bytes: changed, deed: `bit ${bit} flipped` };
  }
}

/** Each sector zeroed, set to ones, and as it is in another file. Of a short file, the half of it is a sector. */
export function* sectors(bytes: Buffer, stale: Buffer | undefined): Generator<Damaged> {
  const size = Math.min(SECTOR_BYTES, Math.ceil(bytes.length / 2));
  for (let from = 0; from < bytes.length; from += size) {
    const to = Math.min(bytes.length, from + size);
    const fillings: readonly (readonly [string, Buffer | undefined])[] = [
      ["zeroed", Buffer.alloc(to - from)],
      ["set to ones", Buffer.alloc(to - from, 0xff)],
      ["stale", stale?.subarray(from, to)],
    ];
    for (const [deed, filling] of fillings) {
      if (filling === undefined || filling.length < to - from || filling.equals(bytes.subarray(from, to))) continue;
      yield {
        bytes: Buffer.concat([bytes.subarray(0, from), filling, bytes.subarray(to)]),
        deed: `sector at ${from} ${deed}`,
        isForeign: deed === "stale",
      };
    }
  }
}

/** Each line dropped, doubled, and exchanged with the next one. */
export function* lineSurgery(bytes: Buffer): Generator<Damaged> {
  const lines = linesIn(bytes);
  for (const [index, line] of lines.entries()) {
    yield { bytes: Buffer.concat(lines.toSpliced(index, 1)), deed: `line ${index} dropped` };
    yield { bytes: Buffer.concat(lines.toSpliced(index, 0, line)), deed: `line ${index} doubled` };
    const next = lines[index + 1];
    if (next !== undefined) yield { bytes: Buffer.concat(lines.toSpliced(index, 2, next, line)), deed: `line ${index} behind the next` };
  }
}

function linesIn(bytes: Buffer): readonly Buffer[] {
  const lines: Buffer[] = [];
  for (let from = 0; from < bytes.length; ) {
    const at = bytes.indexOf("\n", from);
    const to = at === -1 ? bytes.length : at + 1;
    lines.push(bytes.subarray(from, to));
    from = to;
  }
  return lines;
}
