// Carries out what is ordered of facts besides recording them, one order at a time: it is planned, compared with the plan that was meant, told in receipts, and only then done. What a
// crash cut short is gone on with by its receipts.

import { InputError, LedgerError } from "../errors.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { COMPACTIONS } from "../ledger/compaction.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { sha256 } from "../sha256.ts";
import { Turns } from "../turns.ts";
import { compactStore, planCompaction } from "./compact-facts.ts";
import { eraseKeys, planErasure, storesOf } from "./erase-facts.ts";
import type { FactWriter } from "./fact-writer.ts";
import {
  type BlockedFacts,
  type CarriedOut,
  emptyPlan,
  type KeepingOrder,
  type KeepingPart,
  type KeepingReport,
  type KeepingRule,
  type PlannedKeeping,
  SHOWN_LIMIT,
} from "./keeping.ts";
import { forgetCalls } from "./once.ts";
import { planPruning, pruneStore } from "./prune-facts.ts";
import {
  type Begun,
  doneCommit,
  type KeepingReceipt,
  orderOfReceipt,
  receiptById,
  receiptCommit,
  receiptId,
  receiptKeys,
  receiptsBy,
} from "./receipt.ts";
import { storeNamesOf } from "./summary.ts";

/** What is derived from facts, by the process that gives them up. */
export interface DerivedFrom {
  /** Everything of a store up to this position was taken in by what is derived from it. */
  readonly takenUpTo: (store: Pick<KeepingRule, "kind" | "store">) => number;
  /** Told which stores have erased facts, before that is said to be done: after a crash in between once more. */
  readonly lost: (stores: ReadonlySet<string>) => Promise<void>;
}

const NOTHING_DERIVED: DerivedFrom = { takenUpTo: () => Number.POSITIVE_INFINITY, lost: async () => {} };

/** One for each writer of a ledger. */
export class FactKeeper {
  readonly #ledger: Ledger;
  readonly #writer: FactWriter;
  readonly #now: () => number;
  readonly #derivations: DerivedFrom;
  readonly #turns = new Turns();

  constructor(ledger: Ledger, writer: FactWriter, now: () => number, derivations: DerivedFrom = NOTHING_DERIVED) {
    this.#ledger = ledger;
    this.#writer = writer;
    this.#now = now;
    this.#derivations = derivations;
  }

  /**
   * Carries out an order, or tells what it would do. The second of two waits for the first.
   * @throws InputError `plan_changed`, `too_many_facts`, `bad_fact_id`; LedgerError `ledger_not_encrypted`, and what `Ledger.compact` throws
   */
  keep(order: KeepingOrder): Promise<KeepingReport> {
    return this.#turns.do(() => this.#keep(order));
  }

