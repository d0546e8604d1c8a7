// One call of a command: its signals, its answer on the right stream, its exit code. The only place that ends the process.

import type { Answer, ExitCode } from "./answer.ts";
import { envelope } from "./answer.ts";
import { Interrupted } from "./follow.ts";
import { exitOf, problemLines, problemOf } from "./problem.ts";
import { processShell, type Shell } from "./shell.ts";
import { Stopped } from "./stopped.ts";

/** Which command is called, and how. */
export interface Called {
  readonly command: string;
  readonly isJson: boolean;
  readonly config: string | undefined;
}

/** Runs a command and ends the process with its exit code. The first Ctrl-C ends it in order, the second at once. */
export async function call({ command, isJson, config }: Called, action: (shell: Shell) => Promise<Answer>): Promise<never> {
  const abort = new AbortController();
  let stoppedBy: 130 | 143 = 130;
  const stop = (signal: NodeJS.Signals) => {
    if (abort.signal.aborted) process.exit(stoppedBy);
    stoppedBy = signal === "SIGTERM" ? 143 : 130;
    abort.abort(new Error(`stopped by ${signal}`));
  };
  process.on("SIGINT", stop).on("SIGTERM", stop);
  const shell = processShell(abort.signal, config);
  const answer = await answerOf(shell, action, () => stoppedBy);
  await tell(shell, command, isJson, answer);
  // What was said has left this process. A project may hold timers and sockets open that would keep it here for ever.
  process.exit(answer.ok ? 0 : answer.exit);
}

async function answerOf(shell: Shell, action: (shell: Shell) => Promise<Answer>, stoppedBy: () => ExitCode): Promise<Answer> {
  try {
    return await action(shell);
  } catch (error) {
    if (error instanceof Interrupted) return interrupted(shell, error.run, stoppedBy());
    if (error instanceof Stopped) return stopped(error, stoppedBy());
    const problem = problemOf(error);
    return { ok: false, exit: exitOf(problem), problem, lines: problemLines(problem, shell.err.paint) };
  }
}

function interrupted(shell: Shell, run: string, exit: ExitCode): Answer {
  const fix = `${shell.program} resume ${run}`;
  const message = `stopped; run ${run} is kept, and goes on with: ${fix}`;
  return { ok: false, exit, problem: { name: "Interrupted", code: "interrupted", message, fix, details: { run } }, lines: [message] };
}

function stopped({ name, message, fix }: Stopped, exit: ExitCode): Answer {
  return { ok: false, exit, problem: { name, code: "interrupted", message, fix, details: {} }, lines: [`${message}; go on with: ${fix}`] };
}

async function tell(shell: Shell, command: string, isJson: boolean, answer: Answer): Promise<void> {
  if (isJson) return shell.out.write(envelope(command, answer));
  if (answer.lines.length === 0) return;
  const isOutcome = answer.ok || answer.exit === 1;
  await (isOutcome ? shell.out : shell.err).write(`${answer.lines.join("\n")}\n`);
}
