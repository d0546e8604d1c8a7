// A passphrase on its way in: from a file that the environment names, from standard input, or typed on a terminal that does not show it. Never from the command
// line, which other users of the machine can read and the shell keeps.

import { readGiven } from "./given-file.ts";
import { UsageError } from "./problem.ts";
import type { Shell } from "./shell.ts";
import { Stopped } from "./stopped.ts";

/** Where commands take a passphrase from. */
export interface PassphraseOptions {
  readonly passphraseStdin?: boolean;
}

/** How it is asked for, and the command to call again when that was stopped. */
export interface Asked {
  readonly question: string;
  readonly again: string;
}

const FILE_VARIABLE = "KINDLING_PASSPHRASE_FILE";
const LENGTH_LIMIT = 10_000;

/** True when somebody is asked on a terminal, so that typing errors are likely. */
export function isTyped({ env, input }: Shell, { passphraseStdin }: PassphraseOptions): boolean {
  return env[FILE_VARIABLE] === undefined && passphraseStdin !== true && input.isTTY;
}

/** The passphrase; a line end behind it is not part of it. @throws UsageError `passphrase_needed`, `unreadable_file`; Stopped */
export async function readPassphrase(shell: Shell, options: PassphraseOptions, asked: Asked): Promise<string> {
  if (options.passphraseStdin === true) return firstLine(shell);
  const file = shell.env[FILE_VARIABLE];
  if (file !== undefined) return withoutLineEnd(await readGiven(shell, file));
  if (isTyped(shell, options)) return askHidden(shell, asked);
  throw new UsageError("passphrase_needed", "there is no terminal to ask for the passphrase on", {
    fix: `Call it in a terminal; or name a file that holds it in ${FILE_VARIABLE}, or give it on standard input with --passphrase-stdin.`,
  });
}

async function firstLine({ input }: Shell): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  // Bytes, unless somebody has told the stream to give text.
  for await (const chunk of input as AsyncIterable<string | Uint8Array>) {
    text += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    if (text.includes("\n") || text.length > LENGTH_LIMIT) break;
  }
  return withoutLineEnd(text.slice(0, text.includes("\n") ? text.indexOf("\n") + 1 : LENGTH_LIMIT));
}

function withoutLineEnd(text: string): string {
  return text.replace(/\r?\n$/, "");
}

/** Typed and not shown; the terminal is as it was afterwards, whatever happens. */
async function askHidden({ input, err }: Shell, { question, again }: Asked): Promise<string> {
  await err.write(question);
  input.setRawMode(true);
  try {
    const text = await typedLine(input);
    if (text === undefined) throw new Stopped("nothing was done", again);
    return text;
  } finally {
    input.setRawMode(false);
    input.pause();
    await err.write("\n");
  }
}

const ENTER = /[\r\n]/;
const STOP = new Set(["\u0003", "\u0004"]);
const ERASE = new Set(["\b", "\u007F"]);
const ERASE_ALL = "\u0015";

/** Resolves with the line that is typed; undefined when Ctrl-C, Ctrl-D or the end of the stream stops it. */
function typedLine(input: NodeJS.ReadStream): Promise<string | undefined> {
  return new Promise((resolve) => {
    let typed: readonly string[] = [];
    const end = (line: string | undefined) => {
      input.off("data", onData).off("end", onEnd);
      resolve(line);
    };
    const onEnd = () => end(undefined);
    const onData = (chunk: string | Buffer) => {
      const text = chunk.toString();
      // Arrows and other keys that are no characters.
      if (text.startsWith("\u001B")) return;
      for (const character of text) {
        if (ENTER.test(character)) return end(typed.join(""));
        if (STOP.has(character)) return end(undefined);
        if (ERASE.has(character)) typed = typed.slice(0, -1);
        else if (character === ERASE_ALL) typed = [];
        else if (character >= " " && typed.length < LENGTH_LIMIT) typed = [...typed, character];
      }
    };
    input.setEncoding("utf8").on("data", onData).once("end", onEnd).resume();
  });
}
