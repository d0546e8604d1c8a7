// Plays random contracts over ledgers that end anywhere, and reads out of a log what had happened by then. Seeds come from the environment.

import type { Failure, Kindling, LedgerPlace, RunView } from "../../src/index.ts";
import { expect } from "vitest";
import { planOf } from "../../src/compile/plan.ts";
import { childPlan, foldEntries } from "../../src/host/plans.ts";
import type { Plan } from "../../src/compile/plan.ts";
import type { Entry } from "../../src/ledger/ledger.ts";
import { headOf } from "../../src/run/head.ts";
import { joinPath } from "../../src/run/path.ts";
import { readFact } from "../../src/run/read-fact.ts";
import { manualClock, memoryLedger, type ManualClock } from "../../src/testing.ts";
import { factsIn, ledgerWith, logOf, type Log, type LoggedFact } from "../host/ledgers.ts";
import { nextTurn, openKindling } from "../host/open-host.ts";
import { drive, failureOf } from "./drive.ts";
import type { NodeSpec } from "./node-spec.ts";
import { randomContract } from "./random-graph.ts";
import { INPUTS, type Inputs } from "./random-inputs.ts";
import { World, type Act } from "./world.ts";

/** One case again: `KINDLING_SEED=17 KINDLING_PATH=3:1`. A long night: `KINDLING_RUNS=5000`. */
export const SEED = Number(process.env["KINDLING_SEED"] ?? 20_261_121);

/** What a property test of fast-check is told. */
export interface Repetitions {
  readonly seed: number;
  readonly numRuns: number;
  readonly path?: string;
  /** Shrinking ends then, with the smallest example so far. */
  readonly interruptAfterTimeLimit: number;
}

/** As many runs as the environment says. */
export function repetitions(usual: number): Repetitions {
  const path = process.env["KINDLING_PATH"];
  return {
    seed: SEED,
    numRuns: Number(process.env["KINDLING_RUNS"] ?? usual),
    interruptAfterTimeLimit: LIMIT_MS,
    ...(path === undefined ? {} : { path }),
  };
}

/** For one property test. */
export const LIMIT_MS = Number(process.env["KINDLING_LIMIT"] ?? 500_000);

const START = 1_700_000_000_000;

/** A process that carries a random contract. */
export interface Stage {
  readonly kindling: Kindling;
  readonly clock: ManualClock;
  readonly world: World;
  readonly ledger: LedgerPlace;
}

/** Opens a runtime for a random contract; over a new ledger and a new world unless told otherwise. */
export async function openStage(
  spec: readonly NodeSpec[],
  options: { readonly ledger?: LedgerPlace; readonly world?: World } = {},
): Promise<Stage> {
  const { ledger = memoryLedger(), world = new World() } = options;
  // Time never goes back: it goes on from the last that the ledger tells.
  const clock = manualClock((await lastTime(options.ledger)) ?? START);
  const { contract, provider } = randomContract(spec, world);
  return { kindling: await openKindling({ contracts: [contract], models: [provider], ledger, clock }), clock, world, ledger };
}

async function lastTime(ledger: LedgerPlace | undefined): Promise<number | undefined> {
  return ledger === undefined ? undefined : (await logOf(ledger)).entries.at(-1)?.time;
}

/** A run that was played to its end. */
export interface Played {
  readonly id: string;
  readonly view: RunView;
  readonly log: Log;
  readonly world: World;
}

/** Plays a run to its end: a new one, or the one a ledger holds. */
export async function play(
  spec: readonly NodeSpec[],
  options: { readonly ledger?: LedgerPlace; readonly world?: World; readonly known?: string; readonly inputs?: Inputs } = {},
): Promise<Played> {
  const stage = await openStage(spec, options);
  const { kindling, clock, world, ledger } = stage;
  const id = options.known ?? (await kindling.start("random", options.inputs ?? INPUTS)).id;
  await drive(kindling, id, clock);
  const view = await quiet(stage, id);
  await kindling.close();
  return { id, view, log: await logOf(ledger), world };
}

/** The run when nothing of it is on its way any more, children that take back what they did included. */
export async function quiet({ kindling, clock, ledger }: Stage, id: string): Promise<RunView> {
  let size = -1;
  for (let log = await logOf(ledger); log.entries.length !== size; log = await logOf(ledger)) {
    size = log.entries.length;
    await nextTurn(8);
    clock.advance(100);
    await nextTurn(4);
  }
  return (await kindling.run(id)).get();
}

/** A fact with the path of its node from the root run. */
export interface PlacedFact extends LoggedFact {
  readonly at: string;
  readonly error?: Failure;
  readonly attempt?: number;
}

/** The facts of a log, or of its first commits, each with its path. */
export function placedFacts(log: Log, commits?: number): readonly PlacedFact[] {
  const prefixes = new Map<string, string>();
  return factsIn(log, commits).map((fact) => {
    if (fact.type === "run.started") prefixes.set(fact.run, fact.path ?? "");
    const prefix = prefixes.get(fact.run) ?? "";
    return { ...fact, at: fact.node === undefined ? prefix : joinPath(prefix, fact.node) };
  });
}

/** The facts of a log after so many commits. */
export function factsAfter(log: Log, commits: number): readonly PlacedFact[] {
  return placedFacts(log).slice(factsIn(log, commits).length);
}

