// Checks a receipt without the ledger: that its lines are whole, lie under the stated roots, and follow each other; and what vouches for the statements. Reads no files.

import { hash } from "node:crypto";
import { isJsonObject, type JsonObject, parseJson } from "../json.ts";
import { type Anchor, readAnchors } from "./anchor.ts";
import { blobsOf, decodeBody, restoreBlobs } from "./body.ts";
import { chainOf, type Line, readLine } from "./frame.ts";
import type { Entry } from "./ledger.ts";
import { leafHash, rootBy } from "./merkle.ts";
import { readReceipt, type ReceiptContent, type ReceiptLine } from "./receipt.ts";
import { misfit, type Seal, sealHash } from "./seal.ts";
import { checkSignature, type PublicKeys, readPublicKeys } from "./signing-key.ts";

/**
 * What vouches for a receipt. `chain`: it is consistent in itself, and nobody vouches for it. `signed`: the holder of the private key stated it.
 * `anchored`: it was fixed when the anchor was made, and nobody could change it since.
 */
export type ProofLevel = "chain" | "signed" | "anchored";

/** What a check found. With faults, nothing else counts. */
export interface CheckedReceipt {
  readonly ok: boolean;
  readonly faults: readonly string[];
  readonly ledger: string;
  /** The stream it is about. */
  readonly run: string;
  /** What vouches for every line. A line that is anchored and signed counts as anchored. */
  readonly level: ProofLevel;
  /** Names of the keys whose signatures are good. */
  readonly keys: readonly string[];
  /** Names of keys that signed and that no public key was given for. */
  readonly uncheckedKeys: readonly string[];
  /** The oldest anchor that vouches for it: before that time it was so. */
  readonly anchor: { readonly position: number; readonly time: number } | null;
  /** The commits, in the order of the log, large values restored where they are there. */
  readonly entries: readonly Entry[];
  /** Commits whose content is encrypted: that they are in the log is shown, what they say is not. */
  readonly encrypted: number;
  /** Hashes of large values that were left out. */
  readonly leftOut: readonly string[];
}

/** What to hold a receipt against. */
export interface ReceiptCheckOptions {
  /** Public keys, PEM. */
  readonly publicKeys?: string;
  /** Anchors, one JSON line each. */
  readonly anchors?: string;
}

/** Checks the text of a receipt. @throws LedgerError `signing_key_invalid` */
export async function checkReceipt(text: string, { publicKeys, anchors }: ReceiptCheckOptions = {}): Promise<CheckedReceipt> {
  const keys = publicKeys === undefined ? undefined : readPublicKeys(publicKeys, "what was given");
  const content = readReceipt(text);
  if (typeof content === "string") return { ...NOTHING, faults: [content] };
  const check = new ReceiptCheck(content);
  check.lines();
  check.streams();
  check.blobs();
  const vouched = check.statements(keys, anchors === undefined ? undefined : readAnchors(anchors).anchors);
  const entries = await check.entries();
  const { faults, leftOut } = check;
  const { ledger, run } = content;
  return { ok: faults.length === 0, faults, ledger, run, ...vouched, entries, encrypted: check.encrypted, leftOut };
}

const NOTHING: CheckedReceipt = {
  ok: false,
  faults: [],
  ledger: "",
  run: "",
  level: "chain",
  keys: [],
  uncheckedKeys: [],
  anchor: null,
  entries: [],
  encrypted: 0,
  leftOut: [],
};

type Vouched = Pick<CheckedReceipt, "level" | "keys" | "uncheckedKeys" | "anchor">;

class ReceiptCheck {
  readonly faults: string[] = [];
  readonly #content: ReceiptContent;
  readonly #lines: { readonly line: Line; readonly body: JsonObject; readonly statement: number }[] = [];

  constructor(content: ReceiptContent) {
    this.#content = content;
  }

  get encrypted(): number {
    return this.#lines.filter(({ body }) => !Array.isArray(body.facts)).length;
  }

