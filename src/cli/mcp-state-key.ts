// The key with which `kindling mcp` signs what its questions carry along: from the environment, or from a file of the project that only its owner can read. It stays the
// same, so a question that was put before the server was killed can be answered after it was started again.

import { join } from "node:path";
import { ConfigError } from "../index.ts";
import { type PrivateFile, privateText } from "./private-file.ts";

/** The variable of the environment that holds the key, for servers on several machines that answer for each other. */
export const STATE_KEY_VARIABLE = "KINDLING_MCP_STATE_KEY";

const SHORTEST_BYTES = 32;
const FILE: PrivateFile = {
  noun: "key",
  otherwise: `Make its folder writable, or put 32 characters or more of your own into ${STATE_KEY_VARIABLE}; what stands there may be removed: it is made at random.`,
};

/** The key file of a project. */
export function stateKeyFileOf(folder: string): string {
  return join(folder, ".kindling", "mcp-state-key");
}

/** Reads the key, or makes one. @throws ConfigError `bad_key`, `key_exposed`, `key_unreadable` */
export async function mcpStateKey(env: Readonly<Record<string, string | undefined>>, folder: string): Promise<string> {
  const given = env[STATE_KEY_VARIABLE];
  if (given !== undefined) return checked(given, `the variable ${STATE_KEY_VARIABLE}`, "Use what `openssl rand -hex 32` prints.");
  const path = stateKeyFileOf(folder);
  const { text } = await privateText(path, FILE);
  return checked(text, `the file ${path}`, "Remove the file, and a new one is made.");
}

function checked(key: string, place: string, fix: string): string {
  const length = Buffer.byteLength(key);
  if (length >= SHORTEST_BYTES) return key;
  throw new ConfigError("bad_key", `the key in ${place} has ${length} bytes, and needs ${SHORTEST_BYTES}`, { fix });
}
