// Where anchors go: a file, a command or a URL. What lies in the ledger's own folder would be changed together with it, so that is refused.

import { type ChildProcess, spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { dirname, resolve, sep } from "node:path";
import { ConfigError, LedgerError } from "../errors.ts";
import { realDisk } from "./real-disk.ts";

/** A file gets a line; a command gets it on its input, without a shell; a URL gets it as JSON by POST. */
export type AnchorTarget = { readonly file: string } | { readonly command: readonly string[] } | { readonly url: string };

/** Milliseconds that a command or a server has. */
export const ANCHOR_TIMEOUT_MS = 30_000;

/** Brings an anchor to its place, and resolves when it is there. @throws LedgerError `anchor_failed` */
export async function sendAnchor(
  line: string,
  to: AnchorTarget,
  fetch: typeof globalThis.fetch,
  timeoutMs = ANCHOR_TIMEOUT_MS,
): Promise<void> {
  try {
    if ("file" in to) await appendLine(resolve(to.file), line);
    else if ("url" in to) await post(to.url, line, fetch, timeoutMs);
    else await tell(to.command, line, timeoutMs);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new LedgerError("anchor_failed", `An anchor did not get to ${targetName(to)}: ${reason}.`, {
      fix: "Check the place. The next anchor says all that this one would have said.",
      cause,
    });
  }
}

/** The target for people. Of a command only the program, of a URL only the server: the rest may be secret. */
export function targetName(to: AnchorTarget): string {
  if ("file" in to) return to.file;
  return "url" in to ? new URL(to.url).origin : `the command ${to.command[0] ?? ""}`;
}

/** Refuses a target that is none, or that lies in the ledger's folder. @throws ConfigError `anchor_target` */
export function requireTarget(to: AnchorTarget, folder: string): void {
  const refuse = (message: string, fix: string): never => {
    throw new ConfigError("anchor_target", message, { fix });
  };
  if ("file" in to && `${resolve(to.file)}${sep}`.startsWith(`${resolve(folder)}${sep}`))
    refuse(
      `anchors would go to ${to.file}, inside the ledger's folder`,
      "Name a file elsewhere: whoever changes the folder could change it, too.",
    );
  if ("url" in to && !/^https?:\/\//.test(URL.parse(to.url)?.href ?? ""))
    refuse("the URL for anchors is none", "Give one that begins with https://");
  if ("command" in to && to.command.length === 0) refuse("the command for anchors is empty", "Name a program and its arguments.");
}

/** Appends at the end in one call, whoever else appends there, and makes it durable. */
async function appendLine(path: string, line: string): Promise<void> {
  const file = await open(path, "a", 0o600);
  try {
    await file.writeFile(`${line}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await realDisk.syncFolder(dirname(path));
}

async function post(url: string, line: string, fetch: typeof globalThis.fetch, timeoutMs: number): Promise<void> {
  const { ok, status, body } = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: line,
    signal: AbortSignal.timeout(timeoutMs),
  });
  await body?.cancel();
  if (!ok) throw new Error(`the server answered ${status}`);
}

function tell([program = "", ...parameters]: readonly string[], line: string, timeoutMs: number): Promise<void> {
  return ended(spawn(program, parameters, { shell: false, stdio: ["pipe", "ignore", "ignore"], windowsHide: true }), line, timeoutMs);
}

function ended(child: ChildProcess, line: string, timeoutMs: number): Promise<void> {
  const end = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    child.kill("SIGKILL");
    end.reject(new Error(`it took more than ${timeoutMs / 1_000} seconds`));
  }, timeoutMs);
  child.on("error", (error) =>
    end.reject(new Error("code" in error && error.code === "ENOENT" ? "there is no such program" : "it cannot be started")),
  );
  child.on("close", (code, signal) =>
    code === 0 ? end.resolve() : end.reject(new Error(code === null ? `it was ended by ${signal}` : `it ended with ${code}`)),
  );
  // A program that does not read its input may end before the line is written: what it ends with counts.
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(`${line}\n`);
  return end.promise.finally(() => clearTimeout(timer));
}
