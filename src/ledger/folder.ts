// The folder of a ledger: what lies where, the card `ledger.json` that says what it is, and whether it is safe to use. Knows no lines.

import { basename, dirname, join } from "node:path";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import { type Disk, ensureFolder, readFile, replaceFile } from "./disk.ts";
import { damagedFile, missing, tooNew, unsafe } from "./refusals.ts";

/** Paths inside a ledger folder. */
export interface LedgerFolder {
  readonly path: string;
  /** Format, version and id; written last when a ledger is made, so a folder without it holds no ledger. */
  readonly card: string;
  /** The lock, never anything else. */
  readonly lock: string;
  /** Who writes: for people, and only as true as the lock says. */
  readonly writer: string;
  /** How far the log was known to be durable: of every close, and every so often. */
  readonly witness: string;
  readonly segments: string;
  readonly blobs: string;
  readonly quarantine: string;
}

/** What `ledger.json` says. */
export interface LedgerCard {
  readonly format: typeof FORMAT;
  readonly version: number;
  readonly id: string;
  readonly created: number;
}

/** Where a file ledger lies, and through what it is reached. */
export interface LedgerSite {
  readonly disk: Disk;
  readonly folder: LedgerFolder;
  readonly newId: () => string;
}

const FORMAT = "kindling-ledger";
const VERSION = 1;

/** The paths of a ledger at a place. */
export function ledgerFolder(path: string): LedgerFolder {
  return {
    path,
    card: join(path, "ledger.json"),
    lock: join(path, "writer.lock"),
    writer: join(path, "writer.json"),
    witness: join(path, "head.json"),
    segments: join(path, "segments"),
    blobs: join(path, "blobs"),
    quarantine: join(path, "quarantine"),
  };
}

/** Refuses a folder in which others could have put or changed something. */
export async function requireSafe(disk: Disk, { path }: LedgerFolder): Promise<void> {
  const item = await disk.inspect(path);
  if (item === undefined) throw missing(path);
  if (item.ownedByOther) throw unsafe(path, "belongs to another user", "Use a folder of your own, or run as its owner.");
  if (item.writableByOthers) throw unsafe(path, "can be written by other users", `Run: chmod go-w ${path}`);
}

/** The card, or `undefined` when the folder holds no ledger. */
export async function readCard(disk: Disk, folder: LedgerFolder): Promise<LedgerCard | undefined> {
  const card = await readJson(disk, folder.card);
  if (card === undefined) return undefined;
  const { format, version, id, created } = card;
  if (format !== FORMAT || typeof version !== "number" || typeof id !== "string" || typeof created !== "number")
    throw damagedFile(folder.card, "is not the card of a ledger");
  if (version > VERSION) throw tooNew(folder.card, `format version ${version}; this one knows ${VERSION}`);
  return { format, version, id, created };
}

/** Makes the folders a ledger needs. Their names are durable when the card is. */
export async function makeFolders(disk: Disk, folder: LedgerFolder): Promise<void> {
  for (const path of [folder.segments, folder.blobs, folder.quarantine]) await ensureFolder(disk, path);
  await disk.syncFolder(folder.path);
  // Also when the folder was there already: whoever made it may have died before it was durable.
  await disk.syncFolder(dirname(folder.path));
}

/** Writes the card: from now on the folder holds a ledger. */
export async function writeCard(disk: Disk, folder: LedgerFolder, id: string, created: number): Promise<LedgerCard> {
  const card: LedgerCard = { format: FORMAT, version: VERSION, id, created };
  await writeJson(disk, folder.card, { ...card });
  return card;
}

/** The one segment there is. Later editions roll to further ones, and name and head them so that this one can tell. */
export async function findSegment(disk: Disk, folder: LedgerFolder): Promise<string | undefined> {
  const names = (await disk.list(folder.segments)).filter((name) => name.endsWith(".jsonl"));
  const [name, further] = names;
  if (further !== undefined) throw tooNew(join(folder.segments, further), "it has several segments");
  return name === undefined ? undefined : join(folder.segments, name);
}

/** A segment is named after its first position and the epoch of its writer. */
export function segmentPath(folder: LedgerFolder, first: number, epoch: number): string {
  return join(folder.segments, `${String(first).padStart(12, "0")}-e${String(epoch).padStart(4, "0")}.jsonl`);
}

/** A segment as it is called in messages and reports: relative to the ledger. */
export function shortName(path: string): string {
  return `${basename(dirname(path))}/${basename(path)}`;
}

/** A small JSON file beside the log; `undefined` when there is none. */
export async function readJson(disk: Disk, path: string): Promise<JsonObject | undefined> {
  const bytes = await readFile(disk, path);
  if (bytes === undefined) return undefined;
  const value = parseJson(bytes.toString("utf8"));
  if (!isJsonObject(value)) throw damagedFile(path, "is not JSON");
  return value;
}

/** Puts a small JSON file in place as a whole. */
export async function writeJson(disk: Disk, path: string, value: JsonObject): Promise<void> {
  await replaceFile(disk, path, Buffer.from(`${JSON.stringify(value)}\n`));
}

function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
