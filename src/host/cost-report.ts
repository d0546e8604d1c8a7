// What runs cost, summed up by what somebody asks for. Everything it tells stands in heads and facts; prices are only asked for their age.

import { InputError } from "../errors.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { NO_PRICES, priceOf, type Prices } from "../model/price.ts";
import { doubtAbout, type PriceDoubt } from "../model/price-table.ts";
import { splitPath } from "../run/path.ts";
import { addSpending, NO_SPENDING, type Spending } from "../run/spending.ts";
import type { RunStatus } from "../run/state.ts";
import type { Clock } from "./clock.ts";
import { costsIn, type CostedReply, type CostEffort, type Costs, type CostScope, type StreamCost } from "./costs.ts";
import { rootNote } from "./known-run.ts";
import { compactedNote } from "../run/compacted.ts";

/** By what costs are summed up. `contract` and `node` count what a contract's own nodes spent, also where it is a child of another one. */
export const COST_GROUPINGS = ["contract", "run", "model", "node", "day"] as const;
/** By what costs are summed up: one of these. */
export type CostGrouping = (typeof COST_GROUPINGS)[number];

/** What is asked about costs. */
export interface CostQuery extends CostScope {
  /** Default `contract`. By `node` and by `day` the facts of all runs in question are read that asked a model; else their heads are enough. */
  readonly by?: CostGrouping;
}

/** What belongs together. */
export interface CostRow {
  /** A contract's name, a run's id, `provider:model`, a node's path without keys (`press-release posts[*]/draft`), or a day (`2026-11-21`, UTC). */
  readonly key: string;
  /** Root runs in which it was spent. */
  readonly runs: number;
  readonly spending: Spending;
  /** By run: which it is. */
  readonly run?: { readonly contract: string; readonly status: RunStatus; readonly startedAt: number };
}

/** What runs cost. */
export interface CostReport {
  readonly by: CostGrouping;
  /** What cost most first; days in their order. */
  readonly rows: readonly CostRow[];
  readonly total: Spending;
  /** Root runs that were looked at, and how many of them asked a model. */
  readonly runs: { readonly all: number; readonly asking: number };
  /** Part of the total: root runs that failed or were cancelled. */
  readonly lost: { readonly runs: number; readonly spending: Spending };
  /** Part of the total: replies that were thrown away, since a try failed and another one asked again. */
  readonly discarded: Spending;
  /** Models of which calls have no known cost. */
  readonly unpriced: readonly { readonly model: string; readonly calls: number; readonly hasPriceNow: boolean }[];
  /** Prices in use that may no longer be true. */
  readonly doubts: readonly PriceDoubt[];
  /** Runs that were erased or compacted: nobody knows what the former spent; of the latter the sum is known, and not on what. */
  readonly erased: number;
  readonly compacted: number;
  /** What it took to find out. */
  readonly looked: Readonly<CostEffort>;
}

/** Sums up costs. @throws InputError `run_not_found`, `run_erased`, `bad_option` */
export async function costReport(
  ledger: Ledger,
  query: CostQuery,
  { prices = NO_PRICES, now }: { readonly prices: Prices | undefined; readonly now: Clock["now"] },
): Promise<CostReport> {
  const { by = "contract", ...scope } = query;
  if (!COST_GROUPINGS.includes(by))
    throw new InputError("bad_option", `costs are not summed up by "${String(by)}"`, { fix: `By ${COST_GROUPINGS.join(", ")}.` });
  const head = scope.run === undefined ? undefined : ledger.head(scope.run);
  if (scope.run !== undefined && (head === undefined || compactedNote(head.note) === undefined)) rootNote(ledger, scope.run);
  const costs = await costsIn(ledger, scope, by === "node" || by === "day");
  const models = sumBy(costs.streams, ({ models }) => [...models]);
  return {
    by,
    rows: rowsOf(costs, by),
    total: sum([...models.values()].map(({ spending }) => spending)),
    runs: { all: costs.runs.length, asking: new Set(costs.streams.map(({ root }) => root.run)).size },
    lost: lostIn(costs),
    discarded: sum(costs.streams.map(({ discarded }) => discarded)),
    unpriced: [...models]
      .filter(([, { spending }]) => spending.unpricedCalls > 0)
      .map(([model, { spending }]) => ({ model, calls: spending.unpricedCalls, hasPriceNow: priceOf(model, prices) !== undefined })),
    doubts: [...models.keys()].flatMap((model) => {
      const found = priceOf(model, prices);
      return (found === undefined ? undefined : doubtAbout(model, found, now())) ?? [];
    }),
    erased: costs.erased,
    compacted: costs.runs.filter(({ isCompacted }) => isCompacted).length,
    looked: costs.looked,
  };
}

