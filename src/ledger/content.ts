// What lines and blobs say, between memory and the disk: as it is, or sealed with the key of its tree of runs. Knows no files.

import { type ClosedEntry, decodeContent, encodeBody, encodeContent, isClosed } from "./body.ts";
import type { Random } from "./cipher.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Draft } from "./intake.ts";
import type { Commit, Entry, Replacement } from "./ledger.ts";
import { damagedFile, keyNeeded } from "./refusals.ts";
import type { ScannedLine } from "./scan.ts";
import { openBlob, sealBlob, slotOfBlob } from "./sealed-blob.ts";
import { openLine, sealLine } from "./sealed-line.ts";
import type { TreeKey } from "./tree-key.ts";
import type { Vault } from "./vault.ts";

/** How the content of a ledger stands on the disk. */
export interface Content {
  /** Writes a commit as far as that can be done at once. */
  encode(
    commit: Commit,
    time: number,
    replaces: Replacement | undefined,
  ): { readonly body: string; readonly bodyBytes: number; readonly blobs: ReadonlyMap<string, Uint8Array> };
  /** Does the rest for drafts whose place is fixed; `undefined` when there is none. */
  seal(drafts: readonly Draft[]): Promise<void> | undefined;
  /** The entry with its facts. What was erased has as many facts as before, and nothing in them but that. */
  open(entry: Entry): Entry | Promise<Entry>;
  openBlob(name: string, bytes: Uint8Array): Uint8Array | Promise<Uint8Array>;
}

/** As it is. */
export const PLAIN: Content = {
  encode: (commit, time, replaces) => {
    const { body, blobs } = encodeBody(commit, time, replaces);
    return { body, bodyBytes: Buffer.byteLength(body), blobs };
  },
  seal: () => undefined,
  open: (entry) => {
    if (isClosed(entry)) throw keyNeeded(`fact ${entry.first} of ${entry.run}`);
    return entry;
  },
  openBlob: (_name, bytes) => bytes,
};

/** The lines of a group with their facts, at once where nothing is sealed. */
export function openLines(content: Content, lines: readonly ScannedLine[]): readonly ScannedLine[] | Promise<readonly ScannedLine[]> {
  if (!lines.some(({ entry }) => isClosed(entry))) return lines;
  return Promise.all(lines.map(async (line) => ({ ...line, entry: await content.open(line.entry) })));
}

/** A fact that can never be read again. */
export const ERASED = Object.freeze({ erased: true });

/** What a stream is found by while it is being erased, and from then on. */
export const ERASING_KEY = "ledger:erasing";
export const ERASED_KEY = "ledger:erased";

/** Sealed: every tree of runs has a key of its own. */
export class SealedContent implements Content {
  readonly #ledger: string;
  readonly #vault: Vault;
  readonly #random: Random;

  constructor(ledger: string, vault: Vault, random: Random) {
    this.#ledger = ledger;
    this.#vault = vault;
    this.#random = random;
  }

  encode(commit: Commit): { readonly body: string; readonly bodyBytes: number; readonly blobs: ReadonlyMap<string, Uint8Array> } {
    const { members, blobs } = encodeContent(commit);
    // Base64, the open part, and the names of the blobs.
    const bodyBytes = Math.ceil((Buffer.byteLength(members) * 4) / 3) + OPEN_BYTES + commit.run.length + blobs.size * BLOB_NAME_BYTES;
    return { body: members, bodyBytes, blobs };
  }

  async seal(drafts: readonly Draft[]): Promise<void> {
    const trees = [...new Set(drafts.map(({ tree }) => tree))];
    // Where one fails, nobody is left to be told of the others.
    const keys = new Map(await Promise.all(trees.map(async (tree) => [tree, await this.#keyOf(tree)] as const)));
    for (const draft of drafts) {
      const key = keys.get(draft.tree);
      if (key !== undefined) this.#sealDraft(draft, key);
    }
  }

  open(entry: Entry): Entry | Promise<Entry> {
    return isClosed(entry) ? this.#open(entry) : entry;
  }

  async openBlob(name: string, bytes: Uint8Array): Promise<Uint8Array> {
    const whole = Buffer.from(bytes);
    const slot = slotOfBlob(whole);
    if (slot === undefined) throw damagedFile(`blobs/${name.slice(0, 2)}/${name}`, "is not sealed, and the ledger is encrypted");
    const key = await this.#vault.keyAt(slot);
    return key.kind === "live" ? openBlob(this.#ledger, { name, bytes: whole }, key.key) : Buffer.from("null");
  }

  /** The key of a tree; a new one for a new tree, and for one that was erased and goes on. */
  async #keyOf(tree: string): Promise<TreeKey> {
    const found = await this.#vault.keyFor(tree);
    if (found.kind === "live") return found.key;
    const [key] = await this.#vault.allocate([tree]);
    if (key === undefined) throw damagedFile("keys", `gave no key to ${tree}`);
    return key;
  }

  #sealDraft(draft: Draft, key: TreeKey): void {
    const names: string[] = [];
    const sealed = new Map<string, Uint8Array>();
    for (const [name, bytes] of draft.blobs) {
      const blob = sealBlob(this.#ledger, bytes, key, this.#random);
      names.push(name);
      sealed.set(blob.name, blob.bytes);
    }
    const { run, first, time, facts, replaces } = draft.entry;
    const place = {
      ledger: this.#ledger,
      run,
      first,
      count: facts.length,
      time,
      blobs: [...sealed.keys()],
      ...(replaces === undefined ? {} : { replaces }),
    };
    const list = names.length === 0 ? "" : `,"names":${JSON.stringify(names)}`;
    draft.body = sealLine(place, `{${draft.body}${list}}`, key, this.#random);
    draft.bodyBytes = Buffer.byteLength(draft.body);
    draft.blobs = sealed;
    draft.slot = key.slot;
  }

  async #open({ sealed, body, facts, ...place }: ClosedEntry): Promise<Entry> {
    const key = await this.#vault.keyAt(sealed.slot);
    if (key.kind === "destroyed") return { ...place, facts: facts.map(() => ERASED), head: ERASED_HEAD };
    const content = decodeContent(openLine(this.#ledger, sealed, body, key.key));
    if (content === undefined) throw damagedFile("segments", `commit ${place.position} holds no facts`);
    const { names, ...said } = content;
    // Whoever still had the key in memory lets go of it.
    if (said.head?.keys.includes(ERASING_KEY) === true) this.#vault.forget([sealed.slot]);
    // Facts name blobs by their content; on the disk these have other names.
    const stored = new Map(names.map((name, index) => [name, sealed.blobs[index] ?? name]));
    return { ...place, ...said, facts: said.facts.map((fact) => withStoredNames(fact, stored)) };
  }
}

/** More bytes than the open part of a line has. */
const OPEN_BYTES = 256;
const BLOB_NAME_BYTES = 68;

/** Nothing happens to it any more. */
const ERASED_HEAD = Object.freeze({ open: false, keys: Object.freeze([ERASED_KEY]), note: Object.freeze({ erased: true }) });

function withStoredNames(fact: JsonObject, stored: ReadonlyMap<string, string>): JsonObject {
  const { blobs } = fact;
  if (!isJsonObject(blobs)) return fact;
  const named: Record<string, JsonValue> = {};
  for (const [member, name] of Object.entries(blobs)) named[member] = typeof name === "string" ? (stored.get(name) ?? name) : name;
  return { ...fact, blobs: named };
}
