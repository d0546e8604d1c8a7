// Boundaries as a program uses them: each step is a fact of its store, recorded with what it does to the keys that are covered.

import { InputError, RunError } from "../errors.ts";
import { check, describeIssues } from "../schema.ts";
import type { Page } from "../host/client.ts";
import { type Boundary, type BoundaryAt, boundaryKey, type BoundaryRecord, type BoundaryStatus } from "./boundary.ts";
import { closingOf, factsAgain, resultOf } from "./boundary-facts.ts";
import { BoundaryDraft, type BoundaryPlan, type PlannedBoundaries } from "./boundary-plan.ts";
import { isCause, orderOf } from "./change.ts";
import type { RecordOrder, WriteReceipt } from "./fact-writer.ts";
import type { FactRef } from "./fact.ts";
import type { FactAccess, StoreReader } from "./handle.ts";
import type { PageOptions } from "./page.ts";
import type { BoundaryStep } from "./hold.ts";
import { assertObject, assertOneOf, assertOptions } from "../graph/given.ts";
import { assertKeeping, type KeepingOptions, type KeepingOrder, type KeepingReport } from "./keeping.ts";
import { shortly, streamOf } from "./names.ts";
import { type KeepingReceipt, receiptKeys, receiptsBy } from "./receipt.ts";
import type { Written } from "./value.ts";

/** Where a handle of boundaries reads and writes. */
export interface BoundaryAccess extends Pick<FactAccess, "asked"> {
  readonly records: (store: Boundary<unknown>["store"]) => StoreReader<BoundaryRecord, "status" | "plan">;
  readonly submit: (order: RecordOrder) => Promise<WriteReceipt>;
  readonly keep: (order: KeepingOrder) => Promise<KeepingReport>;
}

/** How a boundary stands. */
export interface BoundaryState<T> extends Omit<BoundaryRecord, "result"> {
  /** Undefined while it is open. */
  readonly result: T | undefined;
  /** The fact that says so; undefined where nothing was ever said of it. */
  readonly fact: FactRef | undefined;
  /** Receipts of facts that came after it was closed, the first 1,000: it stays as it was. */
  readonly late: readonly KeepingReceipt[];
}

/** A result, and what it was taken from. */
export interface Replay<T> {
  /** `boundary`: as it was recorded. `raw`: made again from the facts. */
  readonly fidelity: "boundary" | "raw";
  readonly result: T;
  readonly resultHash: string;
  /** True when it is what was recorded. */
  readonly isSame: boolean;
}

/** How details go. */
export interface CompactBoundariesOptions extends KeepingOptions {
  /** Facts outside that rest on details are no reason to keep them: what they name leads to the boundary from then on. */
  readonly redirect?: boolean;
}

/** What was done, or would be. */
export interface BoundaryReport extends BoundaryPlan {
  readonly dryRun: boolean;
  /** True when the plan was carried out before, or is completed now. */
  readonly repeated: boolean;
  readonly receipts: readonly KeepingReceipt[];
}

const TRIES_MOST = 10;
/** So often what came while a boundary was being closed is taken in, too; where more and more comes it is late in the end. */
const TRIES_WITH_ALL = 3;
const LATE_MOST = 1_000;
/** Of one plan: at least as many as begin at once. */
const BEGUN_MOST = 1_000;
const PAGE = 100;
const NOT_COMPACTED: readonly BoundaryStatus[] = ["compacting", "settled", "closed", "open"];

/** Boundaries of one definition. */
export class BoundaryHandle<T> {
  readonly #boundary: Boundary<T>;
  readonly #access: BoundaryAccess;
  readonly #records: StoreReader<BoundaryRecord, "status" | "plan">;

  constructor(boundary: Boundary<T>, access: BoundaryAccess) {
    this.#boundary = boundary;
    this.#access = access;
    this.#records = access.records(boundary.store);
  }

  /** How a boundary stands: `open` also where nothing was ever said of it. @throws InputError `bad_key` */
  async get(at: BoundaryAt): Promise<BoundaryState<T>> {
    return this.#stateOf(at, await this.#records.get(boundaryKey(this.#boundary.name, at)));
  }

