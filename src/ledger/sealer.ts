// Seals segments behind the writer: each one that is followed by another gets its seal, once, oldest first, beside all other work and in small steps.

import { dirname, join } from "node:path";
import { writeChecked } from "./checked-json.ts";
import type { Disk } from "./disk.ts";
import { type SegmentName, shortName } from "./folder.ts";
import { damaged, damagedFile } from "./refusals.ts";
import { isSealName, misfit, type Seal, sealHash, sealJson, sealPath } from "./seal.ts";
import { loadSeal } from "./seal-file.ts";
import { SegmentDigest } from "./segment-digest.ts";
import type { Signer } from "./signing-key.ts";

/** What a sealer works with. */
export interface SealerParts {
  readonly disk: Disk;
  readonly ledgerId: string;
  /** The log: its segments, oldest first; the last one grows. */
  readonly log: { readonly segments: readonly SegmentName[] };
  /** Lets everything else that waits run first. */
  readonly pause: () => Promise<void>;
  /** Signs the seals; without it they are not signed. */
  readonly signer?: Signer | undefined;
}

/** Seals the segments of a log. */
export class Sealer {
  readonly #parts: SealerParts;
  /** The newest segment that is known to have a seal, and the seal. */
  #sealed: Sealed | undefined;
  #isClosing = false;
  #work: Promise<void> | undefined;

  constructor(parts: SealerParts) {
    this.#parts = parts;
  }

  /** Begins to seal what has no seal yet: to be called when a log was opened and when a segment has begun. A failure is told. */
  consider(onFailure: (cause: unknown) => void): void {
    if (this.#work !== undefined || this.#isClosing || this.#next() === undefined) return;
    this.#work = this.sealAll()
      .catch(onFailure)
      .finally(() => {
        this.#work = undefined;
      });
  }

  /** Resolves when nothing is being sealed. */
  async idle(): Promise<void> {
    await this.#work;
  }

  /** Ends the work under way. What is left is sealed when the log is opened again. */
  async stop(): Promise<void> {
    this.#isClosing = true;
    await this.#work;
  }

  /** Seals all segments that have none and are followed by another one. @throws LedgerError `ledger_damaged` for a segment or a seal that is not what was written */
  async sealAll(): Promise<void> {
    this.#sealed ??= await this.#newest();
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      const seal = await this.#make(next.segment, next.end);
      if (seal === undefined) return;
      this.#sealed = { base: next.segment.base, seal };
    }
  }

  /** The oldest segment that is not known to be sealed, with the address at which it ends. */
  #next(): { readonly segment: SegmentName; readonly end: number } | undefined {
    const { segments } = this.#parts.log;
    const from = this.#sealed?.base ?? -1;
    const index = segments.findIndex(({ base }) => base > from);
    const segment = segments[index];
    const following = segments[index + 1];
    return segment === undefined || following === undefined ? undefined : { segment, end: following.base };
  }

  /** The newest seal there is. A seal that is missing before it is not made again: that one is gone is something to be told. */
  async #newest(): Promise<Sealed | undefined> {
    const { disk, log } = this.#parts;
    const [first] = log.segments;
    if (first === undefined) return undefined;
    const folder = dirname(first.path);
    const name = (await disk.list(folder)).findLast(isSealName);
    if (name === undefined) return undefined;
    const seal = await loadSeal(disk, join(folder, name));
    return { base: seal.base, seal };
  }

  /** `undefined` when the writer closes before it is done, or when nobody can sign what has to be signed. */
  async #make(segment: SegmentName, end: number): Promise<Seal | undefined> {
    const { disk, ledgerId, pause, signer } = this.#parts;
    const before = this.#sealed?.seal;
    // After a signed seal, one without a signature would look like a forgery: the segment waits for whoever has the key.
    if (before?.signature !== undefined && signer === undefined) return undefined;
    const digest = new SegmentDigest(segment, ledgerId);
    const bytes = end - segment.base;
    await digest.readOn(disk, { bytes, pause, isOver: () => this.#isClosing });
    if (this.#isClosing) return undefined;
    if (digest.bytes !== bytes)
      throw damaged({ file: shortName(segment.path), offset: digest.bytes, reason: "the segment does not reach to the next one" });
    const statement = digest.statement(before === undefined ? null : sealHash(before), true);
    const reason = before === undefined ? undefined : (misfit(before, statement) ?? chainMisfit(before, digest));
    if (reason !== undefined) throw damagedFile(shortName(segment.path), `cannot be sealed: ${reason}`);
    const seal = signer === undefined ? statement : signer.sign(statement);
    await writeChecked(disk, sealPath(segment), sealJson(seal));
    return seal;
  }
}

/** A chain that begins anew would hide what was put before it. */
function chainMisfit({ chain }: Seal, { startChain }: SegmentDigest): string | undefined {
  return startChain === chain ? undefined : "its chain does not begin where the sealed segment before it ends";
}

/** The newest segment that is known to have a seal. */
interface Sealed {
  readonly base: number;
  readonly seal: Seal;
}
