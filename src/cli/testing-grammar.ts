// The part of the command line that makes tests of runs and measures contracts.

import type { Command } from "commander";
import { command, gather, run } from "./command.ts";
import type { EvalOptions } from "./commands/eval.ts";
import type { RecordCommandOptions } from "./commands/record.ts";
import type { GlobalOptions } from "./project.ts";

/** Adds the commands about recorded runs. */
export function addTesting(program: Command): void {
  command(
    program,
    "record [run]",
    "turn a run into a recording, which replays without models and the world; or bring recordings up to date",
  )
    .option("--out <file>", "where to; <contract>.recording.json when left out")
    .option("--redact <pattern>", "take what matches this regular expression out of every text (repeatable)", gather)
    .option(
      "--update <file>",
      "in place of a run: ask the models for what is different in this recording, and keep the rest (repeatable)",
      gather,
    )
    .action((id: string | undefined, options: RecordCommandOptions) =>
      run("record", options, async (shell) => (await import("./commands/record.ts")).record(shell, id, options)),
    );
  command(program, "replay <files...>", "play recorded runs again, offline: what is different is told, node by node").action(
    (files: readonly string[], options: GlobalOptions) =>
      run("replay", options, async (shell) => (await import("./commands/replay.ts")).replayFiles(shell, files, options)),
  );
  command(
    program,
    "eval <what> [names...]",
    "run a contract over cases and score what it gives; or: list, show <name>, diff <name> <other>",
  )
    .option("--data <file>", "the cases: JSON lines, or a JSON list, of { inputs, expected, id, answers }")
    .option("--scorers <file>", "a module whose exports score: functions, and contracts that judge")
    .option("--judge <contract>", "a contract of the project that judges (repeatable)", gather)
    .option("--name <name>", "evaluations of one name share the runs of cases that are the same; <contract>@<plan> when left out")
    .option("--concurrency <count>", "cases at once (default 4)")
    .option("--max-usd <dollars>", "begin no further case once so much is spent")
    .option("--min <score>", "fail below this mean of every scorer, or scorer=score of one (repeatable)", gather)
    .action((what: string, names: readonly string[], options: EvalOptions) =>
      run("eval", options, async (shell) => (await import("./commands/eval.ts")).evalCommand(shell, what, names, options)),
    );
}