  /** Boundaries of which something was said, in the order in which they began. @throws InputError `bad_limit`, `bad_cursor` */
  async list(options: PageOptions & { readonly status?: BoundaryStatus } = {}): Promise<Page<BoundaryState<T>>> {
    assertOptions("list", options);
    const { status, ...page } = options;
    assertOneOf("list: status", status, [...NOT_COMPACTED, "compacted"]);
    const { items, cursor } = status === undefined ? await this.#records.list(page) : await this.#records.query("status", status, page);
    return { items: await Promise.all(items.map((record) => this.#stateOf(record.value, record))), cursor };
  }

  /** Notes that there is one to be closed, so that plans tell of it. One that was opened stays as it is. */
  async open(at: BoundaryAt): Promise<BoundaryState<T>> {
    await this.#step(at, async (known) => (known === undefined ? { record: openRecord(at), causes: [] } : undefined));
    return this.get(at);
  }

  /**
   * Computes the result of a boundary from all facts of its keys, once, and records it with them. What comes later is late and changes nothing; its facts are kept until it is compacted.
   * One that was closed stays as it is.
   * @throws InputError `too_many_inputs`, `detail_unavailable`, `bad_key`, `bad_boundary`; RunError `bad_result`
   */
  async close(at: BoundaryAt): Promise<BoundaryState<T>> {
    await this.#step(at, async (known, boundary) => {
      if (known !== undefined && known.value.status !== "open") return undefined;
      const { facts, inputs, covers } = await closingOf(await this.#access.asked(), this.#boundary, at);
      const record: BoundaryRecord = { ...openRecord(at), status: "closed", ...(await resultOf(this.#boundary, facts, at)), inputs };
      return { record, causes: inputs, step: { boundary, covers } };
    });
    return this.get(at);
  }

  /**
   * Records by what the result of a closed boundary is proved: facts of stores, histories or runs.
   * @throws InputError `evidence_needed`, `bad_evidence`, `boundary_open`, `boundary_settled` (by other evidence), `unknown_cause`; RunError `bad_result`
   */
  async settle(at: BoundaryAt, options: { readonly evidence: readonly string[] }): Promise<BoundaryState<T>> {
    assertObject("settle", options);
    const evidence = this.#evidenceOf(at, options.evidence);
    await this.#step(at, async (known) => {
      const { status = "open", evidence: before = [] } = known?.value ?? {};
      const isSame = before.length === evidence.length && before.every((id, index) => id === evidence[index]);
      if (known === undefined || status === "open") throw this.#unfit("boundary_open", at, "is open", "Close it first.");
      // What cannot be read any more is not proved.
      await this.#valueOf(known.value.result);
      if (status === "closed") return { record: { ...known.value, status: "settled", evidence }, causes: [known.id, ...evidence] };
      if (isSame) return undefined;
      throw this.#unfit("boundary_settled", at, "was settled by other evidence", "It stays as it is.");
    });
    return this.get(at);
  }

  /**
   * The result again: as it was recorded, or made from the facts.
   * @throws InputError `boundary_open`; with `raw` `detail_unavailable` when they are gone
   */
  async replay(at: BoundaryAt, options: { readonly fidelity?: "boundary" | "raw" } = {}): Promise<Replay<T>> {
    assertOptions("replay", options);
    const { fidelity = "boundary" } = options;
    assertOneOf("replay: fidelity", fidelity, ["boundary", "raw"]);
    const record = (await this.#records.get(boundaryKey(this.#boundary.name, at)))?.value;
    if (record === undefined || record.resultHash === null) throw this.#unfit("boundary_open", at, "is open", "Close it first.");
    const { result, resultHash } =
      fidelity === "boundary"
        ? record
        : await resultOf(this.#boundary, await factsAgain(await this.#access.asked(), this.#boundary, at, record), at);
    const hash = resultHash ?? record.resultHash;
    return { fidelity, result: await this.#valueOf(result), resultHash: hash, isSame: hash === record.resultHash };
  }

  /**
   * Gives up the details of settled boundaries: references to them say `detail_unavailable` and lead to the boundary. With `dryRun` it tells the plan, whose `hash` as `plan` carries out exactly that, once.
   * @throws InputError `plan_changed`, `bad_actor`, `bad_reason`
   */
  async compact(options: CompactBoundariesOptions = {}): Promise<BoundaryReport> {
    assertKeeping("compact", options, ["redirect"]);
    const { dryRun = false, redirect = false, plan: meant, reason, actor } = options;
    const said = { ...(reason === undefined ? {} : { reason }), ...(actor === undefined ? {} : { actor }) };
    const begun = meant === undefined ? [] : (await this.#records.query("plan", meant, { limit: BEGUN_MOST })).items;
    if (meant !== undefined && begun.length > 0) {
      const receipts = dryRun ? [] : await this.#finish(begun, said);
      return { hash: meant, ready: [], blocked: [], dryRun, repeated: true, receipts };
    }
    const { going, ...plan } = await this.#plan(redirect);
    if (dryRun) return { ...plan, dryRun, repeated: false, receipts: [] };
    if (meant !== undefined && meant !== plan.hash)
      throw new InputError("plan_changed", "what would go is no longer what the plan says", {
        fix: "Make the plan again (dryRun: true; on the command line --dry-run), read it, and carry that one out.",
        details: { meant, now: plan.hash },
      });
    const changes = going.flatMap(({ id, key, value }) =>
      value.status === "settled"
        ? this.#boundary.store.write(key, { ...value, status: "compacting", plan: plan.hash }, { expect: id })
        : [],
    );
    // All of them at once: whoever names the plan again completes what is left of it.
    if (changes.length > 0) await this.#access.submit({ orders: await Promise.all(changes.map((change) => orderOf(change))) });
    return { ...plan, dryRun, repeated: false, receipts: await this.#finish(going, said) };
  }

  async #plan(redirect: boolean): Promise<PlannedBoundaries> {
    const draft = new BoundaryDraft((await this.#access.asked()).ledger, redirect);
    for (const status of NOT_COMPACTED)
      for await (const record of this.#having(status)) {
        if (draft.isDoneWith(status)) break;
        await draft.look(record);
      }
    return draft.end();
  }

  async *#having(status: BoundaryStatus): AsyncGenerator<Written<BoundaryRecord>, void> {
    for (let next: { readonly cursor?: string } | undefined = {}; next !== undefined; ) {
      const { items, cursor }: Page<Written<BoundaryRecord>> = await this.#records.query("status", status, { limit: PAGE, ...next });
      yield* items;
      next = cursor === undefined ? undefined : { cursor };
    }
  }

  async #finish(
    records: readonly Written<BoundaryRecord>[],
    said: Pick<KeepingOptions, "reason" | "actor">,
  ): Promise<readonly KeepingReceipt[]> {
    const receipts: KeepingReceipt[] = [];
    for (const { value } of records) {
      const boundary = this.#stream(value);
      if (value.status !== "compacted") await this.#access.keep({ verb: "prune", ids: value.inputs, boundary, ...said });
      const { ledger } = await this.#access.asked();
      const own = receiptsBy(ledger, { keys: [receiptKeys.about("prune", boundary)] });
      receipts.push(...own);
      await this.#step(value, async (known) =>
        known?.value.status !== "compacting"
          ? undefined
          : {
              record: { ...known.value, status: "compacted", receipts: own.map(({ id }) => id) },
              causes: [],
              step: { boundary, isReleased: true },
            },
      );
    }
    return receipts;
  }

  /** Records the next state of a boundary, as often as somebody else was first; nothing where there is none. */
  async #step(
    at: BoundaryAt,
    next: (known: Written<BoundaryRecord> | undefined, boundary: string) => Promise<NextState | undefined>,
  ): Promise<void> {
    const key = boundaryKey(this.#boundary.name, at);
    for (let left = TRIES_MOST; ; left--) {
      const known = await this.#records.get(key);
      const state = await next(known, this.#stream(at));
      if (state === undefined) return;
      const { record, causes, step } = state;
      const order = await orderOf(this.#boundary.store.write(key, record, { expect: known?.id ?? "absent" }));
      try {
        const isMeanwhileLate = left <= TRIES_MOST - TRIES_WITH_ALL;
        await this.#access.submit({
          orders: [{ ...order, causes }],
          ...(step === undefined ? {} : { step: { ...step, isMeanwhileLate } }),
        });
        return;
      } catch (error) {
        if (left === 0 || !(error instanceof InputError) || error.code !== "write_conflict") throw error;
      }
    }
  }

  async #stateOf({ subject, period }: BoundaryAt, known: Written<BoundaryRecord> | undefined): Promise<BoundaryState<T>> {
    const at = { subject, period };
    const { ledger } = await this.#access.asked();
    const late = receiptsBy(ledger, { keys: [receiptKeys.about("late", this.#stream(at))], limit: LATE_MOST });
    if (known === undefined) return { ...openRecord(at), result: undefined, fact: undefined, late };
    const { value, act: _act, ...fact } = known;
    const result = value.resultHash === null ? undefined : await this.#valueOf(value.result);
    return { ...value, result, fact: { ...fact, act: "written" }, late };
  }

  async #valueOf(result: BoundaryRecord["result"]): Promise<T> {
    const checked = await check(this.#boundary.schema, result);
    if (checked.ok) return checked.value;
    const message = `a result of ${this.#boundary.name} that was recorded does not fit: ${describeIssues(checked.issues)}`;
    throw new RunError("bad_result", message, { fix: "Let the schema take results of before, too; what is recorded is unharmed." });
  }

  #evidenceOf(at: BoundaryAt, given: unknown): readonly string[] {
    const fix = "Give ids of facts or runs: evidence: [invoice.id].";
    const all: readonly unknown[] = Array.isArray(given) ? given : [given];
    if (all.length === 0) throw this.#unfit("evidence_needed", at, "is proved by nothing", fix);
    const ids = all.filter(isCause);
    if (ids.length === all.length) return [...new Set(ids)];
    const strange = all.find((id) => !isCause(id));
    throw this.#unfit("bad_evidence", at, `is to be proved by ${shortly(strange)}, which is no id`, fix);
  }

  #stream(at: BoundaryAt): string {
    return streamOf("store", this.#boundary.name, boundaryKey(this.#boundary.name, at));
  }

  #unfit(code: string, { subject, period }: BoundaryAt, message: string, fix: string): InputError {
    return new InputError(code, `${this.#boundary.name}: ${subject}, ${period} ${message}`, { fix, details: { subject, period } });
  }
}

interface NextState {
  readonly record: BoundaryRecord;
  readonly causes: readonly string[];
  readonly step?: BoundaryStep;
}

function openRecord({ subject, period }: BoundaryAt): BoundaryRecord {
  return { subject, period, status: "open", result: null, resultHash: null, inputs: [], evidence: [], plan: null, receipts: [] };
}
