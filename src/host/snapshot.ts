// Something made of a stream, as bytes and back. Whatever is not just as it was written, or belongs to something else, counts as not there.

import { deserialize, serialize } from "node:v8";
import { crc32 } from "node:zlib";

/** Facts without a snapshot of them that a run may have at least. */
export const SNAPSHOT_FACTS = 512;

/** Raised whenever what stands in snapshots changes its form. */
const FORMAT = 4;

/** Checksum and format: four bytes each. */
const HEADER_BYTES = 8;

interface Sealed {
  /** What it is of, and by what: a run's plan for example. Other than expected, it is of no use. */
  readonly pin: string;
  readonly content: unknown;
}

/** Writes a value that may hold maps, sets and `undefined`. */
export function sealSnapshot(pin: string, content: unknown): Uint8Array {
  const body = serialize({ pin, content } satisfies Sealed);
  const bytes = Buffer.alloc(HEADER_BYTES + body.length);
  bytes.writeUInt32LE(FORMAT, 4);
  body.copy(bytes, HEADER_BYTES);
  bytes.writeUInt32LE(crc32(bytes.subarray(4)), 0);
  return bytes;
}

/** Reads it back, frozen as everything is that came from facts; undefined when it is damaged, of another format, or pinned to something else. */
export function openSnapshot(pin: string, bytes: Uint8Array): unknown {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < HEADER_BYTES || view.readUInt32LE(0) !== crc32(view.subarray(4)) || view.readUInt32LE(4) !== FORMAT) return undefined;
  const sealed = contentOf(view.subarray(HEADER_BYTES));
  if (sealed?.pin !== pin) return undefined;
  freeze(sealed.content, false);
  return sealed.content;
}

function contentOf(body: Buffer): Sealed | undefined {
  try {
    // The checksum vouches that `sealSnapshot` wrote it.
    return deserialize(body) as Sealed;
  } catch {
    // A newer Node wrote it in a form that this one does not read.
    return undefined;
  }
}

/** Objects with maps or sets in them are what a fold changes, and so are lists that stand in one of those or in a map. All else is values. */
function freeze(value: unknown, isInChanging: boolean): void {
  if (typeof value !== "object" || value === null || value instanceof Set || Object.isFrozen(value)) return;
  if (value instanceof Map) {
    for (const each of value.values()) freeze(each, true);
    return;
  }
  const members = Object.values(value) as readonly unknown[];
  const isChanging = Array.isArray(value) ? isInChanging : members.some((member) => member instanceof Map || member instanceof Set);
  for (const member of members) freeze(member, isChanging && !Array.isArray(value));
  if (!isChanging) Object.freeze(value);
}
