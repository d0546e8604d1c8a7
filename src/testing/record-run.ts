// A run of any ledger as a recording. The ledger is only read; what it does not hold is made again by the contract, and never by asking anybody.

import { ConfigError, InputError, type Kindling } from "../index.ts";
import type { AnyContract } from "../graph/contract.ts";
import type { JsonValue } from "../json.ts";
import { isJsonObject } from "../json.ts";
import type { RunRecording } from "../../providers/recorded/run-recording.ts";
import { complete, historyOf } from "./complete.ts";
import { outcomeDifferences, outcomeOf } from "./outcome.ts";
import { play } from "./play.ts";

/** What a recording may be made with. */
export interface RecordOptions {
  /** Takes out of every text what nobody shall read: inputs, prompts, replies, payloads, values and paths. Give the same text for the same, or the recording does not replay. */
  readonly redact?: (text: string) => string;
}

/** A recording, and what it is not sure of. */
export interface RecordReport {
  readonly recording: RunRecording;
  /** Paths of the nodes whose requests could not be made again, since what makes them has changed: a change is seen, and cannot be shown. */
  readonly unmade: readonly string[];
  /** Why the recording does not replay as the run went; empty where it does. */
  readonly doubts: readonly string[];
}

/**
 * Turns a run of a ledger into a recording, whatever state it is in. Prompts, replies, payloads and values are in it on purpose; keys and headers never are, since no fact holds them.
 *
 * @throws InputError `run_not_found`, `contract_not_found`; RunError `contract_changed`
 * @example const { recording } = await recordRun(kindling, run.id); await writeRunRecording("test/press-release.recording.json", recording);
 */
export async function recordRun(kindling: Kindling, run: string, { redact }: RecordOptions = {}): Promise<RecordReport> {
  const view = await kindling.get(run);
  if (view === undefined)
    throw new InputError("run_not_found", `there is no run "${run}"`, { fix: "`kindling list` shows the runs there are." });
  const contract = contractOf(kindling, view.contract);
  const report = await complete(view, await historyOf(kindling, run), contract);
  return redact === undefined ? report : redacted(report, contract, redact);
}

function contractOf(kindling: Kindling, name: string): AnyContract {
  const found = kindling.contracts.find((each) => each.name === name);
  if (found === undefined)
    throw new InputError("contract_not_found", `this runtime does not have the contract "${name}"`, {
      fix: "Add it to the runtime's contracts.",
    });
  return found.contract;
}

/** What is taken out of the texts may decide how the run goes: so it is played once more. */
async function redacted(report: RecordReport, contract: AnyContract, redact: (text: string) => string): Promise<RecordReport> {
  const recording = redactIn(report.recording as unknown as JsonValue, redact) as unknown as RunRecording;
  const kept: RunRecording = { ...recording, contract: report.recording.contract, run: report.recording.run };
  const { tape, problems, view } = await play(kept, contract, "complete");
  const altered = tape.altered().map(({ path }) => `"${path}" asks something else now that texts were taken out`);
  return {
    recording: { ...kept, nodes: tape.nodes() },
    unmade: report.unmade,
    doubts: [...report.doubts, ...problems, ...altered, ...outcomeDifferences(kept.outcome, outcomeOf(view, kept.startedAt))],
  };
}

function redactIn(value: JsonValue, redact: (text: string) => string): JsonValue {
  if (typeof value === "string") {
    const text: unknown = redact(value);
    if (typeof text === "string") return text;
    throw new ConfigError("bad_redaction", `redact gave ${typeof text} for a text`, { fix: "Give the text as it may be read." });
  }
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((member) => redactIn(member, redact));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      redact(key),
      /^(type|role|status|code|assurance)$/.test(key) ? member : redactIn(member, redact),
    ]),
  );
}
