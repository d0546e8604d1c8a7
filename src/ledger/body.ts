// The body of a line: a commit as compact JSON, with its large members taken out as blobs. Pure; shared by the file and the memory ledger.

import { hash } from "node:crypto";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../json.ts";
import { isReplacement } from "./replacement.ts";
import { BLOB_LIMIT_BYTES, type Commit, type Entry, type Head, type Replacement } from "./ledger.ts";
import { readSealedLine, type SealedLine } from "./sealed-line.ts";

/** A commit as it will stand in the log, and the blobs that must be durable before it is. */
export interface EncodedBody {
  readonly body: string;
  /** Bytes by their SHA-256. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

/** What a commit says, as it will stand in the log or be sealed in it, and the blobs that must be durable before it is. */
export interface EncodedContent {
  /** `"facts":[…],"head":{…}`: members of an object. */
  readonly members: string;
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

/** Writes what a commit says. */
export function encodeContent({ facts, head }: Commit): EncodedContent {
  const blobs = new Map<string, Uint8Array>();
  const texts = facts.map((fact) => encodeFact(fact, blobs)).join(",");
  return { members: `"facts":[${texts}]${head === undefined ? "" : `,"head":${JSON.stringify(head)}`}`, blobs };
}

/** Writes a commit as `{"run":…,"first":…,"time":…,"facts":[…],"head":{…}}`, with `"replaces":{…}` behind where it replaces something. */
export function encodeBody(commit: Commit, time: number, replaces?: Replacement): EncodedBody {
  const content = encodeContent(commit);
  const members = replaces === undefined ? content.members : `${content.members},"replaces":${JSON.stringify(replaces)}`;
  const { blobs } = content;
  return { body: `{"run":${JSON.stringify(commit.run)},"first":${commit.expected + 1},"time":${time},${members}}`, blobs };
}

/**
 * Reads a body back; large members are still blobs. `undefined` when the text is no commit, which a right checksum makes a fault of the writer.
 * Of a sealed one it gives what can be known without the key: a `ClosedEntry`.
 */
export function decodeBody(position: number, body: string): Entry | undefined {
  const value = parseJson(body);
  if (!isJsonObject(value)) return undefined;
  const sealed = readSealedLine(value);
  if (sealed !== undefined) return closedEntry(position, sealed, body);
  const { run, first, time, replaces } = value;
  const content = contentIn(value);
  if (typeof run !== "string" || typeof first !== "number" || typeof time !== "number" || content === undefined) return undefined;
  if (replaces === undefined) return { position, time, run, first, ...content };
  return isReplacement(replaces) ? { position, time, run, first, ...content, replaces } : undefined;
}

/** What a commit says, from its members. */
export function decodeContent(text: string): (Pick<Entry, "facts" | "head"> & { readonly names: readonly string[] }) | undefined {
  const value = parseJson(text);
  const content = isJsonObject(value) ? contentIn(value) : undefined;
  if (content === undefined || !isJsonObject(value)) return undefined;
  return { ...content, names: Array.isArray(value.names) ? value.names.filter((name) => typeof name === "string") : [] };
}

/** An entry whose content is sealed: its facts are counted, and the blobs they name are known, and nothing else. */
export interface ClosedEntry extends Entry {
  readonly sealed: SealedLine;
  /** The text the line was read from. */
  readonly body: string;
}

/** True for an entry that must be opened before its facts are any. */
export function isClosed(entry: Entry): entry is ClosedEntry {
  return "sealed" in entry;
}

function closedEntry(position: number, sealed: SealedLine, body: string): ClosedEntry {
  const { run, first, time, count, blobs, replaces } = sealed;
  const named = { blobs: Object.fromEntries(blobs.map((name, index) => [String(index), name])) };
  const facts = Array.from({ length: count }, (_, index): JsonObject => (index === 0 && blobs.length > 0 ? named : {}));
  return { position, time, run, first, facts, ...(replaces === undefined ? {} : { replaces }), sealed, body };
}

function contentIn({ facts, head }: JsonObject): Pick<Entry, "facts" | "head"> | undefined {
  if (!isFactList(facts)) return undefined;
  if (head === undefined) return { facts };
  return isHead(head) ? { facts, head } : undefined;
}

/** The blobs an entry names, by member, for every fact that has some. */
export function blobsOf(entry: Entry): readonly string[] {
  return entry.facts.flatMap((fact) =>
    isJsonObject(fact.blobs) ? Object.values(fact.blobs).filter((name) => typeof name === "string") : [],
  );
}

/** Puts the blobs back into the facts. `fetch` gives the bytes of a hash, or throws. */
export async function restoreBlobs(entry: Entry, fetch: (hash: string) => Promise<Uint8Array>): Promise<Entry> {
  if (!entry.facts.some((fact) => "blobs" in fact)) return entry;
  return { ...entry, facts: await Promise.all(entry.facts.map((fact) => restoreFact(fact, fetch))) };
}

function encodeFact(fact: JsonObject, blobs: Map<string, Uint8Array>): string {
  const text = JSON.stringify(fact);
  // One UTF-16 unit gives at most three bytes, so most facts are known to be small without being measured.
  if (text.length * 3 <= BLOB_LIMIT_BYTES || Buffer.byteLength(text) <= BLOB_LIMIT_BYTES) return text;
  const names: Record<string, string> = {};
  const members = Object.entries(fact).map(([name, value]): [string, JsonValue] => {
    const bytes = Buffer.from(JSON.stringify(value));
    if (bytes.length <= BLOB_LIMIT_BYTES) return [name, value];
    const blob = hash("sha256", bytes, "hex");
    blobs.set(blob, bytes);
    names[name] = blob;
    // The member keeps its place, so that the fact read back is the same text.
    return [name, null];
  });
  return Object.keys(names).length === 0 ? text : JSON.stringify(Object.fromEntries([...members, ["blobs", names]]));
}

async function restoreFact(fact: JsonObject, fetch: (hash: string) => Promise<Uint8Array>): Promise<JsonObject> {
  const { blobs, ...members } = fact;
  if (!isJsonObject(blobs)) return fact;
  const restored = Object.entries(members).map(async ([name, value]): Promise<[string, JsonValue]> => {
    const blob = blobs[name];
    if (typeof blob !== "string") return [name, value];
    return [name, parseJson(Buffer.from(await fetch(blob)).toString("utf8")) ?? null];
  });
  return Object.fromEntries(await Promise.all(restored));
}

function isFactList(value: JsonValue | undefined): value is readonly JsonObject[] {
  return Array.isArray(value) && value.length > 0 && value.every(isJsonObject);
}

function isHead(value: JsonValue): value is JsonObject & Head {
  if (!isJsonObject(value)) return false;
  const { open, keys, note, due, ranks } = value;
  const isTimed = due === undefined || typeof due === "number";
  const isRanked = ranks === undefined || (Array.isArray(ranks) && ranks.every(isRank));
  const isFound = Array.isArray(keys) && keys.every((key) => typeof key === "string");
  return typeof open === "boolean" && isFound && isJsonObject(note) && isTimed && isRanked;
}

function isRank(value: JsonValue): boolean {
  return isJsonObject(value) && typeof value["list"] === "string" && typeof value["place"] === "string";
}