interface Sum {
  readonly runs: Set<string>;
  spending: Spending;
}

/** What streams spent by the keys they are given. */
function sumBy(streams: readonly StreamCost[], parts: (stream: StreamCost) => readonly (readonly [string, Spending])[]): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  for (const stream of streams) {
    for (const [key, spending] of parts(stream)) {
      const before = sums.get(key) ?? { runs: new Set(), spending: NO_SPENDING };
      before.runs.add(stream.root.run);
      before.spending = addSpending(before.spending, spending);
      sums.set(key, before);
    }
  }
  return sums;
}

function rowsOf({ streams }: Costs, by: CostGrouping): readonly CostRow[] {
  const roots = new Map(streams.map(({ root }) => [root.run, root]));
  const rows = [...sumBy(streams, partsBy(by))].map(([key, { runs, spending }]): CostRow => {
    const root = by === "run" ? roots.get(key) : undefined;
    const run = root === undefined ? {} : { run: { contract: root.contract, status: root.status, startedAt: root.startedAt } };
    return { key, runs: runs.size, spending, ...run };
  });
  return rows.toSorted(by === "day" ? (a, b) => (a.key < b.key ? -1 : 1) : dearestFirst);
}

function dearestFirst({ spending: a }: CostRow, { spending: b }: CostRow): number {
  return b.knownUsd - a.knownUsd || b.inputTokens + b.outputTokens - (a.inputTokens + a.outputTokens);
}

function partsBy(by: CostGrouping): (stream: StreamCost) => readonly (readonly [string, Spending])[] {
  const whole = (key: (stream: StreamCost) => string) => (stream: StreamCost) => [[key(stream), sum([...stream.models.values()])] as const];
  const each = (key: (reply: CostedReply, stream: StreamCost) => string) => (stream: StreamCost) =>
    stream.replies?.map((reply) => [key(reply, stream), reply.spending] as const) ??
    whole(({ root }) => `${root.contract} (compacted)`)(stream);
  switch (by) {
    case "contract":
      return whole(({ contract }) => nameOf(contract));
    case "run":
      return whole(({ root }) => root.run);
    case "model":
      return ({ models }) => [...models];
    case "node":
      return each(({ path }, { root }) => `${root.contract} ${withoutKeys(path)}`);
    case "day":
      // Of a compacted run the day of its start is the nearest that is known.
      return (stream) =>
        stream.replies?.map(({ time, spending }) => [dayOf(time), spending] as const) ?? whole(({ root }) => dayOf(root.startedAt))(stream);
  }
}

/** What is written in place belongs to the contract it is written in. */
function nameOf(contract: string): string {
  return contract.split("/", 1)[0] ?? contract;
}

function withoutKeys(path: string): string {
  return splitPath(path)
    .map(({ node, key }) => (key === "" ? node : `${node}[*]`))
    .join("/");
}

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

function lostIn({ streams }: Costs): CostReport["lost"] {
  const lost = streams.filter(({ root }) => root.status === "failed" || root.status === "cancelled");
  return { runs: new Set(lost.map(({ root }) => root.run)).size, spending: sum(lost.flatMap(({ models }) => [...models.values()])) };
}

function sum(spendings: readonly Spending[]): Spending {
  return spendings.reduce(addSpending, NO_SPENDING);
}
