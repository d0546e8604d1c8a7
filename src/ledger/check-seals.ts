// Compares the seals of a ledger with its segments: what `verify` tells about them. Changes nothing.

import { basename, dirname, join } from "node:path";
import type { Disk } from "./disk.ts";
import { type SegmentName, shortName } from "./folder.ts";
import type { SealReport } from "./ledger.ts";
import { isSealName, misfit, type Seal, sealJson, sealPath } from "./seal.ts";
import { loadSeal } from "./seal-file.ts";
import { SegmentDigest } from "./segment-digest.ts";
import { checkSignature, type PublicKeys } from "./signing-key.ts";
import type { Tally } from "./tally.ts";

/** What is compared. */
export interface SealedLog {
  readonly disk: Disk;
  /** At least one, oldest first; the last one has no seal. */
  readonly segments: readonly SegmentName[];
  readonly ledgerId: string;
  /** What lay beside the segments before these were listed: a seal is there only when the next segment is. */
  readonly names: readonly string[];
  /** With some, every segment must have a seal, and from the first signed one on they must be signed with one of these. */
  readonly publicKeys: PublicKeys | undefined;
}

/** Checks every seal and every segment that has one; what is wrong goes to the tally. */
export async function checkSeals(log: SealedLog, tally: Tally): Promise<SealReport> {
  const walk = new SealWalk(log, tally);
  const [first] = log.segments;
  if (first === undefined) return walk.report();
  const folder = dirname(first.path);
  const ends = new Map(
    log.segments.slice(0, -1).map((segment, index) => [basename(sealPath(segment)), log.segments[index + 1]?.base ?? 0]),
  );
  const present = new Set(log.names.filter(isSealName));
  const names = new Set([...present, ...ends.keys()]);
  const bySealName = new Map(log.segments.map((segment) => [basename(sealPath(segment)), segment]));
  for (const name of [...names].sort()) {
    const segment = bySealName.get(name);
    if (present.has(name)) await walk.take(join(folder, name), segment, ends.get(name));
    else if (segment !== undefined) walk.miss(segment);
  }
  walk.finish();
  return walk.report();
}

class SealWalk {
  readonly #log: SealedLog;
  readonly #tally: Tally;
  #before: Seal | undefined;
  /** Segments without a seal since the last one that has one. */
  #missing: SegmentName[] = [];
  #whole = 0;
  #signed = 0;
  #confirmed = 0;

  constructor(log: SealedLog, tally: Tally) {
    this.#log = log;
    this.#tally = tally;
  }

  /** A seal that is there. Of a segment that is gone, only its place among the others is looked at. */
  async take(path: string, segment: SegmentName | undefined, end: number | undefined): Promise<void> {
    this.#tellMissing();
    const file = shortName(path);
    const seal = await this.#tally.attempt(file, () => loadSeal(this.#log.disk, path));
    if (seal === undefined) {
      this.#before = undefined;
      return;
    }
    const [first] = this.#log.segments;
    const isAhead = segment === undefined && seal.base >= (first?.base ?? 0);
    const gone = isAhead ? ["its segment is missing"] : [];
    const faults = [
      ...gone,
      ...this.#signatureFaults(seal),
      ...this.#orderFaults(seal),
      ...(await this.#contentFaults(seal, segment, end)),
    ];
    for (const message of faults) this.#tally.fault({ file, message });
    if (faults.length === 0) this.#count(seal);
    this.#before = seal;
  }

  /** A segment that is followed by another one and has no seal. */
  miss(segment: SegmentName): void {
    this.#missing.push(segment);
  }

  finish(): void {
    const { publicKeys } = this.#log;
    if (publicKeys === undefined) return;
    for (const segment of this.#missing)
      this.#tally.fault({
        file: shortName(sealPath(segment)),
        message: "is missing, so no signature vouches for the segment: a ledger makes it when it is opened for writing with its key",
      });
    if (this.#before !== undefined && this.#signed === 0) this.#tally.fault({ file: "segments", message: "no seal is signed" });
  }

  report(): SealReport {
    return { whole: this.#whole, signed: this.#signed, confirmed: this.#confirmed, waiting: this.#missing.length };
  }

  /** A seal behind them shows that they had one. */
  #tellMissing(): void {
    for (const segment of this.#missing)
      this.#tally.fault({ file: shortName(sealPath(segment)), message: "is missing, though a later segment has its seal" });
    this.#missing = [];
  }

  #count(seal: Seal): void {
    this.#whole += 1;
    if (seal.signature === undefined) return;
    this.#signed += 1;
    if (this.#log.publicKeys !== undefined) this.#confirmed += 1;
  }

  #signatureFaults(seal: Seal): readonly string[] {
    if (seal.signature === undefined) return this.#before?.signature === undefined ? [] : ["is not signed, though the seal before it is"];
    const { publicKeys } = this.#log;
    const check = publicKeys === undefined ? "good" : checkSignature(seal, publicKeys);
    if (check === "unknown key") return [`is signed with the key ${seal.signature.key}, which is none of those given`];
    return check === "good" ? [] : ["its signature is not one of this content"];
  }

  #orderFaults(seal: Seal): readonly string[] {
    const before = this.#before;
    const reason = before === undefined ? undefined : misfit(before, seal);
    const ledger = seal.ledger === this.#log.ledgerId ? [] : ["belongs to another ledger"];
    const first = before === undefined && seal.base === 0 && seal.previous !== null ? ["names a seal before the first one"] : [];
    return [...ledger, ...first, ...(reason === undefined ? [] : [reason])];
  }

  async #contentFaults(seal: Seal, segment: SegmentName | undefined, end: number | undefined): Promise<readonly string[]> {
    if (segment === undefined) return [];
    if (end === undefined) return ["belongs to the segment that still grows"];
    const digest = new SegmentDigest(segment, this.#log.ledgerId);
    const isRead = await this.#tally.attempt(shortName(segment.path), async () => {
      await digest.readOn(this.#log.disk, { bytes: end - segment.base });
      return true;
    });
    if (isRead !== true) return ["cannot be compared: its segment is damaged"];
    const { signature: _, ...stated } = sealJson(seal);
    const found = sealJson(digest.statement(seal.previous, true));
    const differing = Object.keys(found).filter((member) => found[member] !== stated[member]);
    const isLinked = this.#before === undefined || this.#before.chain === digest.startChain;
    return [
      ...(differing.length === 0 ? [] : [`does not fit its segment: ${differing.join(", ")}`]),
      ...(isLinked ? [] : ["its segment's chain does not begin where the one before ends"]),
    ];
  }
}