  /** Large values that the lines name and that are not in the receipt. */
  get leftOut(): readonly string[] {
    return [...this.#named()].filter((name) => !Object.hasOwn(this.#content.blobs, name));
  }

  lines(): void {
    if (this.#content.lines.length === 0) this.faults.push("there is no line in it");
    let before: Line | undefined;
    for (const [index, each] of this.#content.lines.entries()) {
      const place = `line ${index + 1} of the receipt`;
      const line = this.#line(each, place);
      if (line === undefined) return;
      if (before !== undefined && line.position <= before.position) this.faults.push(`${place} is not behind the one before it`);
      const isNext = before !== undefined && line.position === before.position + 1 && this.#isWithin(before, line);
      if (isNext && line.chain !== chainOf(before?.chain ?? "", line.body)) this.faults.push(`${place}: the chain does not lead to it`);
      before = line;
    }
  }

  /** Facts of a stream are numbered without gaps from 1: nothing in between was left out. */
  streams(): void {
    const versions = new Map<string, number>();
    for (const { line, body } of this.#lines) {
      const { run, first, facts, count } = body;
      const amount = Array.isArray(facts) ? facts.length : count;
      if (typeof run !== "string" || typeof first !== "number" || typeof amount !== "number") {
        this.faults.push(`commit ${line.position} says nothing about a stream`);
        continue;
      }
      // A line that replaces what its run said before is the first one of it.
      const version = versions.get(run) ?? (body.replaces === undefined ? 0 : first - 1);
      if (first !== version + 1) this.faults.push(`${run}: fact ${first} follows fact ${version}, so some are left out`);
      versions.set(run, first + amount - 1);
    }
    if (!versions.has(this.#content.run)) this.faults.push(`there is no line of ${this.#content.run} in it`);
  }

  blobs(): void {
    const named = this.#named();
    for (const [name, text] of Object.entries(this.#content.blobs)) {
      if (hash("sha256", text, "hex") !== name) this.faults.push(`a large value is not what its name says: ${name}`);
      if (!named.has(name)) this.faults.push(`no line names the large value ${name}`);
    }
  }

  /** What vouches for the statements that have lines, in the end for the least of them. */
  statements(keys: PublicKeys | undefined, anchors: readonly Anchor[] | undefined): Vouched {
    const { statements, ledger } = this.#content;
    for (const [index, statement] of statements.entries())
      this.#statement(statement, statements[index - 1], index === statements.length - 1);
    const signed = statements.map((statement) => this.#signed(statement, keys));
    const met = statements.map((statement) => anchorOf(statement, ledger, anchors ?? []));
    const needed = Math.min(...this.#lines.map(({ statement }) => statement));
    const last = Math.max(...this.#lines.map(({ statement }) => statement));
    // A statement names the one before, so whoever vouches for one vouches for all before it.
    const isSigned = signed.slice(last).includes(true);
    const anchor = met.slice(last).find((each) => each !== undefined);
    if (anchors !== undefined && anchor === undefined) this.faults.push("no anchor that was given vouches for this receipt");
    if (keys !== undefined && !isSigned) this.faults.push("no signature by a key that was given vouches for this receipt");
    const level = anchor !== undefined ? "anchored" : isSigned ? "signed" : "chain";
    const names = statements.slice(Number.isFinite(needed) ? needed : 0).flatMap(({ signature }) => signature?.key ?? []);
    const unique = [...new Set(names)];
    return {
      level: this.faults.length === 0 ? level : "chain",
      keys: unique.filter((name) => keys?.has(name) === true),
      uncheckedKeys: unique.filter((name) => keys?.has(name) !== true),
      anchor: anchor === undefined ? null : { position: anchor.position, time: anchor.time },
    };
  }

  /** The commits that can be read, with their large values where they are there. */
  async entries(): Promise<readonly Entry[]> {
    if (this.faults.length > 0) return [];
    const { blobs } = this.#content;
    const readable = this.#lines.filter(({ body }) => Array.isArray(body.facts));
    const entries = readable.flatMap(({ line }) => decodeBody(line.position, line.body) ?? []);
    return Promise.all(
      entries.map(async (entry) =>
        // An entry whose values were left out stays as it stands in the log.
        blobsOf(entry).every((name) => Object.hasOwn(blobs, name))
          ? restoreBlobs(entry, async (name) => Buffer.from(blobs[name] ?? ""))
          : entry,
      ),
    );
  }

  #line({ text, path }: ReceiptLine, place: string): Line | undefined {
    const bytes = Buffer.from(`${text}\n`);
    const reading = readLine(bytes);
    const body = reading.kind === "line" && reading.line.bytes === bytes.length ? parse(reading.line.body) : undefined;
    if (reading.kind !== "line" || body === undefined) {
      this.faults.push(`${place} is no whole line of a log`);
      return undefined;
    }
    const { line } = reading;
    const statement = this.#content.statements.findIndex(({ segment, last }) => segment <= line.position && line.position <= last);
    const stated = this.#content.statements[statement];
    // The header is the first leaf of its segment, and every commit takes the next one.
    const root = stated === undefined ? undefined : rootBy(path, leafHash(bytes), line.position - stated.segment + 1, stated.lines);
    if (stated === undefined || root?.toString("base64url") !== stated.root) {
      this.faults.push(`${place} (commit ${line.position}) is not among the lines that the receipt's statements are about`);
      return undefined;
    }
    if (line.position === stated.last && line.chain !== stated.chain) this.faults.push(`${place}: the chain ends otherwise than stated`);
    this.#lines.push({ line, body, statement });
    return line;
  }

  #statement(statement: Seal, before: Seal | undefined, isLast: boolean): void {
    const { ledger, segment, last, lines, complete } = statement;
    const place = `the statement about commits ${segment} to ${last}`;
    const reason = before === undefined ? undefined : misfit(before, statement);
    if (reason !== undefined) this.faults.push(`${place}: ${reason}`);
    if (ledger !== this.#content.ledger) this.faults.push(`${place} is about another ledger`);
    if (lines !== last - segment + 2) this.faults.push(`${place} counts ${lines} lines`);
    if (!complete && !isLast) this.faults.push(`${place} is about a segment that still grew, and another one follows`);
  }

  /** True for a good signature by a key that was given. */
  #signed(statement: Seal, keys: PublicKeys | undefined): boolean {
    if (keys === undefined) return false;
    const check = checkSignature(statement, keys);
    if (check === "bad")
      this.faults.push(`the signature under the statement about commits ${statement.segment} to ${statement.last} is not one of it`);
    return check === "good";
  }

  #isWithin(before: Line, line: Line): boolean {
    return this.#content.statements.some(({ segment, last }) => segment <= before.position && line.position <= last);
  }

  #named(): ReadonlySet<string> {
    return new Set(this.#lines.flatMap(({ line }) => blobsIn(decodeBody(line.position, line.body))));
  }
}

function blobsIn(entry: Entry | undefined): readonly string[] {
  return entry === undefined ? [] : blobsOf(entry);
}

/** The oldest anchor that vouches for a statement: made at this very point, or behind it and naming it as the one before. */
function anchorOf(statement: Seal, ledger: string, anchors: readonly Anchor[]): Anchor | undefined {
  const name = sealHash(statement);
  const found = anchors.filter(({ ledger: id, position, chain, tree }) => {
    if (id !== ledger || tree === undefined) return false;
    const { segment, lines, root, previous } = tree;
    const isHere = segment === statement.segment && lines === statement.lines && root === statement.root;
    // What the statement names as the one before is vouched for only where the anchor names the same.
    return previous === name || (isHere && chain === statement.chain && position === statement.last && previous === statement.previous);
  });
  return found.sort((a, b) => a.time - b.time)[0];
}

function parse(text: string): JsonObject | undefined {
  const value = parseJson(text);
  return isJsonObject(value) ? value : undefined;
}