/** What the nodes read that have their values, by path. */
export function lastReads(facts: readonly PlacedFact[], { ran }: World): ReadonlyMap<string, string> {
  const last = new Map(facts.flatMap(({ type, at, node }) => (node !== undefined && type.startsWith("node.") ? [[at, type]] : [])));
  const isMade = (path: string) => last.get(path) === "node.succeeded" || last.get(path) === "node.reused";
  return new Map(ran.flatMap(({ path, reads }) => (isMade(path) ? [[path, reads]] : [])));
}

/** Where something failed for good. */
export function failuresIn(log: Log): ReadonlySet<string> {
  const failed = placedFacts(log).filter(({ error, retryAt }) => error !== undefined && retryAt === undefined);
  return new Set(failed.flatMap(({ at, error }) => [at, ...(typeof error?.details?.["node"] === "string" ? [error.details["node"]] : [])]));
}

/** Compares where two runs failed. Of several failures the first one counts, and which that is depends on time. */
export function expectSameEnd(one: Pick<Played, "view" | "log">, other: Pick<Played, "view" | "log">, where: string): void {
  const [before, after] = [failureOf(one.view), failureOf(other.view)];
  if (before?.node === after?.node) return expect(after, where).toEqual(before);
  const failing = [...failuresIn(one.log), ...failuresIn(other.log)];
  expect(failing, where).toEqual(expect.arrayContaining([before?.node, after?.node]));
}

/** The outside as it was when a log ended there. With `isLate` everything that had begun has happened, without it only what is known to have. */
export function worldAt(facts: readonly PlacedFact[], { world }: Played, isLate: boolean): World {
  const had = (type: string, path: string) => facts.some((fact) => fact.type === type && fact.at === path);
  const wasTried = ({ path, attempt: done }: Act) =>
    facts.some(({ type, at, attempt = 0 }) => type === "node.started" && at === path && attempt >= done);
  const acts = [...world.acts.values()].filter((act) => had("node.succeeded", act.path) || (isLate && wasTried(act)));
  const takenBack = world.takenBack.filter((key) => {
    const path = world.acts.get(key)?.path ?? "";
    return had(isLate ? "compensation.started" : "compensation.succeeded", path);
  });
  return new World(acts, takenBack);
}

/** What must have been taken back in the end: what was done, can be taken back, and stands in a run that failed or was cancelled. */
export function actsToTakeBack({ log, world }: Played): readonly Act[] {
  // A child that was ended before a crash, by a cancellation that did not come so far, is wanted again: what counts is how a run ends at last.
  const ends = new Map(placedFacts(log).flatMap(({ type, at }) => (ENDS.has(type) ? [[at, type]] : [])));
  const lost = [...ends].flatMap(([at, type]) => (type === "run.failed" || type === "run.cancelled" ? [at] : []));
  const isLost = (path: string) => lost.some((run) => run === "" || path.startsWith(`${run}/`));
  const acts = [...world.acts.values()];
  // What was done anew was taken back before.
  const isDoneAnew = (act: Act) => acts.some(({ path, key }) => path === act.path && timesIn(key) > timesIn(act.key));
  return acts.filter((act) => act.canTakeBack && (isLost(act.path) || isDoneAnew(act)));
}

/** A node that acts anew has another key. */
function timesIn(key: string): number {
  return Number(/#(\d+)$/.exec(key)?.[1] ?? 1);
}

const ENDS: ReadonlySet<unknown> = new Set(["run.succeeded", "run.failed", "run.cancelled", "run.retried"]);

/** Where a log can be cut: after so many commits, and so many facts of the next. */
export interface Cut {
  readonly commits: number;
  readonly facts: number;
}

/** Every place of a log between two facts, from the first fact on. */
export function cutsOf({ entries }: Log): readonly Cut[] {
  return entries.flatMap(({ facts }, commits) =>
    facts.map((_, index) => (index + 1 === facts.length ? { commits: commits + 1, facts: 0 } : { commits, facts: index + 1 })),
  );
}

/** The log up to a cut. The head of a commit that is cut is what it would have been, had the run been handed over then. */
export function cutLog(spec: readonly NodeSpec[], log: Log, { commits, facts }: Cut): Log {
  const entries = log.entries.slice(0, commits);
  const last = log.entries[commits];
  if (last === undefined || facts === 0) return { ...log, entries };
  const { head: _head, ...part } = { ...last, facts: last.facts.slice(0, facts) };
  const plan = planIn([...entries, part], randomContract(spec, new World()).contract.graph, part.run);
  const state = foldEntries(
    part.run,
    plan,
    [...entries, part].filter(({ run }) => run === part.run),
  );
  return { ...log, entries: [...entries, { ...part, head: headOf(state) }] };
}

/** A ledger that ends at a cut. */
export function ledgerUpTo(spec: readonly NodeSpec[], log: Log, cut: Cut): Promise<LedgerPlace> {
  return ledgerWith(cutLog(spec, log, cut));
}

/** The plan of a run that a log holds. */
export function planIn(entries: readonly Entry[], graph: Parameters<typeof planOf>[0], run: string): Plan {
  const [json] = entries.find((entry) => entry.run === run)?.facts ?? [];
  const started = json === undefined ? undefined : readFact(json, run);
  if (started?.type !== "run.started") throw new Error(`${run} does not begin with run.started`);
  const plan = started.parent === undefined ? planOf(graph) : childPlan(planIn(entries, graph, started.parent.run), started.parent);
  if (plan === undefined) throw new Error(`${run} has no plan`);
  return plan;
}
