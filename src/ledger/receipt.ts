// A receipt: the lines of some streams as they stand in the log, with what it takes to check them without the ledger. Only its form is known here.

import { hash } from "node:crypto";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../json.ts";
import { HASH_BYTES, PATH_LIMIT } from "./merkle.ts";
import { readSeal, type Seal, sealJson } from "./seal.ts";

/** What a receipt holds. */
export interface ReceiptContent {
  /** Id of the ledger. */
  readonly ledger: string;
  /** The stream it is about. */
  readonly run: string;
  /** What is stated of the segments, one behind the other without a gap: the first one with a line, and those behind it that vouch for it. */
  readonly statements: readonly Seal[];
  /** In the order of the log. */
  readonly lines: readonly ReceiptLine[];
  /** Large values by the SHA-256 of their text; those that were left out are not among them. */
  readonly blobs: Readonly<Record<string, string>>;
}

/** A line of the log, and the hashes that lead from it to the root of its segment. */
export interface ReceiptLine {
  /** Byte for byte, without the end of the line. */
  readonly text: string;
  readonly path: readonly Buffer[];
}

/** The receipt as the text of its file. */
export function receiptText({ ledger, run, statements, lines, blobs }: ReceiptContent): string {
  const content = {
    receipt: VERSION,
    ledger,
    run,
    statements: statements.map(sealJson),
    lines: lines.map(({ text, path }) => ({ text, path: path.map((step) => step.toString("base64url")) })),
    blobs,
  };
  return `${JSON.stringify({ ...content, sum: sumOf(content) })}\n`;
}

/** Reads the text of a receipt; a string says why it is none. Every byte counts: a text that says the same in other words is none. */
export function readReceipt(text: string): ReceiptContent | string {
  const value = parseJson(text);
  if (!isJsonObject(value)) return "this is no receipt";
  const { sum, ...content } = value;
  if (content.receipt !== VERSION) return "this is no receipt, or one of another version";
  if (`${JSON.stringify(value)}\n` !== text || sum !== sumOf(content))
    return "the receipt is not what was written: a byte of it was changed";
  const { receipt: _, ledger, run, statements, lines, blobs, ...more } = content;
  if (typeof ledger !== "string" || typeof run !== "string" || Object.keys(more).length > 0) return FORM;
  const read = { statements: all(statements, readStatement), lines: all(lines, readLineOf), blobs: readBlobs(blobs) };
  if (read.statements === undefined || read.lines === undefined || read.blobs === undefined) return FORM;
  return { ledger, run, statements: read.statements, lines: read.lines, blobs: read.blobs };
}

const VERSION = 1;
const FORM = "the receipt has not the form of one";

function sumOf(content: JsonObject): string {
  return hash("sha256", JSON.stringify(content), "hex");
}

function readStatement(value: JsonValue): Seal | undefined {
  return isJsonObject(value) ? readSeal(value) : undefined;
}

function readLineOf(value: JsonValue): ReceiptLine | undefined {
  if (!isJsonObject(value) || typeof value.text !== "string" || Object.keys(value).length !== 2) return undefined;
  const path = all(value.path, readStep);
  return path === undefined || path.length > PATH_LIMIT ? undefined : { text: value.text, path };
}

function readStep(value: JsonValue): Buffer | undefined {
  const step = typeof value === "string" ? Buffer.from(value, "base64url") : undefined;
  return step?.length === HASH_BYTES && step.toString("base64url") === value ? step : undefined;
}

function readBlobs(value: JsonValue | undefined): Readonly<Record<string, string>> | undefined {
  if (!isJsonObject(value)) return undefined;
  const entries = Object.entries(value).flatMap(([name, text]) => (typeof text === "string" ? [[name, text] as const] : []));
  return entries.length === Object.keys(value).length ? Object.fromEntries(entries) : undefined;
}

/** Every one of a list, read; `undefined` when one cannot be. */
function all<T>(value: JsonValue | undefined, read: (each: JsonValue) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const list = (value as readonly JsonValue[]).flatMap((each) => read(each) ?? []);
  return list.length === value.length ? list : undefined;
}
