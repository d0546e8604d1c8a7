// Counts what a compaction gives up, and what stays in its way.

import type { Compaction } from "../ledger/compaction.ts";
import type { BlockedRun, CompactedContract, CompactReport } from "./compact-report.ts";

/** Blocked runs that a report names. */
const BLOCKED_LIMIT = 1_000;

/** The counts of one compaction. */
export class CompactionTally {
  readonly #contracts = new Map<string, CompactedContract>();
  readonly #blocked: BlockedRun[] = [];
  #blockedCount = 0;

  /** Root runs that were given up so far. */
  get runs(): number {
    return [...this.#contracts.values()].reduce((sum, { runs }) => sum + runs, 0);
  }

  givenUp(contract: string, children: number, facts: number): void {
    const before = this.#contracts.get(contract) ?? { contract, runs: 0, children: 0, facts: 0 };
    this.#contracts.set(contract, {
      contract,
      runs: before.runs + 1,
      children: before.children + children,
      facts: before.facts + facts,
    });
  }

  blocked(run: BlockedRun): void {
    this.#blockedCount += 1;
    if (this.#blocked.length < BLOCKED_LIMIT) this.#blocked.push(run);
  }

  report(dryRun: boolean, ledger: Compaction): CompactReport {
    return { dryRun, contracts: [...this.#contracts.values()], blocked: this.#blocked, blockedCount: this.#blockedCount, ledger };
  }
}
