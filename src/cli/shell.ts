// What a command is given of the world: where it was called, its streams, the clock, and the signal of Ctrl-C. Commands reach for nothing else.

import { userInfo } from "node:os";
import { paintFor, type Paint } from "./view/paint.ts";
import { shellWord } from "./view/text.ts";

/** A stream as commands write to it. */
export interface Screen {
  readonly isTerminal: boolean;
  /** Width for line breaks; what is not a terminal has none. */
  readonly columns: () => number;
  readonly rows: () => number;
  readonly paint: Paint;
  /** Resolves when the text has left this process. */
  readonly write: (text: string) => Promise<void>;
  /** False as soon as a write found that whoever read has closed its end: what was written then, nobody saw. */
  readonly hasReader: () => boolean;
  readonly stream: NodeJS.WriteStream;
}

/** The world of one call of the command line. */
export interface Shell {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly input: NodeJS.ReadStream;
  /** Standard output, which only answers go to: whatever a project's own code prints goes to standard error. */
  readonly out: Screen;
  readonly err: Screen;
  /** Gives standard output back to everybody, for a command that hands it on. */
  readonly releaseOutput: () => void;
  readonly now: () => number;
  /** Aborted by the first Ctrl-C (or SIGTERM). */
  readonly signal: AbortSignal;
  /** Who calls, as far as the operating system tells. */
  readonly user: string;
  /** How the reader calls this program, for the commands it prints: `npx kindling`. */
  readonly program: string;
}

/** The shell of this process. */
export function processShell(signal: AbortSignal, config: string | undefined): Shell {
  const program = process.env["KINDLING_COMMAND"] ?? process.env["KINDLING_CALLED_AS"] ?? "npx kindling";
  const { stdout, stderr } = process;
  const writeOut = stdout.write.bind(stdout);
  const writeErr = stderr.write.bind(stderr);
  Object.assign(stdout, { write: writeErr });
  return {
    cwd: process.cwd(),
    env: process.env,
    input: process.stdin,
    out: screenOf(stdout, writeOut),
    err: screenOf(stderr, writeErr),
    releaseOutput: () => Object.assign(stdout, { write: writeOut }),
    now: Date.now,
    signal,
    user: userName(),
    // What it prints to be typed must find the same project.
    program: config === undefined ? program : `${program} --config ${shellWord(config)}`,
  };
}

const DEFAULT_COLUMNS = 100;
const DEFAULT_ROWS = 24;

function screenOf(stream: NodeJS.WriteStream, write: (text: string, done: (error?: Error | null) => void) => unknown): Screen {
  // A reader that has seen enough (`| head`) closes its end: that is no fault of ours. Every other failure reaches whoever writes.
  stream.on("error", () => {});
  // Of a standard stream `writable` is true again a moment after that.
  let hasReader = true;
  return {
    // A terminal that does not know its size (a bare pseudo-terminal) is written to line by line.
    isTerminal: stream.isTTY && stream.columns > 0,
    columns: () => (stream.isTTY ? stream.columns || DEFAULT_COLUMNS : DEFAULT_COLUMNS),
    rows: () => (stream.isTTY ? stream.rows || DEFAULT_ROWS : DEFAULT_ROWS),
    paint: paintFor(stream),
    write: (text) =>
      new Promise((resolve, reject) => {
        write(text, (error) => {
          if (error === null || error === undefined) return resolve();
          if (!isClosed(error)) return reject(error);
          hasReader = false;
          resolve();
        });
      }),
    hasReader: () => hasReader,
    stream,
  };
}

function isClosed(error: Error): boolean {
  return "code" in error && (error.code === "EPIPE" || error.code === "ERR_STREAM_DESTROYED");
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that no user has; the number is all there is then.
    return `uid-${process.getuid?.() ?? "unknown"}`;
  }
}
