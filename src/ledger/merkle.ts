// The hash tree of RFC 6962 over the lines of a segment: one root for all of them, and a short path that shows that a line is among them. Knows bytes only.

import { createHash, hash } from "node:crypto";

/** Bytes of every hash in the tree. */
export const HASH_BYTES = 32;

/** Steps a path has at most: more than any tree of a segment can need. */
export const PATH_LIMIT = 48;

/** The hash of a leaf. The first byte keeps a leaf from passing for a node. */
export function leafHash(content: Uint8Array): Buffer {
  if (content.length >= ROOM_BYTES) return createHash("sha256").update(LEAF).update(content).digest();
  room.set(LEAF, 0);
  room.set(content, 1);
  return hash("sha256", room.subarray(0, 1 + content.length), "buffer");
}

/** A tree that grows leaf by leaf, in memory that grows with the logarithm of their number. */
export class TreeRoot {
  /** Roots of whole subtrees, largest first. */
  #peaks: Peak[] = [];
  #leaves = 0;

  /** How many leaves there are. */
  get leaves(): number {
    return this.#leaves;
  }

  /** Adds a leaf by its hash. */
  add(leaf: Buffer): void {
    this.#leaves += 1;
    let peak: Peak = { leaves: 1, root: leaf };
    for (let left = this.#peaks.at(-1); left?.leaves === peak.leaves; left = this.#peaks.at(-1)) {
      this.#peaks.pop();
      peak = { leaves: left.leaves + peak.leaves, root: nodeHash(left.root, peak.root) };
    }
    this.#peaks.push(peak);
  }

  /** The root over the leaves so far. */
  root(): Buffer {
    const roots = this.#peaks.map((peak) => peak.root);
    return roots.length === 0 ? hash("sha256", "", "buffer") : roots.reduceRight((right, left) => nodeHash(left, right));
  }
}

/** A whole tree in memory, for paths: about 64 bytes for each leaf. */
export class LeafTree {
  /** The leaves, then the level above them, up to the root. A node without a partner rises as it is, which gives the same tree as RFC 6962. */
  readonly #levels: readonly (readonly Buffer[])[];

  constructor(leaves: readonly Buffer[]) {
    const levels: (readonly Buffer[])[] = [leaves];
    for (let level = leaves; level.length > 1; ) {
      level = levelAbove(level);
      levels.push(level);
    }
    this.#levels = levels;
  }

  /** The hashes that lead from a leaf to the root, from the bottom to the top. */
  pathOf(index: number): readonly Buffer[] {
    return this.#levels.slice(0, -1).flatMap((level, height) => level[(index >>> height) ^ 1] ?? []);
  }
}

/** The root that a leaf and its path lead to in a tree of so many leaves; `undefined` when the path cannot be one of that tree. */
export function rootBy(path: readonly Buffer[], leaf: Buffer, index: number, leaves: number): Buffer | undefined {
  if (index < 0 || index >= leaves || path.some((step) => step.length !== HASH_BYTES)) return undefined;
  let root = leaf;
  let taken = 0;
  for (let at = index, last = leaves - 1; last > 0; at >>>= 1, last >>>= 1) {
    // The last node of a level with no partner rises as it is.
    if (at === last && at % 2 === 0) continue;
    const step = path[taken];
    if (step === undefined) return undefined;
    root = at % 2 === 1 ? nodeHash(step, root) : nodeHash(root, step);
    taken += 1;
  }
  return taken === path.length ? root : undefined;
}

interface Peak {
  readonly leaves: number;
  readonly root: Buffer;
}

const LEAF = Buffer.of(0);
const NODE = Buffer.of(1);

/** Where what is hashed stands in one piece: hashing pieces one after the other costs twice as much as a line of usual length. */
const ROOM_BYTES = 16 * 1024;
const room = Buffer.alloc(ROOM_BYTES);

function nodeHash(left: Buffer, right: Buffer): Buffer {
  room.set(NODE, 0);
  room.set(left, 1);
  room.set(right, 1 + left.length);
  return hash("sha256", room.subarray(0, 1 + left.length + right.length), "buffer");
}

function levelAbove(level: readonly Buffer[]): readonly Buffer[] {
  const above: Buffer[] = [];
  for (let index = 0; index < level.length; index += 2) {
    const left = level[index];
    const right = level[index + 1];
    if (left !== undefined) above.push(right === undefined ? left : nodeHash(left, right));
  }
  return above;
}
