// A run read from the ledger: from its snapshot and the facts after that, or from its first fact where there is no snapshot of use.

import type { Plan } from "../compile/plan.ts";
import type { Entry, Ledger, Snapshot } from "../ledger/ledger.ts";
import { fold } from "../run/fold.ts";
import { readFact } from "../run/read-fact.ts";
import { newRunState, type RunState } from "../run/state.ts";
import { timesOf, type NodeTimes } from "../run/view.ts";
import { foldEntries } from "./plans.ts";
import { recordedRun, type Recorded } from "./recorded-run.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";

/** A run as its facts make it. */
export interface FoldedRun {
  readonly state: RunState;
  readonly times: NodeTimes;
}

/** A run that was read, and how it stands to the plan there is now. */
export interface FoundRun extends Pick<Recorded, "isSame" | "changed" | "migrated"> {
  /** Facts that stand in the snapshot it was read from; 0 without one. */
  readonly kept: number;
  /** Whoever lets a run go on whose nodes are different now must have asked for that: only the values are taken from what those did. */
  fold(): FoldedRun;
}

/** Reads a run: what is read grows with what has happened since its snapshot. */
export async function findRun(ledger: Ledger, run: string, plan: Plan): Promise<FoundRun> {
  return (await sinceSnapshot(ledger, run, plan)) ?? (await sinceStart(ledger, run, plan));
}

/** A run folded, as a snapshot; undefined for one of which the plan makes something else than is recorded: that is found out anew each time. */
export function snapshotOf(
  { isSame, changed, migrated }: Omit<FoundRun, "kept" | "fold">,
  { state, times }: FoldedRun,
): Snapshot | undefined {
  if (!isSame || changed.length + migrated.keep.length + migrated.rerun.length > 0) return undefined;
  // What is to be looked at next is found by whoever goes on with it.
  const content = { ...state, plan: undefined, due: [], left: [] };
  return { version: state.version, bytes: sealSnapshot(pinOf(state.id, state.plan), { state: content, times }) };
}

async function sinceStart(ledger: Ledger, run: string, plan: Plan): Promise<FoundRun> {
  const { entries, isSame, changed, migrated, accepted } = await recordedRun(ledger, run, plan);
  const different = new Set([...accepted, ...changed, ...migrated.keep, ...migrated.rerun]);
  return {
    isSame,
    changed,
    migrated,
    kept: 0,
    fold: () => ({
      state: foldEntries(run, plan, entries, different),
      // Most runs are brought back to go on, and nobody asks when their nodes began.
      get times() {
        return timesIn(entries);
      },
    }),
  };
}

async function sinceSnapshot(ledger: Ledger, run: string, plan: Plan): Promise<FoundRun | undefined> {
  const snapshot = await ledger.snapshots.get(run);
  const before = snapshot === undefined ? undefined : openRun(snapshot, run, plan);
  if (snapshot === undefined || before === undefined || snapshot.version > (ledger.head(run)?.version ?? 0)) return undefined;
  const tail = (await ledger.read(run, { from: snapshot.version + 1 })).map((entry) => after(entry, snapshot.version));
  // It went on with another plan, and with this one again: what was done under the other is compared with this one.
  if (tail.some(({ facts }) => facts.some(({ type }) => type === "run.upgraded"))) return undefined;
  return {
    isSame: true,
    changed: [],
    migrated: { keep: [], rerun: [] },
    kept: snapshot.version,
    fold: () => {
      for (const { facts, time } of tail) for (const json of facts) fold(before.state, readFact(json, run), time);
      return { state: before.state, times: together(before.times, timesIn(tail)) };
    },
  };
}

function openRun({ version, bytes }: Snapshot, run: string, plan: Plan): FoldedRun | undefined {
  const content = openSnapshot(pinOf(run, plan), bytes) as FoldedRun | undefined;
  if (content === undefined || content.state.version !== version) return undefined;
  return { state: { ...content.state, plan }, times: content.times };
}

/** The members of a state belong to its form: one that has others was written by another version. */
function pinOf(run: string, plan: Plan): string {
  return [run, plan.hash, ...Object.keys(newRunState(run, plan)).sort()].join(" ");
}

/** An entry without the facts up to a version. */
function after(entry: Entry, version: number): Entry {
  const known = Math.max(0, version + 1 - entry.first);
  return known === 0 ? entry : { ...entry, first: entry.first + known, facts: entry.facts.slice(known) };
}

function timesIn(entries: readonly Entry[]): NodeTimes {
  return timesOf(entries.flatMap(({ run, facts, time }) => facts.map((json) => ({ fact: readFact(json, run), time }))));
}

function together(before: NodeTimes, since: NodeTimes): NodeTimes {
  const children = new Map(before.children);
  for (const [node, runs] of since.children) children.set(node, new Map([...(children.get(node) ?? []), ...runs]));
  return {
    startedAt: new Map([...since.startedAt, ...before.startedAt]),
    notes: new Map([...before.notes, ...since.notes]),
    children,
  };
}
