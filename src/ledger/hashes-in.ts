// The hashes that stand in a text as strings of their own: whoever keeps a blob beside the log writes its hash into a fact, and a copy of the fact needs the blob. Pure.

/** All strings of 64 hexadecimal digits, in their order. */
export function hashesIn(text: string): readonly string[] {
  return Array.from(text.matchAll(/"([0-9a-f]{64})"/g), ([, hash = ""]) => hash);
}
