// Small JSON files beside the log, each with the hash of its own content: one that was changed or cut is noticed, and never half-believed.

import { hash } from "node:crypto";
import { isJsonObject, type JsonObject, parseJson } from "../json.ts";
import { type Disk, readFile, replaceFile } from "./disk.ts";
import { damagedFile } from "./refusals.ts";

/** What a file says; `undefined` when there is none. Throws `ledger_damaged` when it is not what was written; `fix` tells what to do then. */
export async function readChecked(disk: Disk, path: string, fix?: string): Promise<JsonObject | undefined> {
  const read = await readUnchecked(disk, path);
  if (read === undefined) return undefined;
  if (!read.isWhole) throw damagedFile(path, "is not what was written", fix);
  return read.content;
}

/** What a file says, and whether it is what was written. */
export async function readUnchecked(
  disk: Disk,
  path: string,
): Promise<{ readonly content: JsonObject; readonly isWhole: boolean } | undefined> {
  const bytes = await readFile(disk, path);
  if (bytes === undefined) return undefined;
  const text = bytes.toString("utf8");
  const value = parseJson(text);
  if (!isJsonObject(value)) return { content: {}, isWhole: false };
  const { sum, ...content } = value;
  // The text itself is compared, too: blanks and the order of members are part of what was written.
  return { content, isWhole: sum === sumOf(content) && `${JSON.stringify(value)}\n` === text };
}

/** Puts a file in place as a whole, durably. */
export async function writeChecked(disk: Disk, path: string, content: JsonObject): Promise<void> {
  await replaceFile(disk, path, encode(content));
}

/** Puts a file in place as a whole. A power cut may take it or leave it: for what is only true while this process lives. */
export async function writeFleeting(disk: Disk, path: string, content: JsonObject): Promise<void> {
  await replaceFile(disk, path, encode(content), { isDurable: false });
}

function encode(content: JsonObject): Buffer {
  return Buffer.from(`${JSON.stringify({ ...content, sum: sumOf(content) })}\n`);
}

function sumOf(content: JsonObject): string {
  return hash("sha256", JSON.stringify(content), "hex").slice(0, 32);
}
