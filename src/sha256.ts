// SHA-256 of text. Node's crypto module costs some milliseconds to load, so it waits for the first hash: whoever only defines contracts never pays.

let crypto: typeof import("node:crypto") | undefined;

/** SHA-256 of a text as 64 hexadecimal digits. */
export function sha256(text: string): string {
  crypto ??= process.getBuiltinModule("node:crypto");
  return crypto.hash("sha256", text, "hex");
}
