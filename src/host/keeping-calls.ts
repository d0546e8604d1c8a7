// The calls of a client about what becomes of facts of the application: what ids lead to, what is given up, taken off the disk or erased, and the receipts of all that.

import { resolve as absolute } from "node:path";
import { InputError } from "../errors.ts";
import type { Boundary } from "../store/boundary.ts";
import { BoundaryHandle } from "../store/boundary-handle.ts";
import { planKeeping } from "../store/fact-keeper.ts";
import { assertDefinition, assertList, assertOptions, assertStore } from "../graph/given.ts";
import type { RecordOrder, WriteReceipt } from "../store/fact-writer.ts";
import type { FactAccess } from "../store/handle.ts";
import type { AnyStore } from "../store/store.ts";
import { assertKeeping, type KeepingOptions, type KeepingOrder, type KeepingReport, ruleOf } from "../store/keeping.ts";
import { assertKey, type StoreKind } from "../store/names.ts";
import { assertStoreName } from "../store/summary.ts";
import { type KeepingKind, type KeepingReceipt, receiptIn, receiptKeys } from "../store/receipt.ts";
import type { Page } from "./client.ts";
import type { Clock } from "./clock.ts";
import type { FactCalls } from "./fact-calls.ts";
import { keyedRecord } from "./door-client.ts";
import { afterCursor, pageSize } from "./page.ts";
import { type Resolved, resolveFact, type ResolveOptions } from "./resolve.ts";
import type { Standing } from "./standing.ts";

/** Which stores are compacted, and how. */
export interface CompactFactsRequest extends KeepingOptions {
  /** Those of the runtime when left out. */
  readonly stores?: readonly AnyStore[];
}

/** Which facts are pruned, and why. */
export interface PruneFactsRequest extends KeepingOptions {
  /** Ids, at most 10,000. */
  readonly ids: readonly string[];
  readonly reason: string;
}

/** How what was given up is taken off the disk. */
export interface PurgeFactsRequest extends KeepingOptions {
  /** A folder that takes what is removed, as a ledger of its own. Without one it is gone for good. */
  readonly archive?: string;
  /** Also what a consumer with a durable cursor was not told yet. */
  readonly overCursors?: boolean;
}

/** Which key is erased, why, and what with it. */
export interface EraseFactsRequest extends KeepingOptions {
  readonly store: Pick<AnyStore, "kind" | "name">;
  /** Of a history: the partition; empty for one without. */
  readonly key: string;
  readonly reason: string;
  /** Also the keys of all facts that rest on it, as far as `causedBy` says. Without, the plan tells of them. */
  readonly derived?: boolean;
}

/** Which receipts to list. */
export interface FactReceiptsQuery {
  readonly store?: string;
  readonly kind?: KeepingKind;
  /** 1 to 1,000; default 50. */
  readonly limit?: number;
  /** From the page before. */
  readonly cursor?: string;
}

/** What a client can do about what becomes of facts of the application. */
export interface KeepingCalls {
  /**
   * What an id of a fact leads to, of the application or of a run: the fact, or what is left when it was given up or erased. `kindling.fact` throws where this tells.
   * @throws InputError `bad_fact_id` (it is no text), `fact_differs` (there is another fact in that place)
   */
  readonly resolve: (id: string, options?: ResolveOptions) => Promise<Resolved>;
  /**
   * Gives up what the retention of stores does not keep. With `dryRun` it tells the plan, whose `hash` as `plan` carries out exactly that.
   * @throws InputError `plan_changed`, `bad_actor`, `bad_reason`
   * @example await kindling.compactFacts({ stores: [calls], dryRun: true });
   */
  readonly compactFacts: (request?: CompactFactsRequest) => Promise<KeepingReport>;
  /**
   * Gives up the values of exactly named facts. Ids that name none are told as `missing`; the latest fact of a key stays.
   * @throws InputError `bad_fact_id`, `too_many_facts`, `plan_changed`, `bad_actor`, `bad_reason`
   */
  readonly pruneFacts: (request: PruneFactsRequest) => Promise<KeepingReport>;
  /**
   * Takes what was given up off the disk, of facts and of runs, as far as it lies in finished parts of the log.
   * @throws InputError `plan_changed`, `bad_actor`, `bad_reason`; LedgerError as `kindling.compact`
   */
  readonly purgeFacts: (request?: PurgeFactsRequest) => Promise<KeepingReport>;
  /**
   * Makes all that was ever said of a key unreadable for ever, in copies too. It reads as absent from then on, and can be written anew.
   * @throws LedgerError `ledger_not_encrypted`; InputError `bad_key`, `too_many_facts`, `plan_changed`, `bad_actor`, `bad_reason`
   */
  readonly eraseFacts: (request: EraseFactsRequest) => Promise<KeepingReport>;
  /**
   * Subjects and periods whose facts come to a result, after which they may go.
   * @example
   * const days = kindling.boundaries(day);
   * await days.close({ subject: "ada", period: "2026-11-24" });
   */
  readonly boundaries: <T>(boundary: Boundary<T>) => BoundaryHandle<T>;
  /** Receipts of all that, newest first, without values. A cursor of `activity` goes on here, too: both say a position. @throws InputError `bad_cursor` */
  readonly factReceipts: (query?: FactReceiptsQuery) => Promise<Page<KeepingReceipt>>;
}

