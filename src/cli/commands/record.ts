// `record`: turns a run into a recording; or brings recordings up to date by asking the models for what is different, and for nothing else.

import { existsSync } from "node:fs";
import { recordRun, type RunRecording, writeRunRecording } from "../../testing.ts";
import { replay, updateRecording } from "../../testing/replay.ts";
import type { Answer } from "../answer.ts";
import { loadConfig } from "../config-file.ts";
import { UsageError } from "../problem.ts";
import type { GlobalOptions } from "../project.ts";
import { openRecording, pathIn } from "../recordings.ts";
import { withRun } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { describeTotal } from "../view/spending.ts";
import { counted, shellWord } from "../view/text.ts";
import { visible } from "../view/visible.ts";

/** What `record` takes. */
export interface RecordCommandOptions extends GlobalOptions {
  readonly out?: string;
  readonly redact?: readonly string[];
  readonly update?: readonly string[];
}

/** Records a run, or updates recordings. */
export function record(shell: Shell, name: string | undefined, options: RecordCommandOptions): Promise<Answer> {
  const { update, out, redact = [] } = options;
  if (update === undefined) return recordOne(shell, name, options);
  if (name !== undefined || out !== undefined || redact.length > 0)
    throw new UsageError("bad_option", "--update goes with no run, no --out and no --redact", {
      fix: `${shell.program} record --update ${shellWord(update[0] ?? "<file>")}`,
    });
  return updateAll(shell, update, options);
}

function recordOne(shell: Shell, name: string | undefined, options: RecordCommandOptions): Promise<Answer> {
  if (name === undefined)
    throw new UsageError("bad_option", "there is nothing to record", {
      fix: `${shell.program} record <run>, or ${shell.program} record --update <file>`,
    });
  const redact = redaction(options.redact ?? []);
  return withRun(shell, options, "read", name, async ({ kindling }, run): Promise<Answer> => {
    const { contract } = await run.get();
    const file = options.out ?? `${contract}.recording.json`;
    const path = pathIn(shell, file);
    if (existsSync(path))
      throw new UsageError("file_exists", `${file} is there already`, {
        fix: `Name another with --out, remove it, or bring it up to date: ${shell.program} record --update ${shellWord(file)}`,
      });
    const { recording, unmade, doubts } = await recordRun(kindling, run.id, redact === undefined ? {} : { redact });
    await writeRunRecording(path, recording);
    return {
      ok: true,
      result: { file, run: run.id, unmade, doubts },
      lines: [
        `${shell.out.paint("good", "✓")} ${visible(file)}  ${shell.out.paint("faint", describe(recording))}`,
        ...unmade.map(
          (node) => `  ${visible(node)}: what the model was asked cannot be made again; a change will be seen and cannot be shown`,
        ),
        ...doubted(shell, doubts),
        `  It holds prompts, replies and values as they are. Replay it: ${shell.program} replay ${shellWord(file)}`,
      ],
    };
  });
}

async function updateAll(shell: Shell, files: readonly string[], options: GlobalOptions): Promise<Answer> {
  const { config } = await loadConfig(shell.cwd, options.config);
  const { models, model, prices } = config;
  const updates: object[] = [];
  const lines: string[] = [];
  for (const file of files) {
    shell.signal.throwIfAborted();
    const { path, recording, contract } = await openRecording(shell, config, file);
    if ((await replay(recording, contract)).isSame) {
      updates.push({ file, isSame: true, asked: [], kept: [], doubts: [] });
      lines.push(`${shell.out.paint("good", "✓")} ${visible(file)}  ${shell.out.paint("faint", "is up to date; nothing was asked")}`);
      continue;
    }
    const world = {
      ...(models === undefined ? {} : { models }),
      ...(model === undefined ? {} : { model }),
      ...(prices === undefined ? {} : { prices }),
    };
    const { recording: updated, asked, kept, doubts, spending } = await updateRecording(recording, contract, world);
    await writeRunRecording(path, updated);
    updates.push({ file, isSame: false, asked, kept, doubts, spending });
    lines.push(
      `${shell.out.paint("good", "✓")} ${visible(file)}  ${asked.length === 0 ? "nothing was asked" : `asked again: ${asked.map((node) => visible(node)).join(", ")}`}`,
      ...(spending.calls === 0 ? [] : [`  ${describeTotal(spending)}`]),
      ...kept.map((node) => `  ${visible(node)}: it would act on the world, so nothing was done, and what was recorded stands`),
      ...doubted(shell, doubts),
    );
  }
  return { ok: true, result: { updates }, lines };
}

function doubted({ out: { paint } }: Shell, doubts: readonly string[]): readonly string[] {
  if (doubts.length === 0) return [];
  return [
    `  ${paint("warn", "!")} it does not replay as the run went:`,
    ...doubts.flatMap((text) => visible(text).split("\n")).map((line) => `    ${line}`),
  ];
}

function describe({ nodes, happenings, outcome }: RunRecording): string {
  const all = Object.values(nodes);
  const calls = all.reduce((sum, node) => sum + (node.calls?.length ?? 0), 0);
  const results = all.reduce((sum, node) => sum + (node.results?.length ?? 0), 0);
  const events = happenings.filter(({ type }) => type === "event").length;
  const parts = [
    ...(calls === 0 ? [] : [counted(calls, "model call")]),
    ...(results === 0 ? [] : [counted(results, "call", "calls") + " outside"]),
    ...(events === 0 ? [] : [counted(events, "event")]),
  ];
  return [outcome.status, ...parts].join(", ");
}

/** Whatever matches one of the patterns becomes `[redacted]`. */
function redaction(patterns: readonly string[]): ((text: string) => string) | undefined {
  if (patterns.length === 0) return undefined;
  const expressions = patterns.map((pattern) => {
    try {
      return new RegExp(pattern, "gu");
    } catch (error) {
      throw new UsageError(
        "bad_option",
        `--redact ${pattern} is no regular expression: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  });
  return (text) => expressions.reduce((known, expression) => known.replaceAll(expression, "[redacted]"), text);
}
