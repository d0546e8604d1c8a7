// Reading the runs that an explanation or a comparison asks for. The pure part says which ones it misses; they are read, and it is asked again.

import { InputError } from "../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Entry } from "../ledger/ledger.ts";
import { explain } from "../run/explain.ts";
import type { Explanation } from "../run/explain-shape.ts";
import { AGENT_STYLE, type TextStyle } from "../run/explain-style.ts";
import { explainText } from "../run/explain-text.ts";
import type { LoadedRun, PlacedFact, ReadRun } from "../run/explain-tree.ts";
import type { LineageOptions } from "../run/lineage.ts";
import { readFact } from "../run/read-fact.ts";
import type { PastOptions } from "./as-of.ts";
import type { CallOptions } from "./requests.ts";
import { contractChanged } from "./compare-plan.ts";
import { foldEntries } from "./plans.ts";
import type { RunReader, RunRecord } from "./run-reader.ts";

/** What an explanation holds besides the bare facts, and how its text is written. */
export interface ExplainOptions extends CallOptions, LineageOptions, PastOptions {
  /** How times and commands stand in the text; by default ISO times and `kindling`, which programs read. */
  readonly style?: TextStyle;
}

/** An explanation, and the same as text. */
export type ExplainedRun = Explanation & {
  /** The first line is the answer in one sentence. Values stand in it only as short forms of scalars, prompts never. */
  readonly text: string;
};

/** Runs read for one explanation; what lies beyond is told as not looked into. */
const RUNS_LIMIT = 500;

/** Explains a root run, or what stands at a path of it. @throws InputError `run_not_found`, `path_not_found`, RunError `contract_changed` */
export async function explainRun(
  reader: RunReader,
  id: string,
  path: string | undefined,
  { values = false, style = AGENT_STYLE, signal }: ExplainOptions,
): Promise<ExplainedRun> {
  const record = await recordOfRoot(reader, id);
  if (record.changed.length > 0) throw contractChanged(id, record.plan.name, record.changed);
  const root = await loadedRun(reader, id, record);
  const explanation = await askWith(reader, RUNS_LIMIT, signal, (read) => explain(root, path, read, { values }));
  return { ...explanation, text: explainText(explanation, style) };
}

/** What is recorded of a root run. @throws InputError `run_not_found`, `contract_not_found` */
export async function recordOfRoot(reader: RunReader, id: string): Promise<RunRecord> {
  const { note } = reader.root(id);
  const record = await reader.recordOf(id);
  if (record !== undefined) return record;
  throw new InputError("contract_not_found", `run ${id} is of the contract "${note.contract}", which this runtime does not have`, {
    fix: "Add the contract to the runtime's contracts.",
  });
}

/** Asks until no run is missed that can be read. What is thrown while runs are missing may be due to that. */
export async function askWith<T>(reader: RunReader, limit: number, signal: AbortSignal | undefined, ask: (read: ReadRun) => T): Promise<T> {
  const known = new Map<string, LoadedRun | undefined>();
  for (;;) {
    signal?.throwIfAborted();
    const missed = new Set<string>();
    const answer = attempt(() =>
      ask((run) => {
        if (!known.has(run)) missed.add(run);
        return known.get(run);
      }),
    );
    if (missed.size === 0) return answer();
    for (const run of missed) known.set(run, known.size < limit ? await readRun(reader, run) : undefined);
  }
}

/** A run read back: also one whose contract has changed since, as far as that can be told. */
export async function loadedRun(reader: RunReader, id: string, record: RunRecord): Promise<LoadedRun> {
  const { plan, entries, changed, migrated, accepted } = record;
  const different = new Set([...changed, ...migrated.keep, ...migrated.rerun, ...accepted]);
  const facts = entries.flatMap(placed);
  const pinned = pinnedTo(facts);
  return {
    state: foldEntries(id, plan, entries, different),
    facts,
    version: pinned.version,
    fingerprints: pinned.plan === plan.hash ? ownFingerprints(record) : await keptFingerprints(reader, pinned.plan),
    changed: new Set(changed),
    asOf: (number) => foldEntries(id, plan, upTo(entries, number), different),
  };
}

async function readRun(reader: RunReader, id: string): Promise<LoadedRun | undefined> {
  if (reader.ledger.head(id) === undefined) return undefined;
  const record = await reader.recordOf(id);
  return record === undefined ? undefined : loadedRun(reader, id, record);
}

/** Runs a function and gives back a way to have its outcome, thrown or not. */
function attempt<T>(work: () => T): () => T {
  try {
    const value = work();
    return () => value;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function placed({ run, facts, first, position, time }: Entry): readonly PlacedFact[] {
  return facts.map((json, index) => ({ fact: readFact(json, run), number: first + index, position, time }));
}

function upTo(entries: readonly Entry[], number: number): readonly Entry[] {
  return entries
    .filter(({ first }) => first <= number)
    .map((entry) =>
      entry.first + entry.facts.length - 1 <= number ? entry : { ...entry, facts: entry.facts.slice(0, number - entry.first + 1) },
    );
}

function pinnedTo(facts: readonly PlacedFact[]): { readonly version: string; readonly plan: string } {
  const pins = facts.flatMap(({ fact }) => (fact.type === "run.started" || fact.type === "run.upgraded" ? [fact] : []));
  return pins.at(-1) ?? { version: "", plan: "" };
}

function ownFingerprints({ plan }: RunRecord): Readonly<Record<string, string>> {
  return Object.fromEntries(plan.nodes.map(({ name, fingerprint }) => [name, fingerprint]));
}

/** The fingerprints of a plan of before, kept beside the log; none where it was not kept. */
async function keptFingerprints(reader: RunReader, hash: string): Promise<Readonly<Record<string, string>>> {
  const bytes = await reader.ledger.blobs.get(hash);
  const description = bytes === undefined ? null : (JSON.parse(Buffer.from(bytes).toString("utf8")) as JsonValue);
  const nodes: JsonObject = isJsonObject(description) && isJsonObject(description["nodes"]) ? description["nodes"] : {};
  return Object.fromEntries(Object.entries(nodes).flatMap(([name, value]) => (typeof value === "string" ? [[name, value]] : [])));
}