  /** Completes what a crash cut short. */
  async complete(): Promise<void> {
    for (const receipt of receiptsBy(this.#ledger, { keys: [receiptKeys.all], open: true })) {
      const order = await orderOfReceipt(this.#ledger, receipt);
      // A part may be done: the receipt tells what was planned.
      const facts = receipt.kind === "purge" ? await this.#purged(receipt, order) : receipt.facts;
      if (receipt.kind !== "purge") await this.#carryOut(receipt, order);
      await this.#ledger.append([doneCommit(this.#ledger, { ...receipt, facts })]);
    }
  }

  /** How much a purge has removed. What it has decided the ledger completes by itself; one that came to nothing is begun again. */
  async #purged(receipt: KeepingReceipt, order: JsonObject): Promise<number> {
    if (await wasCompacted(this.#ledger, receipt.id)) return receipt.facts;
    try {
      return (await this.#carryOut(receipt, order)).facts;
    } catch (error) {
      // It cannot be done any more, and the ledger is to be opened all the same.
      if (error instanceof LedgerError && error.code === "archive_unfit") return 0;
      throw error;
    }
  }

  async #keep(order: KeepingOrder): Promise<KeepingReport> {
    const { dryRun = false, plan: meant } = order;
    const done = meant === undefined ? [] : receiptsBy(this.#ledger, { keys: [receiptKeys.plan(meant)] });
    if (meant !== undefined && done.length > 0) return { ...emptyPlan(order.verb), hash: meant, dryRun, receipts: done, repeated: true };
    const { plan, parts } = await planKeeping(this.#ledger, order, this.#now(), this.#derivations);
    if (dryRun) return { ...plan, dryRun, receipts: [], repeated: false };
    if (meant !== undefined && meant !== plan.hash)
      throw new InputError("plan_changed", `what would go is no longer what the plan ${meant.slice(0, 12)}… says`, {
        fix: "Make the plan again (dryRun: true; on the command line --dry-run), read it, and carry that one out.",
        details: { meant, now: plan.hash },
      });
    // What stayed all the same may be planned again: each time has receipts of its own.
    const each = `${plan.hash} ${this.#ledger.position}`;
    const begun = parts.map((part, index) => ({
      part,
      receipt: receiptOf(order, part, { plan: plan.hash, id: receiptId(sha256(`${each} ${index}`)) }),
    }));
    // The receipts first: nothing goes of which nobody could tell.
    await this.#ledger.append(begun.map(({ part, receipt }) => receiptCommit(receipt, part)));
    const receipts: KeepingReceipt[] = [];
    const left: BlockedFacts[] = [];
    let ledger = plan.ledger;
    for (const { part, receipt } of begun) {
      const { done: told, carried } = await this.#carry(receipt, part.order);
      if (told !== undefined) receipts.push(told);
      left.push(...carried.blocked);
      ledger = carried.ledger ?? ledger;
    }
    if (order.verb === "compact" && order.all === true) await forgetCalls(this.#ledger, this.#now());
    const blocked = [...plan.blocked, ...left].slice(0, SHOWN_LIMIT);
    return { ...plan, ledger, blocked, blockedCount: plan.blockedCount + left.length, dryRun, receipts, repeated: false };
  }

  async #carry(receipt: Begun, order: JsonObject): Promise<{ readonly done: KeepingReceipt | undefined; readonly carried: Carried }> {
    const carried = await this.#carryOut(receipt, order);
    const done = { ...receipt, keys: carried.keys, facts: carried.facts };
    await this.#ledger.append([doneCommit(this.#ledger, done)]);
    return { done: receiptById(this.#ledger, receipt.id), carried };
  }

  async #carryOut({ id, kind, reason, boundary }: Begun, order: JsonObject): Promise<Carried> {
    const cutting = { ledger: this.#ledger, writer: this.#writer };
    switch (kind) {
      case "compact":
        return compactStore(cutting, order, id);
      case "prune":
        return pruneStore(cutting, order, { receipt: id, boundary });
      case "erase": {
        const carried = await eraseKeys(cutting, order);
        await this.#derivations.lost(storesOf(order));
        return carried;
      }
      case "purge": {
        // Written by `planPurge`.
        const options = order as unknown as { readonly overCursors: boolean; readonly archive?: string };
        const ledger = await this.#ledger.compact({ ...options, note: { receipt: id, ...(reason === null ? {} : { reason }) } });
        return { keys: 0, facts: ledger.removed.commits, blocked: [], ledger };
      }
      case "late":
        return { keys: 0, facts: 0, blocked: [] };
    }
  }
}

/** Whether the log was compacted under a receipt, by its own record. */
async function wasCompacted(ledger: Ledger, receipt: string): Promise<boolean> {
  const facts = (await ledger.read(COMPACTIONS)).flatMap((entry) => entry.facts);
  const decided = facts.findLastIndex(({ note }) => isJsonObject(note) && note["receipt"] === receipt);
  return decided >= 0 && facts[decided + 1]?.["type"] === "ledger.compacted";
}

function receiptOf(
  { verb, reason, actor }: KeepingOrder,
  { store, subject, boundary, keys, facts }: KeepingPart,
  { plan, id }: Pick<Begun, "plan" | "id">,
): Begun {
  const said = { boundary: boundary ?? null, reason: reason ?? null, actor: actor ?? null };
  return { id, kind: verb, store, status: "begun", keys, facts, subject, ...said, plan };
}

/** What an order would do. Changes nothing. @throws as `FactKeeper.keep`, but `plan_changed` */
export async function planKeeping(
  ledger: Ledger,
  order: KeepingOrder,
  now: number,
  { takenUpTo }: Pick<DerivedFrom, "takenUpTo"> = NOTHING_DERIVED,
): Promise<PlannedKeeping> {
  switch (order.verb) {
    case "compact": {
      const planned = await planCompaction(ledger, order.rules, { position: ledger.position, time: now }, takenUpTo);
      return order.all === true ? withUnknown(planned, ledger, order) : planned;
    }
    case "prune":
      return planPruning(ledger, order.ids, order.boundary);
    case "erase":
      return planErasure(ledger, order);
    case "purge":
      return planPurge(ledger, order);
  }
}

/** What a part came to; of a purge, what it took off the disk. */
type Carried = CarriedOut & Partial<Pick<KeepingReport, "ledger">>;

/** What was given up and lies in finished parts of the log. */
async function planPurge(
  ledger: Ledger,
  { overCursors = false, archive }: Extract<KeepingOrder, { readonly verb: "purge" }>,
): Promise<PlannedKeeping> {
  const options = { overCursors, ...(archive === undefined ? {} : { archive }) };
  const told = await ledger.compact({ dryRun: true, ...options });
  const { removed, kept, blobs, oldest } = told;
  const hash = sha256(`purge ${JSON.stringify([removed, kept, blobs, oldest])}`);
  const part: KeepingPart = {
    store: null,
    subject: null,
    keys: 0,
    facts: removed.commits,
    order: { verb: "purge", ...options },
    found: [],
  };
  return { plan: { ...emptyPlan("purge"), hash, ledger: told }, parts: removed.commits + blobs.count === 0 ? [] : [part] };
}

/** Tells also of stores about which nothing was said. */
function withUnknown(
  planned: PlannedKeeping,
  ledger: Ledger,
  { rules }: Extract<KeepingOrder, { readonly verb: "compact" }>,
): PlannedKeeping {
  const isKnown = ({ kind, name }: { readonly kind: string; readonly name: string }): boolean =>
    rules.some((rule) => rule.kind === kind && rule.store === name);
  const unknown = storeNamesOf(ledger).filter((name) => !isKnown(name));
  const blocked = [
    ...planned.plan.blocked,
    ...unknown.map(({ kind, name }): BlockedFacts => ({ kind, store: name, reason: "not_registered" })),
  ];
  const { blockedCount } = planned.plan;
  return { ...planned, plan: { ...planned.plan, blocked: blocked.slice(0, SHOWN_LIMIT), blockedCount: blockedCount + unknown.length } };
}
