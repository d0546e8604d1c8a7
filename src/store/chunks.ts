// Many small things that are written again together, in pieces of a size at which each stands beside the log.

/** Pieces are read as a whole: small ones make reading cheap. Over what a blob begins at, so that they stand beside the log. */
const CHUNK_BYTES = 64 * 1024;

/** At least one of what is written again. */
export type Chunk<T> = readonly [T, ...T[]];

/** Pieces in order. @param sizeOf how much JSON one is, in bytes @param most so many pieces: in one change there is only so much room */
export function inChunks<T>(all: readonly T[], sizeOf: (one: T) => number, most: number): readonly Chunk<T>[] {
  const sizes = all.map(sizeOf);
  const bytes = Math.max(CHUNK_BYTES, Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / most));
  const chunks: [T, ...T[]][] = [];
  let room = 0;
  for (const [index, one] of all.entries()) {
    const chunk = chunks.at(-1);
    if (chunk === undefined || room <= 0) {
      chunks.push([one]);
      room = bytes;
    } else chunk.push(one);
    room -= sizes[index] ?? 0;
  }
  return chunks;
}