/** Made once for a runtime. @param known stores and histories of the runtime */
export function keepingCalls(
  standing: Standing,
  { clock, store: records }: { readonly clock: Pick<Clock, "now">; readonly store: FactCalls["store"] },
  known: readonly AnyStore[],
): KeepingCalls {
  const asked: FactAccess["asked"] = async () => ({ ledger: (await standing.fresh()).ledger, now: clock.now() });
  const keep = async (order: KeepingOrder): Promise<KeepingReport> => {
    // Who only reads can read a plan, too, where that needs nobody who writes.
    if (order.dryRun === true && standing.engine.writing.by === "none") {
      const { ledger, now } = await asked();
      return { ...(await planKeeping(ledger, order, now)).plan, dryRun: true, receipts: [], repeated: false };
    }
    return standing.write((host) => host.keep(order));
  };
  const submit = (order: RecordOrder): Promise<WriteReceipt> => {
    const once = keyedRecord(order);
    return standing.write((host, isHanded) => host.record(isHanded ? once : order));
  };
  return {
    boundaries: (boundary) => {
      assertDefinition("kindling.boundaries", boundary, "boundary");
      return new BoundaryHandle(boundary, { asked, records, submit, keep });
    },
    resolve: async (id, options) => resolveFact((await standing.fresh()).reader, id, options),
    compactFacts: async (request = {}) => {
      assertKeeping("compactFacts", request, ["stores"]);
      const { stores, ...options } = request;
      assertList("compactFacts: stores", stores);
      for (const store of stores ?? []) assertStore("compactFacts: stores", store);
      return keep({ verb: "compact", rules: (stores ?? known).map(ruleOf), all: stores === undefined, ...options });
    },
    pruneFacts: async (request) => {
      assertKeeping("pruneFacts", request, ["ids"]);
      const { ids, ...options } = request;
      assertList("pruneFacts: ids", ids ?? null);
      assertReason("pruneFacts", options.reason);
      return keep({ verb: "prune", ids, ...options });
    },
    purgeFacts: async (request = {}) => {
      assertKeeping("purgeFacts", request, ["archive", "overCursors"]);
      const { archive, ...options } = request;
      return keep({ verb: "purge", ...options, ...(archive === undefined ? {} : { archive: absolute(archive) }) });
    },
    eraseFacts: async (request) => {
      assertKeeping("eraseFacts", request, ["store", "key", "derived"]);
      const { store, key, derived = false, ...options } = request;
      assertReason("eraseFacts", options.reason);
      assertStoreName("eraseFacts", store);
      const { kind, name } = store;
      if (kind === "store" || key !== "") assertKey(name, key);
      return keep({ verb: "erase", kind: kind satisfies StoreKind, store: name, key, derived, ...options });
    },
    factReceipts: async (query = {}) => receiptsOf(standing, query),
  };
}

async function receiptsOf(standing: Standing, query: FactReceiptsQuery): Promise<Page<KeepingReceipt>> {
  assertOptions("factReceipts", query);
  const { store, kind, limit, cursor } = query;
  const { ledger } = await standing.fresh();
  const size = pageSize(limit);
  const after = afterCursor(cursor);
  const keys = [
    receiptKeys.all,
    ...(store === undefined ? [] : [receiptKeys.of(store)]),
    ...(kind === undefined ? [] : [receiptKeys.kind(kind)]),
  ];
  const found = ledger.find({ keys, newestFirst: true, limit: size + 1, ...(after === undefined ? {} : { after }) });
  const shown = found.slice(0, size);
  return { items: shown.map(receiptIn), cursor: found.length > size ? String(shown.at(-1)?.started) : undefined };
}

function assertReason(call: string, reason: unknown): void {
  if (typeof reason === "string" && reason.trim() !== "") return;
  throw new InputError("bad_reason", `${call} was called without a reason`, { fix: "Say why: it is recorded, and readable afterwards." });
}
