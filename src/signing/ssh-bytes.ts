// Bytes as SSH writes them: a length, then what is told.

/** A field: four bytes of length, and the bytes themselves. */
export function sshString(content: string | Uint8Array): Buffer {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
