// The lines of an export that are no lines of the log: its header, its blobs and its end. Pure; knows texts.
//
//   {"kindling":"export","version":1,"ledger":"…","created":…,"from":1,"address":0,"group":0,"chain":"…","sum":"…"}
//   ["blob","<sha256>","<base64>"]            before the sync group that names it
//   ["LLLLLLLL","CCCCCCCC",…]                 lines of the log as they are, those that begin a segment included
//   {"end":…,"lines":…,"blobs":…,"chain":"…","sha256":"…"}   of everything before

import { hash } from "node:crypto";
import { isJsonObject, type JsonObject, parseJson } from "../json.ts";
import type { LogPoint } from "./scan.ts";

/** The edition of the format that is written; all up to it are read. */
export const EXPORT_VERSION = 1;

/** What the first line of an export says. */
export interface ExportHeader {
  readonly ledger: string;
  /** When the ledger was made, as its card says. */
  readonly created: number;
  /** The point before the first line: `position + 1` is the first commit. */
  readonly start: LogPoint;
}

/** What the last line of an export says. */
export interface ExportEnd {
  /** Position of the last commit. */
  readonly end: number;
  readonly lines: number;
  readonly blobs: number;
  readonly chain: string;
  /** Of all bytes before this line. */
  readonly sha256: string;
}

/** The first line. */
export function headerLine({ ledger, created, start }: ExportHeader): Buffer {
  const { offset: address, position, group, chain } = start;
  const content = { kindling: "export", version: EXPORT_VERSION, ledger, created, from: position + 1, address, group, chain };
  return lineOf({ ...content, sum: sumOf(content) });
}

/** What the first line says; its version when that is not known here; `undefined` when it is no first line. */
export function readHeaderLine(line: Buffer): ExportHeader | { readonly version: number } | undefined {
  const value = objectIn(line);
  if (value === undefined || value.kindling !== "export") return undefined;
  const { sum, ...content } = value;
  const { version, ledger, created, from, address, group, chain } = content;
  // A later format may sum up differently, so its number comes first.
  if (typeof version === "number" && version > EXPORT_VERSION) return { version };
  if (sum !== sumOf(content) || !lineOf(value).equals(line)) return undefined;
  if (typeof ledger !== "string" || typeof created !== "number" || typeof from !== "number") return undefined;
  if (typeof address !== "number" || typeof group !== "number" || typeof chain !== "string") return undefined;
  return { ledger, created, start: { offset: address, position: from - 1, group, chain } };
}

/** The last line. */
export function endLine({ end, lines, blobs, chain, sha256 }: ExportEnd): Buffer {
  return lineOf({ end, lines, blobs, chain, sha256 });
}

/** A blob. */
export function blobLine(name: string, bytes: Uint8Array): Buffer {
  return Buffer.from(
    `${BLOB_START}${name}","${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("base64")}"]\n`,
    "latin1",
  );
}

/** True for a line that begins as those of blobs do. */
export function isBlobLine(line: Buffer): boolean {
  return line.toString("latin1", 0, BLOB_START.length) === BLOB_START;
}

/** The blob of a line; `undefined` when it does not hold what it names. */
export function readBlobLine(line: Buffer): { readonly name: string; readonly bytes: Buffer } | undefined {
  const nameEnd = BLOB_START.length + NAME_LENGTH;
  const name = line.toString("latin1", BLOB_START.length, nameEnd);
  const bytes = Buffer.from(line.toString("latin1", nameEnd + 3, Math.max(nameEnd + 3, line.length - 3)), "base64");
  // Base64 has several texts for some bytes; only the one that is written is right.
  return hash("sha256", bytes, "hex") === name && blobLine(name, bytes).equals(line) ? { name, bytes } : undefined;
}

const BLOB_START = '["blob","';
const NAME_LENGTH = 64;

function lineOf(content: JsonObject): Buffer {
  return Buffer.from(`${JSON.stringify(content)}\n`);
}

function sumOf(content: JsonObject): string {
  return hash("sha256", JSON.stringify(content), "hex").slice(0, 32);
}

function objectIn(line: Buffer): JsonObject | undefined {
  const value = parseJson(line.toString("utf8"));
  return isJsonObject(value) ? value : undefined;
}
