// What a node of a run rests on when it records something: the facts that gave its needs their values, and what was read of stores on the way to them.

import type { PlanNode } from "../compile/plan.ts";
import type { FactsRead, Grounds } from "../graph/store-access.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { placeOf } from "../run/explain-tree.ts";
import type { Fact } from "../run/fact.ts";
import { readNote } from "../run/head.ts";
import { readFact } from "../run/read-fact.ts";
import { stateOf, type RunState } from "../run/state.ts";
import { CAUSES_LIMIT } from "../store/change.ts";
import { placeOf as factPlaceOf } from "../store/names.ts";

/** The grounds of a node whose needs all have values; what was read beyond the causes that a fact can name is found through the run. */
export async function groundsOf(ledger: Ledger, state: RunState, node: PlanNode): Promise<Grounds> {
  const own = causesIn(state, node);
  const readIn = readerOf(ledger);
  const causes = new Set(own.length === 0 ? [`${state.id}:1`] : own);
  for (const above of nodesAbove(state, node)) {
    if (causes.size >= CAUSES_LIMIT) break;
    for (const id of (await readBy(readIn, state, above))?.facts ?? []) causes.add(id);
  }
  return {
    causes: [...causes].slice(0, CAUSES_LIMIT),
    stoodFor: async (local) => {
      const need = node.needs.find((each) => each.local === local);
      const above = need === undefined ? undefined : state.plan.nodes[need.node];
      const read = above === undefined ? undefined : await readBy(readIn, state, above);
      return read === undefined ? undefined : (latestOf(read.facts) ?? "absent");
    },
  };
}

function causesIn(state: RunState, { waitsFor }: PlanNode): readonly string[] {
  return waitsFor.flatMap((index) => {
    const before = state.nodes[index];
    return before?.status === "succeeded" ? [`${state.id}:${before.fact}`] : [];
  });
}

/** The nodes whose values it was made from, nearest first. */
function nodesAbove(state: RunState, node: PlanNode): readonly PlanNode[] {
  const above = new Set(node.waitsFor);
  for (const index of above) for (const further of state.plan.nodes[index]?.waitsFor ?? []) above.add(further);
  return [...above].flatMap((index) => state.plan.nodes[index] ?? []);
}

/** What a node read for the value it has; where that was taken over, what was read when it was made. */
async function readBy(readIn: ReadIn, state: RunState, node: PlanNode): Promise<FactsRead | undefined> {
  const now = stateOf(state, node);
  if (now.status !== "succeeded") return undefined;
  const maker = now.source === undefined ? undefined : placeOf(now.source);
  if (maker === undefined || maker.run === state.id) return lastRead(state.journals.get(node.index) ?? []);
  const facts = (await readIn(maker.run)).slice(0, maker.number);
  return lastRead(facts.filter((fact) => "node" in fact && fact.node === node.name));
}

/** The facts of another run; none of one whose facts are gone. */
type ReadIn = (run: string) => Promise<readonly Fact[]>;

/** Reads each run once. */
function readerOf(ledger: Ledger): ReadIn {
  const known = new Map<string, Promise<readonly Fact[]>>();
  const read = async (run: string): Promise<readonly Fact[]> => {
    const head = ledger.head(run);
    if (head === undefined || readNote(head.note) === undefined) return [];
    return (await ledger.read(run)).flatMap(({ facts }) => facts.map((json) => readFact(json, run)));
  };
  return (run) => {
    const facts = known.get(run) ?? read(run);
    known.set(run, facts);
    return facts;
  };
}

function lastRead(record: readonly { readonly type: string }[]): FactsRead | undefined {
  const read = record.findLast((entry): entry is FactsRead & { readonly type: string } => entry.type === "facts.read");
  return read === undefined ? undefined : { store: read.store, facts: read.facts, position: read.position };
}

/** Of facts of one key the last one, whatever order they were read in. */
function latestOf(ids: readonly string[]): string | undefined {
  return ids.toSorted((one, other) => numberOf(other) - numberOf(one))[0];
}

function numberOf(id: string): number {
  return factPlaceOf(id)?.number ?? 0;
}
