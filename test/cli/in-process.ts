// Commands called in this process, in a project folder of their own: what is meant for people, for programs, and the exit code, without the cost of a process.

import { cp, mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Answer } from "../../src/cli/answer.ts";
import { exitOf, problemLines, problemOf } from "../../src/cli/problem.ts";
import { processShell, type Shell } from "../../src/cli/shell.ts";
import { plainPaint } from "../../src/cli/view/paint.ts";

// Inside the repository, so that the fixture's imports of the package resolve; `.kindling/` is ignored by git.
const PLACE = fileURLToPath(new URL("../../.kindling/tests/", import.meta.url));

/** How a call ended. */
export interface Told {
  readonly code: number;
  /** For people: the lines of the answer. */
  readonly text: string;
  /** For programs: the result. */
  readonly result: Record<string, unknown>;
  /** What is wrong; its code is empty when nothing is. */
  readonly problem: { readonly code: string; readonly message: string; readonly fix: string | null };
  /** What was written while it worked. */
  readonly out: string;
}

/** A project to call commands in. */
export interface ProcessProject {
  readonly folder: string;
  readonly call: (action: (shell: Shell) => Promise<Answer>, input?: string) => Promise<Told>;
}

/** A new folder with a fixture as its config. */
export async function projectHere(fixture: string): Promise<ProcessProject> {
  await mkdir(PLACE, { recursive: true });
  const folder = await mkdtemp(join(PLACE, "project-"));
  await cp(new URL(`./fixtures/${fixture}`, import.meta.url), join(folder, "kindling.config.ts"));
  return { folder, call: (action, input) => callIn(folder, action, input) };
}

const base = processShell(new AbortController().signal, undefined);
base.releaseOutput();

const FINE = { code: "", message: "", fix: null };

async function callIn(folder: string, action: (shell: Shell) => Promise<Answer>, input = ""): Promise<Told> {
  let out = "";
  const screen = { ...base.out, isTerminal: false, paint: plainPaint, write: async (text: string) => void (out += text) };
  // Read as bytes and asked whether it is a terminal, and nothing else.
  const from = Readable.from(input === "" ? [] : [Buffer.from(input)]) as unknown as Shell["input"];
  const shell: Shell = { ...base, cwd: folder, input: from, out: screen, err: screen, user: "ada", program: "kindling" };
  try {
    const answer = await action(shell);
    if (answer.ok) {
      // As `--json` gives it.
      const result = JSON.parse(JSON.stringify(answer.result)) as Told["result"];
      return { code: 0, text: answer.lines.join("\n"), result, problem: FINE, out };
    }
    return { code: answer.exit, text: answer.lines.join("\n"), result: {}, problem: answer.problem, out };
  } catch (error) {
    const problem = problemOf(error);
    return { code: exitOf(problem), text: problemLines(problem, plainPaint).join("\n"), result: {}, problem, out };
  }
}
