// A public key in few characters, as `ssh-keygen -l` shows it, so that two can be compared by eye.

import { hash } from "node:crypto";

/** `SHA256:…` of a key's line; what is none is told as such. */
export function fingerprintOf(line = ""): string {
  const [, text = ""] = line.split(" ");
  return text === "" ? "no key" : `SHA256:${hash("sha256", Buffer.from(text, "base64"), "base64").replace(/=+$/, "")}`;
}
