// Compacting a ledger: runs that no rule keeps any longer are given up one by one, and then what was replaced is taken off the disk. One compaction at a time.

import { setImmediate as nextTurn } from "node:timers/promises";
import type { Plan } from "../compile/plan.ts";
import { InputError, RunError } from "../errors.ts";
import type { Entry } from "../ledger/ledger.ts";
import { compactedMeanwhile } from "../run/compacted.ts";
import { keys } from "../run/head.ts";
import type { Actor } from "../run/fact.ts";
import { receiptFrom, type RunReceipt } from "../run/run-receipt.ts";
import { outputsOf } from "../run/state.ts";
import { hashJson } from "../json.ts";
import type { CallOptions } from "./requests.ts";
import type { BlockedRun, CompactOrder, CompactReport } from "./compact-report.ts";
import { CompactionTally } from "./compaction-tally.ts";
import { assertRetention } from "./assert-retention.ts";
import { eachHead, eachPage } from "./each-head.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { findRun } from "./found-run.ts";
import { completeGivingUp, giveUp } from "./give-up.ts";
import { blockOf, type Expired, pastRetention } from "./past-retention.ts";

const UNKNOWN: Actor = { id: "unknown", assurance: "agent" };

/** The compactions of a host. */
export class Compactions {
  readonly #host: EmbeddedHost;
  #last: Promise<unknown> = Promise.resolve();

  constructor(host: EmbeddedHost) {
    this.#host = host;
  }

  /**
   * Gives up what is past its retention, and removes what was given up. The second of two calls waits for the first. Aborting it leaves what was given up so far.
   * @throws InputError `bad_retention`, LedgerError `archive_unfit`, and what `Ledger.compact` throws
   */
  async compact(order: CompactOrder, options: CallOptions = {}): Promise<CompactReport> {
    this.#host.assertOpen(order);
    assertRetention(order.retention, this.#host.ledger, this.#host.plans.names());
    const compacted = this.#last.then(() => this.#compact(order, options));
    this.#last = compacted.catch(() => undefined);
    return compacted;
  }

  /** Completes what a crash cut short. */
  complete(): Promise<void> {
    return completeGivingUp(this.#host.ledger);
  }

  async #compact(order: CompactOrder, { signal }: CallOptions): Promise<CompactReport> {
    const { ledger, clock, facts } = this.#host;
    const { retention, dryRun = false, overCursors = false, archive, reason, actor = UNKNOWN } = order;
    const where = { overCursors, ...(archive === undefined ? {} : { archive }) };
    // Nothing is given up for an archive that cannot take it.
    if (archive !== undefined) await ledger.compact({ dryRun: true, archive });
    const tally = new CompactionTally();
    for (const page of retention.length === 0 ? [] : pastRetention(ledger, retention, clock.now())) {
      for (const run of page) {
        signal?.throwIfAborted();
        this.#host.assertOpen();
        await this.#take(run, order, tally);
      }
      await nextTurn();
    }
    signal?.throwIfAborted();
    const { id, assurance } = actor;
    const note = { runs: tally.runs, actor: { id, assurance }, ...(reason === undefined ? {} : { reason }) };
    const compacted = await ledger.compact({ dryRun, ...where, note });
    // The beginning of the log may have moved beyond where something was derived last.
    facts.derivations.nudge();
    return tally.report(dryRun, compacted);
  }

  async #take(run: Expired, order: CompactOrder, tally: CompactionTally): Promise<void> {
    const { ledger, residents } = this.#host;
    const { head, note } = run;
    const blocked = (reason: BlockedRun["reason"]) => tally.blocked({ run: head.run, contract: note.contract, reason });
    const block = blockOf(ledger, head);
    if (block !== undefined) return blocked(block);
    if (order.dryRun === true) {
      let [children, facts] = [0, head.version];
      for (const child of eachHead(ledger, { keys: [keys.inTree(head.run)] })) [children, facts] = [children + 1, facts + child.version];
      return tally.givenUp(note.contract, children, facts);
    }
    if (!(await residents.shut(head.run, compactedMeanwhile))) return blocked("in_use");
    try {
      // Somebody may have made it go on before nobody could any more.
      const now = ledger.head(head.run);
      if (now === undefined || now.position !== head.position || blockOf(ledger, now) !== undefined) return blocked("in_use");
      const receipt = await this.#receiptOf(run, order).catch(unlessTooNew);
      if (receipt === undefined) return blocked("unreadable");
      await giveUp(ledger, now, receipt);
      tally.givenUp(note.contract, receipt.children, receipt.facts);
    } finally {
      await residents.reopen(head.run);
    }
  }

  async #receiptOf(
    { head: { run }, note, rule }: Expired,
    { actor = UNKNOWN, reason, archive }: CompactOrder,
  ): Promise<RunReceipt | undefined> {
    const { clock, snapshots } = this.#host;
    // What is being written beside the log now would come after the rest is gone.
    await snapshots.idle();
    return receiptFrom(run, await this.#treeEntries(run), {
      correlation: note.correlation,
      outputs: await this.#outputsOf(run),
      compactedAt: clock.now(),
      compactedBy: actor,
      reason: reason ?? null,
      rule,
      archive: archive ?? null,
      isGate: (of, node) => {
        const work = this.#planOf(of)?.byName.get(node)?.definition.behaviour.work;
        return work?.type === "wait" && work.gate !== undefined;
      },
    });
  }

  /** All commits of a tree, in the order of the ledger. */
  async #treeEntries(root: string): Promise<readonly Entry[]> {
    const { ledger } = this.#host;
    const entries = [...(await ledger.read(root))];
    for (const page of eachPage(ledger, { keys: [keys.inTree(root)] }))
      for (const read of await Promise.all(page.map(({ run }) => ledger.read(run)))) for (const entry of read) entries.push(entry);
    return entries.sort((one, other) => one.position - other.position);
  }

  /** The hash of what a run gave. Only its contract can tell that, in the form the run had it. */
  async #outputsOf(run: string): Promise<string | null> {
    const plan = this.#planOf(run);
    if (plan === undefined) return null;
    const found = await findRun(this.#host.ledger, run, plan);
    if (!found.isSame) return null;
    const { state } = found.fold();
    return state.status === "succeeded" ? hashJson(outputsOf(state)) : null;
  }

  /** Undefined without its contract, or when that no longer has a node that the run had swapped. */
  #planOf(run: string): Plan | undefined {
    try {
      return this.#host.plans.of(this.#host.ledger, run);
    } catch (error) {
      if (error instanceof InputError) return undefined;
      throw error;
    }
  }
}

/** A run that a newer Kindling has gone on with is left to that, and holds up nothing else. */
function unlessTooNew(error: unknown): undefined {
  if (!(error instanceof RunError) || error.code !== "fact_too_new") throw error;
}
