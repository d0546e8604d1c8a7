// What nodes and runs had to do with stores and histories: the facts they read and recorded, by their ids.

import { oneLine } from "./explain-cause-text.ts";
import { childOf, lastFact, type LoadedRun, type PlacedFact, type ReadRun } from "./explain-tree.ts";
import type { Fact } from "./fact.ts";
import { childrenIn } from "./node-state.ts";
import { stateOf } from "./state.ts";

/** What a node, or a run with its children, had to do with stores and histories: ids of facts. */
export interface StoredUse {
  readonly read: readonly string[];
  readonly recorded: readonly string[];
  /** Names of stores and histories in which nothing was found. */
  readonly nothingOf: readonly string[];
  /** How many are not told. */
  readonly more: number;
}

/** Ids told of each. */
const TOLD_LIMIT = 8;
/** Children that are looked into for what a run did. */
const CHILDREN_LIMIT = 32;

/** Of one node's work; of several tries the last one counts. Undefined where there is nothing. */
export function storedIn(work: readonly PlacedFact[]): StoredUse | undefined {
  const last = [lastFact(work, "facts.read"), lastFact(work, "facts.recorded")];
  return told(last.flatMap((placed) => placed?.fact ?? []));
}

/** Of a run and its children, as far as they are looked into. */
export function storedBy(run: LoadedRun, read: ReadRun): StoredUse | undefined {
  return told([run, ...childrenOf(run, read)].flatMap(({ facts }) => facts.map(({ fact }) => fact)));
}

/** The same in words. */
export function describeStored({ read, recorded, nothingOf, more }: StoredUse): readonly string[] {
  const words = (what: string, ids: readonly string[]) =>
    ids.length === 0 ? [] : [`${what} ${ids.map((id) => oneLine(id, 200)).join(", ")}`];
  return [
    ...words("read", read),
    ...words("found nothing in", nothingOf),
    ...words("recorded", recorded),
    ...(more === 0 ? [] : [`${more} more facts of stores`]),
  ];
}

function childrenOf(run: LoadedRun, read: ReadRun): readonly LoadedRun[] {
  const found: LoadedRun[] = [];
  for (const node of run.state.plan.nodes)
    for (const key of childrenIn(stateOf(run.state, node))?.started.keys() ?? []) {
      const child = found.length >= CHILDREN_LIMIT ? undefined : childOf(run, node, key, read);
      if (child !== undefined) found.push(child, ...childrenOf(child, read));
    }
  return found.slice(0, CHILDREN_LIMIT);
}

function told(facts: readonly Fact[]): StoredUse | undefined {
  const idsOf = (type: "facts.read" | "facts.recorded") => facts.flatMap((fact) => (fact.type === type ? fact.facts : []));
  const read = new Set(idsOf("facts.read"));
  const recorded = new Set(idsOf("facts.recorded"));
  const nothingOf = new Set(facts.flatMap((fact) => (fact.type === "facts.read" && fact.facts.length === 0 ? fact.store : [])));
  if (read.size + recorded.size + nothingOf.size === 0) return undefined;
  const shown = { read: firstOf(read), recorded: firstOf(recorded), nothingOf: firstOf(nothingOf) };
  return { ...shown, more: read.size + recorded.size - shown.read.length - shown.recorded.length };
}

function firstOf(told: ReadonlySet<string>): readonly string[] {
  return [...told].slice(0, TOLD_LIMIT);
}
