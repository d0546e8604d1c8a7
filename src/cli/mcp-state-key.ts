// The key with which `kindling mcp` signs what its questions carry along: a file of the project that only its owner can read, so that a question which was put before
// the server was killed can be answered after it was started again.

import { join } from "node:path";
import { ConfigError } from "../index.ts";
import { type PrivateFile, privateText } from "./private-file.ts";

const SHORTEST_BYTES = 32;
const FILE: PrivateFile = { noun: "key", otherwise: "Make its folder writable, or remove what stands there: it is made at random." };

/** The key file of a project. */
export function stateKeyFileOf(folder: string): string {
  return join(folder, ".kindling", "mcp-state-key");
}

/** Reads the key, or makes one. @throws ConfigError `bad_key`, `key_exposed`, `key_unreadable` */
export async function mcpStateKey(folder: string): Promise<string> {
  const path = stateKeyFileOf(folder);
  const { text } = await privateText(path, FILE);
  if (Buffer.byteLength(text) >= SHORTEST_BYTES) return text;
  throw new ConfigError("bad_key", `the key in the file ${path} has ${Buffer.byteLength(text)} bytes, and needs ${SHORTEST_BYTES}`, {
    fix: "Remove the file, and a new one is made.",
  });
}
