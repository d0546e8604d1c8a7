// Makes a receipt out of a ledger folder: reads the segments that hold lines of its streams, beside whoever writes there. Changes nothing.

import { isJsonObject, type JsonValue } from "../json.ts";
import { InputError, LedgerError } from "../errors.ts";
import { type Anchor, previousOf, readAnchors } from "./anchor.ts";
import type { Disk } from "./disk.ts";
import { type LedgerFolder, ledgerFolder, layoutOf, readCard, type SegmentName } from "./folder.ts";
import { PREFIX_BYTES } from "./frame.ts";
import type { KeySource } from "./key-source.ts";
import type { Ledger } from "./ledger.ts";
import { LeafTree } from "./merkle.ts";
import { realDisk } from "./real-disk.ts";
import { missing } from "./refusals.ts";
import { RemovedSegments } from "./removed-segments.ts";
import { type ReceiptLine, receiptText } from "./receipt.ts";
import { type Seal, sealHash, sealPath, type Statement } from "./seal.ts";
import { loadSeal } from "./seal-file.ts";
import { SegmentDigest } from "./segment-digest.ts";
import { readSigner, type Signer } from "./signing-key.ts";

/** What a receipt is to be about, and how it is to be made. */
export interface ReceiptOptions {
  /** The streams: the one it is about, and whichever others belong to it. */
  readonly runs: readonly [string, ...string[]];
  /** False leaves large values out; their hashes stay. */
  readonly values?: boolean;
  /** Anchors, one JSON line each: the receipt is made so that the first one behind the streams vouches for it. */
  readonly anchors?: string;
  /** Where the private key is that signs what no seal says yet. */
  readonly signing?: KeySource;
}

/**
 * The text of a receipt.
 * @param ledger the folder, open for reading: it knows where the streams lie
 * @throws InputError `run_not_found`, `not_anchored`; LedgerError `ledger_damaged`
 */
export async function makeReceipt(ledger: Ledger, options: ReceiptOptions, disk: Disk = realDisk): Promise<string> {
  const folder = ledgerFolder(ledger.location);
  const card = await readCard(disk, folder);
  if (card === undefined) throw missing(folder.path);
  const signer = options.signing === undefined ? undefined : await readSigner(options.signing);
  const extent = await extentOf(ledger, options.runs);
  const { segments: present, start } = await layoutOf(disk, folder);
  const removed = await RemovedSegments.of(disk, folder, card.id, start);
  const segments = [...removed.names, ...present];
  const anchor = options.anchors === undefined ? undefined : anchorBehind(options.anchors, card.id, extent.last);
  const maker = new ReceiptMaker({ disk, folder, ledgerId: card.id, segments, removed, signer, runs: new Set(options.runs), anchor });
  const { statements, lines } = await maker.read(extent.first, extent.last);
  const blobs = options.values === false ? {} : await blobsIn(ledger, lines);
  return receiptText({ ledger: card.id, run: options.runs[0], statements, lines, blobs });
}

/** Positions of the first and the last commit of some streams that are still read. */
async function extentOf(ledger: Ledger, runs: readonly string[]): Promise<{ readonly first: number; readonly last: number }> {
  let first = Number.POSITIVE_INFINITY;
  let last = 0;
  for (const run of runs) {
    const entries = await ledger.read(run);
    const [begin] = entries;
    if (begin === undefined)
      throw new InputError("run_not_found", `there is no run "${run}"`, { fix: "`kindling list` shows the runs there are." });
    first = Math.min(first, begin.position);
    last = Math.max(last, entries.at(-1)?.position ?? 0);
  }
  return { first, last };
}

/** The first anchor that can vouch for everything up to a position. */
function anchorBehind(text: string, ledgerId: string, position: number): Anchor {
  const own = readAnchors(text).anchors.filter((each) => each.ledger === ledgerId && each.tree !== undefined);
  const behind = own.filter((each) => each.position >= position).sort((a, b) => a.position - b.position);
  const [first] = behind;
  if (first !== undefined) return first;
  throw new InputError("not_anchored", `no anchor was made since commit ${position}, the last one of the run`, {
    fix: "Make one with `kindling anchor`, then the receipt again.",
    details: { position, anchors: own.length },
  });
}

interface MakerParts {
  readonly disk: Disk;
  readonly folder: LedgerFolder;
  readonly ledgerId: string;
  readonly segments: readonly SegmentName[];
  readonly removed: RemovedSegments;
  readonly signer: Signer | undefined;
  readonly runs: ReadonlySet<string>;
  readonly anchor: Anchor | undefined;
}

class ReceiptMaker {
  readonly #parts: MakerParts;
  readonly #statements: Seal[] = [];
  readonly #lines: ReceiptLine[] = [];
  /** The wanted lines of removed segments, once they were looked for. */
  #removed: ReadonlyMap<number, readonly ReceiptLine[]> | undefined;

  constructor(parts: MakerParts) {
    this.#parts = parts;
  }

