// Runs an example as a user does: in a process of its own, in an empty folder, without a terminal, and with no keys but those it is given.

import { type ChildProcess, exec, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
  readonly errors: string;
}

/** A process that was started, and how it will end. */
export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** The settings of a run: variables beyond the few that every process has. */
export type Settings = Readonly<Record<string, string>>;

/** Starts a file of the examples, e.g. `release-notes/main.ts`. */
export function startExample(folder: string, file: string, settings: Settings = {}, args: readonly string[] = []): Started {
  const flags = ["--conditions=kindling-source", join(ROOT, "examples", file), ...args];
  const child = spawn(process.execPath, flags, { cwd: folder, env: environment(settings), stdio: ["ignore", "pipe", "pipe"] });
  return { child, ended: endOf(child) };
}

/** Runs a command as somebody would paste it into a shell. */
export function paste(folder: string, command: string, settings: Settings = {}): Promise<Ended> {
  return endOf(exec(command, { cwd: folder, env: environment(settings) }));
}

function environment(settings: Settings): NodeJS.ProcessEnv {
  const { PATH, HOME, TMPDIR, SystemRoot, NODE_COMPILE_CACHE } = process.env;
  return {
    ...Object.fromEntries(
      Object.entries({ PATH, HOME, TMPDIR, SystemRoot, NODE_COMPILE_CACHE }).filter(([, value]) => value !== undefined),
    ),
    RULES_DELAY_MS: "20",
    ...settings,
  };
}

function endOf(child: ChildProcess): Promise<Ended> {
  let output = "";
  let errors = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (errors += text));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code, signal, output, errors }));
  });
}
