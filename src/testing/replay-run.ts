// A recorded run as a test: it passes when the run goes as it was recorded, and otherwise says which nodes ask to be recorded again.

import { ConfigError, type Contract, type ModelProvider, type Prices, type RecordedFact, RunError, type RunView } from "../index.ts";
import type { RunRecording } from "../../providers/recorded/run-recording.ts";
import { readRunRecording, writeRunRecording } from "../../providers/recorded/run-recording-file.ts";
import { replay, type Replay, updateRecording } from "./replay.ts";

/** What a replay needs. */
export interface ReplayOptions<In, Out> {
  readonly contract: Contract<In, Out>;
  /**
   * Asks the models for the nodes that are different and brings the file up to date, in place of failing. Default: whether `KINDLING_RECORD=1` is set, so that
   * `KINDLING_RECORD=1 vitest run` records again what has changed and nothing else.
   */
  readonly update?: boolean;
  /** Real models, for an update. */
  readonly models?: readonly ModelProvider[];
  /** `provider:model` of nodes that name none and were not recorded. */
  readonly model?: string;
  readonly prices?: Prices;
}

/** A run that was played again. */
export interface ReplayedRun<Out> {
  readonly view: RunView;
  readonly facts: readonly RecordedFact[];
  /** What the run gave; undefined for one that did not succeed. */
  readonly outputs: Out | undefined;
  /** Paths of the nodes that were recorded again; empty unless it was an update. */
  readonly updated: readonly string[];
}

/**
 * Plays a recorded run again, offline and at once: models, lookups, effects, remote runs and tools are answered from the recording, events come at their times, and everything
 * that only computes runs for real.
 *
 * @param file a file of `kindling record`, or a recording
 * @throws RunError `replay_differs` that names every node to be recorded again with what it asks differently; ConfigError `recording_not_found`, `recording_invalid`
 * @example it("goes as it was recorded", () => replayRun("test/press-release.recording.json", { contract: pressRelease }));
 */
export async function replayRun<In, Out>(file: URL | string | RunRecording, options: ReplayOptions<In, Out>): Promise<ReplayedRun<Out>> {
  const { contract, update = process.env["KINDLING_RECORD"] === "1", ...world } = options;
  const path = isFile(file) ? file : undefined;
  const recording = isFile(file) ? await readRunRecording(file) : file;
  const played = await replay(recording, contract);
  if (played.isSame) return replayed(played, []);
  if (!update)
    throw differs(
      path,
      contract.name,
      played.lines,
      played.altered.map((node) => node.path),
    );
  if (path === undefined)
    throw new ConfigError("recording_not_found", "a recording that is no file cannot be brought up to date", {
      fix: "Give replayRun its file.",
    });
  const { recording: updated, ...fresh } = await updateRecording(recording, contract, world);
  await writeRunRecording(path, updated);
  return replayed(fresh, [...fresh.asked, ...fresh.kept]);
}

function isFile(file: URL | string | RunRecording): file is URL | string {
  return typeof file === "string" || file instanceof URL;
}

function replayed<Out>({ view, facts, outputs }: Pick<Replay, "view" | "facts" | "outputs">, updated: readonly string[]): ReplayedRun<Out> {
  // The contract's own types say what its outputs are.
  return { view, facts, outputs: outputs as Out | undefined, updated };
}

function differs(file: URL | string | undefined, contract: string, lines: readonly string[], paths: readonly string[]): RunError {
  const name = file === undefined ? `the recording of "${contract}"` : String(file);
  const command = file === undefined ? "kindling record --update <file>" : `npx kindling record --update ${shown(file)}`;
  return new RunError("replay_differs", `${name}: ${lines.join("\n")}`, {
    fix: `Undo what is not meant, or record those nodes again and look at the difference in version control: ${command}`,
    details: { altered: paths },
  });
}

function shown(file: URL | string): string {
  return typeof file === "string" ? file : decodeURIComponent(file.pathname);
}