  async read(first: number, last: number): Promise<{ readonly statements: readonly Seal[]; readonly lines: readonly ReceiptLine[] }> {
    const { segments, anchor } = this.#parts;
    const from = segments.findLastIndex((segment) => segment.first <= first);
    const to = segments.findLastIndex((segment) => segment.first <= last);
    // Seals up to the one that the anchor names vouch for those before them.
    const vouching = anchor?.tree === undefined ? to : segments.findLastIndex((segment) => segment.first < (anchor.tree?.segment ?? 0));
    for (const [index, segment] of segments.entries()) {
      if (index < from || index > Math.max(to, vouching)) continue;
      await this.#take(segment, segments[index + 1], index <= to);
    }
    return { statements: this.#statements, lines: this.#lines };
  }

  async #take(segment: SegmentName, next: SegmentName | undefined, hasLines: boolean): Promise<void> {
    const { disk, anchor, removed } = this.#parts;
    const isAnchored = anchor?.tree?.segment === segment.first;
    if (removed.names.includes(segment)) {
      if (isAnchored) throw anchorRemoved(anchor.position);
      this.#statements.push(await removed.sealOf(segment));
      if (!hasLines) return;
      this.#removed ??= await removed.lines((body) => this.#isWanted(body));
      this.#lines.push(...(this.#removed.get(segment.base) ?? []));
      return;
    }
    const seal = next === undefined || isAnchored ? undefined : await this.#kept(segment);
    if (seal !== undefined && !hasLines) {
      this.#statements.push(seal);
      return;
    }
    const digest = new SegmentDigest(segment, this.#parts.ledgerId);
    const leaves: Buffer[] = [];
    const found: { readonly index: number; readonly text: string }[] = [];
    await digest.readOn(disk, {
      ...(next === undefined ? {} : { bytes: next.base - segment.base }),
      ...(isAnchored && anchor.tree !== undefined ? { lines: anchor.tree.lines } : {}),
      onLine: ({ body }, bytes, leaf) => {
        if (this.#isWanted(body)) found.push({ index: leaves.length, text: bytes.toString("utf8", 0, bytes.length - 1) });
        leaves.push(leaf);
      },
    });
    this.#statements.push(seal ?? (await this.#state(digest, segment, next !== undefined && !isAnchored)));
    const tree = new LeafTree(leaves);
    for (const { index, text } of found) this.#lines.push({ text, path: tree.pathOf(index) });
  }

  /** A statement where there is no seal: of the segment that grows, of one whose seal is not made yet, or of one as it was when it was anchored. */
  async #state(digest: SegmentDigest, segment: SegmentName, complete: boolean): Promise<Seal> {
    const { signer, anchor } = this.#parts;
    const statement = digest.statement(await this.#previous(segment), complete);
    if (anchor?.tree?.segment === segment.first) requireAnchored(statement, anchor);
    return signer === undefined ? statement : signer.sign(statement);
  }

  async #previous(segment: SegmentName): Promise<string | null> {
    const { disk, folder, anchor } = this.#parts;
    const before = this.#statements.at(-1);
    if (before !== undefined) return sealHash(before);
    return anchor?.tree?.segment === segment.first ? anchor.tree.previous : previousOf(disk, folder, segment);
  }

  async #kept(segment: SegmentName): Promise<Seal | undefined> {
    const { disk } = this.#parts;
    const path = sealPath(segment);
    return (await disk.inspect(path)) === undefined ? undefined : loadSeal(disk, path);
  }

  #isWanted(body: string): boolean {
    const [, run] = RUN.exec(body) ?? [];
    return run !== undefined && this.#parts.runs.has(run);
  }
}

/** What an anchor inside a segment vouches for can be shown only while the segment is there. */
function anchorRemoved(position: number): InputError {
  return new InputError("not_anchored", `the segment that was anchored at commit ${position} was removed by a compaction since`, {
    fix: "Make another anchor with `kindling anchor`, then the receipt again with that.",
    details: { position },
  });
}

/** A statement made after an anchor must be the one that was anchored. */
function requireAnchored({ root, chain, previous }: Statement, { position, chain: anchored, tree }: Anchor): void {
  if (root !== tree?.root || chain !== anchored)
    throw new LedgerError("ledger_damaged", `The log up to commit ${position} is not the one that was anchored.`, {
      fix: "Run `kindling verify --anchor <file>` to see since when.",
      details: { position },
    });
  if (previous !== tree.previous)
    throw new InputError("not_anchored", `the anchor at commit ${position} was made before the segments in front of it were sealed`, {
      fix: "Make another one with `kindling anchor`, then the receipt again.",
      details: { position },
    });
}

/** How the body of a commit begins, whether its content is sealed or not. */
const RUN = /^\{"run":"([^"\\]*)"/;

/** The blobs that the lines name. Those of an encrypted line are not named in the open and stay where they are. */
async function blobsIn(ledger: Ledger, lines: readonly ReceiptLine[]): Promise<Readonly<Record<string, string>>> {
  const names = new Set(lines.flatMap(({ text }) => namesIn(text)));
  const blobs: Record<string, string> = {};
  for (const name of [...names].sort()) {
    const bytes = await ledger.blobs.get(name);
    if (bytes !== undefined) blobs[name] = Buffer.from(bytes).toString("utf8");
  }
  return blobs;
}

function namesIn(text: string): readonly string[] {
  const body = JSON.parse(text.slice(PREFIX_BYTES, -1)) as JsonValue;
  const facts: readonly JsonValue[] = isJsonObject(body) && Array.isArray(body.facts) ? (body.facts as readonly JsonValue[]) : [];
  return facts.flatMap((fact) =>
    isJsonObject(fact) && isJsonObject(fact.blobs) ? Object.values(fact.blobs).filter((name) => typeof name === "string") : [],
  );
}
