// The tree against the definition of RFC 6962, written down once more as it stands there, and against its published example.

import { hash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { LeafTree, leafHash, rootBy, TreeRoot } from "../../src/ledger/merkle.ts";

const contents = (count: number): Buffer[] => Array.from({ length: count }, (_, index) => Buffer.from(`line ${index}\n`));

const treeOf = (leaves: readonly Buffer[]): TreeRoot => {
  const tree = new TreeRoot();
  for (const leaf of leaves) tree.add(leaf);
  return tree;
};

/** MTH(D[n]) of RFC 6962, section 2.1. */
function definition(entries: readonly Buffer[]): Buffer {
  const sha = (...parts: readonly Uint8Array[]): Buffer => hash("sha256", Buffer.concat(parts), "buffer");
  const [first] = entries;
  if (first === undefined) return sha();
  if (entries.length === 1) return sha(Buffer.of(0), first);
  let split = 1;
  while (split * 2 < entries.length) split *= 2;
  return sha(Buffer.of(1), definition(entries.slice(0, split)), definition(entries.slice(split)));
}

describe("the root", () => {
  test("is that of the definition for every number of leaves up to 130", () => {
    for (let count = 0; count <= 130; count++)
      expect(treeOf(contents(count).map(leafHash)).root().toString("hex"), `${count} leaves`).toBe(
        definition(contents(count)).toString("hex"),
      );
  });

  test("is that of the reference implementation for its eight entries", () => {
    const entries = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const tree = treeOf(entries.map((entry) => leafHash(Buffer.from(entry, "hex"))));
    expect(tree.root().toString("hex")).toBe("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
  });

  test("of a leaf is not that of a node with the same bytes", () => {
    const [left, right] = contents(2).map(leafHash);
    if (left === undefined || right === undefined) throw new RangeError("two leaves were made");
    expect(leafHash(Buffer.concat([left, right]))).not.toEqual(treeOf([left, right]).root());
  });
});

describe("a path", () => {
  test("leads from every leaf to the root, for every number of leaves up to 70", () => {
    for (let count = 1; count <= 70; count++) {
      const leaves = contents(count).map(leafHash);
      const tree = new LeafTree(leaves);
      const root = treeOf(leaves).root();
      for (const [index, leaf] of leaves.entries())
        expect(rootBy(tree.pathOf(index), leaf, index, count), `leaf ${index} of ${count}`).toEqual(root);
    }
  });

  test("leads nowhere when it is for another leaf, another place, another number of leaves, cut or longer", () => {
    const leaves = contents(13).map(leafHash);
    const [first] = leaves;
    if (first === undefined) throw new RangeError("thirteen leaves were made");
    const root = treeOf(leaves).root();
    const path = new LeafTree(leaves).pathOf(0);
    const wrong = [
      rootBy(path, leafHash(Buffer.from("another\n")), 0, 13),
      rootBy(path, first, 1, 13),
      rootBy(path, first, 0, 8),
      rootBy(path, first, 0, 17),
      rootBy(path.slice(1), first, 0, 13),
      rootBy([...path, first], first, 0, 13),
      rootBy(
        path.map((step) => step.subarray(1)),
        first,
        0,
        13,
      ),
      rootBy(path, first, 13, 13),
      rootBy(path, first, -1, 13),
    ];
    expect(wrong.filter((each) => each?.equals(root))).toEqual([]);
    expect(wrong.slice(4)).toEqual([undefined, undefined, undefined, undefined, undefined]);
  });
});
