// Snapshots as bytes: what is not just as it was written counts as not there.

import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { openSnapshot, sealSnapshot } from "../../src/host/snapshot.ts";

const content = { nodes: [{ value: { list: [1, 2] } }], waits: new Set([1]), journals: new Map([[0, [{ turn: 1 }]]]), none: undefined };

describe("a snapshot", () => {
  it("is read back as it was", () => {
    expect(openSnapshot("a", sealSnapshot("a", content))).toStrictEqual(content);
  });

  it("with a changed, missing or further byte anywhere is ignored", () => {
    const bytes = sealSnapshot("a", content);
    for (let place = 0; place < bytes.length; place++) {
      const changed = Uint8Array.from(bytes, (byte, index) => (index === place ? byte ^ 1 : byte));
      expect(openSnapshot("a", changed), `byte ${place}`).toBeUndefined();
      expect(openSnapshot("a", bytes.subarray(0, place)), `${place} bytes`).toBeUndefined();
    }
    expect(openSnapshot("a", Buffer.concat([bytes, Buffer.from([0])]))).toBeUndefined();
  });

  it("of something else, or of another format, is ignored", () => {
    expect(openSnapshot("b", sealSnapshot("a", content))).toBeUndefined();
    const other = Buffer.from(sealSnapshot("a", content));
    other.writeUInt32LE(999, 4);
    other.writeUInt32LE(crc32(other.subarray(4)), 0);
    expect(openSnapshot("a", other)).toBeUndefined();
  });

  it("gives values that cannot be changed, and what a fold changes can be", () => {
    const opened = openSnapshot("a", sealSnapshot("a", content)) as typeof content;
    expect([
      Object.isFrozen(opened.nodes[0]),
      Object.isFrozen(opened.nodes[0]?.value.list),
      Object.isFrozen(opened.journals.get(0)?.[0]),
    ]).toEqual([true, true, true]);
    opened.nodes.push({ value: { list: [] } });
    opened.waits.add(2);
    opened.journals.get(0)?.push({ turn: 2 });
    opened.none = undefined;
    expect([opened.nodes.length, opened.waits.size, opened.journals.get(0)?.length]).toEqual([2, 2, 2]);
  });
});
