// What a walk over a ledger has found: counts, and everything that is wrong.

import { LedgerError } from "../errors.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { blobsOf } from "./body.ts";
import { COMPACTIONS } from "./compaction.ts";
import type { Entry, LedgerFault, VerifyReport } from "./ledger.ts";
import type { LogPoint, ScannedLine } from "./scan.ts";
import { LOG_START } from "./segment.ts";

/** Faults told at most: the first ones matter. */
export const FAULT_LIMIT = 100;

/** What has been found so far. */
export class Tally {
  readonly faults: LedgerFault[] = [];
  /** Blobs by the first commit that names them. */
  readonly named = new Map<string, number>();
  /** What compactions kept, as it is recorded: the hash of the file, by the address at which the log was to begin. */
  readonly compactions = new Map<number, string>();
  blobs = 0;
  unfinishedBytes = 0;
  end: LogPoint = LOG_START;
  /** Bytes of whole commits. */
  bytes = 0;
  #commits = 0;
  facts = 0;
  /** Stream versions; after a gap they are learnt anew. */
  #versions = new Map<string, number>();
  #hasGap = false;
  /** True for a log from which compactions have removed the beginning. */
  beginsLate = false;
  readonly #left = new Map<string, LedgerFault>();

  fault(fault: LedgerFault): void {
    if (this.faults.length < FAULT_LIMIT) this.faults.push(fault);
  }

  /** Makes a fault of a refusal. */
  async attempt<T>(file: string, look: () => Promise<T>): Promise<T | undefined> {
    try {
      return await look();
    } catch (error) {
      if (!(error instanceof LedgerError)) throw error;
      this.fault({ file, message: error.message });
      return undefined;
    }
  }

  pass(point: LogPoint): void {
    this.end = { offset: point.offset, position: point.position, group: point.group, chain: point.chain };
  }

  take(group: readonly ScannedLine[], placeOf: (address: number) => { readonly file: string; readonly offset: number }): void {
    for (const { offset, entry } of group) {
      const { run, first, position, facts, replaces } = entry;
      if (replaces !== undefined) this.#left.delete(run);
      else if (this.beginsLate && first > 1 && !this.#versions.has(run)) this.#leave(entry, placeOf(offset));
      const version = this.#versions.get(run) ?? (this.#hasGap || replaces !== undefined ? first - 1 : 0);
      if (first !== version + 1)
        this.fault({ ...placeOf(offset), position, message: `${run} has ${version} facts, and fact ${first} follows` });
      this.#versions.set(run, replaces?.what === "all" ? 0 : first + facts.length - 1);
      this.#commits += 1;
      this.facts += facts.length;
      if (run === COMPACTIONS) for (const fact of facts) this.#noteCompaction(fact);
      for (const blob of blobsOf(entry)) if (!this.named.has(blob)) this.named.set(blob, position);
    }
  }

  #noteCompaction({ base, kept }: JsonObject): void {
    const file = isJsonObject(kept) ? kept.file : undefined;
    if (typeof base === "number" && isJsonObject(file) && typeof file.sha256 === "string") this.compactions.set(base, file.sha256);
  }

  /** A line of a stream that was given up further on, and whose beginning is removed already: nobody reads it. */
  #leave({ run, first, position }: Entry, place: { readonly file: string; readonly offset: number }): void {
    this.#left.set(run, { ...place, position, message: `what ${run} said before fact ${first} was neither kept nor replaced` });
    this.#versions.set(run, first - 1);
  }

  /** The log has been walked to its end. */
  finish(): void {
    for (const fault of this.#left.values()) this.fault(fault);
  }

  forgetVersions(): void {
    this.#versions = new Map();
    this.#hasGap = true;
  }

  report(): VerifyReport {
    const { faults, blobs, end, unfinishedBytes } = this;
    return {
      ok: faults.length === 0,
      commits: this.#commits,
      facts: this.facts,
      blobs,
      bytes: this.bytes,
      unfinishedBytes,
      chain: end.chain,
      faults,
    };
  }
}
