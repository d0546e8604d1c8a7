// What a source of keys needs of the world: variables, commands, files. The key passes through and stays nowhere.

import { type ChildProcess, spawn } from "node:child_process";
import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { keyExposed, keyMissing } from "./key-refusals.ts";

/** Bytes of output or of a file that can be a key. Beyond, something else was named by mistake. */
export const KEY_TEXT_LIMIT_BYTES = 4_096;

/** What a command did. */
export type CommandOutcome = { readonly kind: "printed"; readonly text: string } | { readonly kind: "failed"; readonly reason: string };

/** The world as a source of keys sees it. */
export interface KeyWorld {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Runs a program without a shell; what it says on its error output is thrown away, since that may be the key. */
  run(program: string, parameters: readonly string[], timeoutMs: number): Promise<CommandOutcome>;
  /**
   * The text of a file.
   * @throws LedgerError `ledger_key_missing` when it cannot be read, `ledger_key_exposed` when others can read or write it
   */
  readPrivateFile(path: string): Promise<string>;
}

/** The variables, programs and files of this process. */
export const realKeyWorld: KeyWorld = {
  env: process.env,
  run(program, parameters, timeoutMs) {
    // No input: that of a server belongs to whoever talks to it.
    try {
      const child = spawn(program, parameters, { shell: false, stdio: ["ignore", "pipe", "ignore"], windowsHide: true });
      return outcomeOf(child, timeoutMs);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      // Its message would show the arguments.
      return Promise.resolve({ kind: "failed", reason: "it cannot be started" });
    }
  },
  async readPrivateFile(path) {
    const file = await openKeyFile(path);
    try {
      // Asked of the open file, so that it cannot be another one by the time it is read.
      requirePrivate(path, await file.stat());
      const { bytesRead, buffer } = await file.read(Buffer.alloc(KEY_TEXT_LIMIT_BYTES + 1), 0, KEY_TEXT_LIMIT_BYTES + 1, 0);
      if (bytesRead > KEY_TEXT_LIMIT_BYTES)
        throw keyMissing(
          `the file ${path}`,
          `it has more than ${KEY_TEXT_LIMIT_BYTES} bytes`,
          "Name the file that holds the key and nothing else.",
        );
      return buffer.toString("utf8", 0, bytesRead);
    } finally {
      await file.close();
    }
  },
};

async function openKeyFile(path: string): Promise<FileHandle> {
  try {
    // Without waiting: a pipe nobody writes to would hold everything up.
    return await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : "an unknown error";
    throw keyMissing(
      `the file ${path}`,
      code === "ENOENT" ? "there is no such file" : `it cannot be read (${code})`,
      "Check the path, and that this user owns the file.",
    );
  }
}

function requirePrivate(path: string, found: Stats): void {
  if (!found.isFile()) throw keyMissing(`the file ${path}`, "it is no file", "Name the file that holds the key.");
  const user = process.getuid?.();
  // Windows has no such rights to look at.
  if (user === undefined) return;
  if (found.uid !== user) throw keyExposed(path, "belongs to another user", "Use a file of your own, or run as its owner.");
  if ((found.mode & 0o077) !== 0) throw keyExposed(path, "can be read or written by other users", `Run: chmod 600 ${path}`);
}

function outcomeOf(child: ChildProcess, timeoutMs: number): Promise<CommandOutcome> {
  const outcome = Promise.withResolvers<CommandOutcome>();
  const fail = (reason: string): void => {
    child.kill("SIGKILL");
    // What the program started may hold its output open, and must not keep this process alive.
    child.stdout?.destroy();
    outcome.resolve({ kind: "failed", reason });
  };
  const timer = setTimeout(() => fail(`it took more than ${timeoutMs / 1_000} seconds`), timeoutMs);
  const parts: Buffer[] = [];
  let bytes = 0;
  child.stdout?.on("data", (part: Buffer) => {
    bytes += part.length;
    if (bytes > KEY_TEXT_LIMIT_BYTES) fail(`it printed more than ${KEY_TEXT_LIMIT_BYTES} bytes`);
    else parts.push(part);
  });
  child.on("error", (error) => fail("code" in error && error.code === "ENOENT" ? "there is no such program" : "it cannot be started"));
  child.on("close", (code, signal) => {
    if (code === 0) outcome.resolve({ kind: "printed", text: Buffer.concat(parts).toString("utf8") });
    else fail(code === null ? `it was ended by ${signal}` : `it ended with ${code}`);
  });
  return outcome.promise.finally(() => clearTimeout(timer));
}
