// A child process that speaks in lines: starts a script, collects what it says, and sends it signals. Knows no ledger.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/** How a process ended, and all it said. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly lines: readonly string[];
  readonly errors: string;
}

/** A process that runs until it ends or is killed. */
export interface SpokenProcess {
  readonly pid: number;
  /** What it has said so far. */
  readonly lines: readonly string[];
  /** True while it has not ended. */
  readonly isAlive: boolean;
  /** The first line that begins with a word. Fails when the process ends without it. */
  says(word: string): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** Kills it as nothing can prevent, and waits for its end. */
  kill(): Promise<Ending>;
  readonly ended: Promise<Ending>;
}

/** What a process is started with besides its script and arguments. */
export interface SpokenOptions {
  /** A program and its arguments that start the process in place of the shell: `strace …`. */
  readonly under?: readonly string[];
  readonly onLine?: (line: string) => void;
}

/** Starts a script of these tests. */
export function speak(script: URL, args: readonly string[], { under = [], onLine }: SpokenOptions = {}): SpokenProcess {
  const words = [...under, process.execPath, "--conditions=kindling-source", fileURLToPath(script), ...args];
  const [program = process.execPath, ...rest] = words;
  const child = spawn(program, rest, { stdio: ["ignore", "pipe", "pipe"] });
  const lines: string[] = [];
  let errors = "";
  let isAlive = true;
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const output = createInterface(child.stdout).on("line", (line) => {
    lines.push(line);
    onLine?.(line);
  });
  const ended = once(child, "close").then((): Ending => {
    isAlive = false;
    return { code: child.exitCode, signal: child.signalCode, lines, errors };
  });
  const kill = () => {
    child.kill("SIGKILL");
    return ended;
  };
  onTestFinished(() => void kill());
  return {
    pid: child.pid ?? 0,
    lines,
    get isAlive() {
      return isAlive;
    },
    async says(word) {
      for (;;) {
        const line = lines.find((candidate) => candidate.startsWith(word));
        if (line !== undefined) return line;
        if (!isAlive) throw new Error(`It ended without saying "${word}": ${lines.slice(-5).join(" | ")} ${errors}`);
        await Promise.race([once(output, "line"), ended]);
      }
    },
    signal: (signal) => void child.kill(signal),
    kill,
    ended,
  };
}
