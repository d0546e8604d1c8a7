// Where the door of a ledger's folder is. Knows nothing of what passes through it.

import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { sha256 } from "../sha256.ts";

/** Unix socket paths end at 104 bytes on macOS and 108 on Linux. */
const PATH_LIMIT = 100;

/** Where the door of a ledger's folder is, the same for every process of this user. */
export function doorPath(folder: string): string {
  const name = sha256(folder).slice(0, 24);
  if (process.platform === "win32") return `\\\\.\\pipe\\kindling-${name}`;
  const inside = join(folder, "writer.sock");
  return Buffer.byteLength(inside) <= PATH_LIMIT ? inside : join(tmpdir(), `kindling-${userInfo().uid}`, `${name}.sock`);
}
