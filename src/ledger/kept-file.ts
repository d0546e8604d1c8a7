// How the lines that compactions keep stand in their file: each as it stood in the log, byte for byte, behind a line that tells its address there. Every line is JSON. Pure.
//
//   {"kept":"<ledger id>"}\n                            what it is: lines of that ledger
//   "000000000001234"\n                                 the address of the line that follows
//   ["LLLLLLLL","CCCCCCCC",…]\n                         that line

import { join } from "node:path";
import type { LedgerFolder } from "./folder.ts";
import type { LogPoint } from "./scan.ts";
import { segmentFileName } from "./segment-name.ts";

/** Bytes of the line that tells an address. */
export const MARK_BYTES = 18;

/** The file of what is kept of the log before a point. */
export function keptPath(folder: LedgerFolder, { position, offset }: Pick<LogPoint, "position" | "offset">): string {
  return join(folder.kept, segmentFileName({ first: position + 1, base: offset }, ".jsonl"));
}

/** The first line of the file. */
export function keptHeader(ledger: string): Buffer {
  return Buffer.from(`${JSON.stringify({ kept: ledger })}\n`);
}

/** The line before a kept one. */
export function keptMark(address: number): Buffer {
  return Buffer.from(`"${String(address).padStart(15, "0")}"\n`, "latin1");
}

/** The address that a mark at the start of some bytes tells; `undefined` when there is none. */
export function readMark(bytes: Buffer): number | undefined {
  const [, digits] = MARK.exec(bytes.toString("latin1", 0, MARK_BYTES)) ?? [];
  return digits === undefined ? undefined : Number(digits);
}

/** Index of the first mark in some bytes that begins behind a newline; -1 when there is none as a whole. */
export function findMark(bytes: Buffer): number {
  const found = bytes.toString("latin1").search(MARK_BEHIND);
  return found < 0 ? -1 : found + 1;
}

const MARK = /^"(\d{15})"\n$/;
// No line of the log can imitate it: the text of a body has no newline.
const MARK_BEHIND = /\n"\d{15}"\n/;
