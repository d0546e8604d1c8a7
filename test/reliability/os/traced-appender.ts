// An appending process one of whose system calls goes wrong: strace makes the n-th call of a kind fail, take long or be its last.

import { readFile } from "node:fs/promises";
import { type Ending, speak } from "./spoken-process.ts";

const APPENDER = new URL("appender-process.ts", import.meta.url);

/** A call of the kernel that the ledger rests on. */
export type SystemCall = "pwrite64" | "fdatasync" | "fsync" | "rename";

/** What happens at a call: an error, the end of the process within it, or some milliseconds of waiting. */
export type Mishap = "EIO" | "ENOSPC" | "EINTR" | "kill" | "wait";

/** Which call goes wrong, counted from the start of the process, and how. */
export interface Fault {
  readonly call: SystemCall;
  readonly mishap: Mishap;
  readonly at: number;
}

/** How a traced process ended. */
export interface TracedEnding extends Ending {
  /** True when the fault was played: the process may have made fewer calls. */
  readonly wasHit: boolean;
}

const WAIT_MICROSECONDS = 30_000;

/** Runs an appending process to its end while strace plays a fault. */
export async function appendUnderFault(
  folder: string,
  name: string,
  size: { readonly clients: number; readonly facts: number },
  { call, mishap, at }: Fault,
): Promise<TracedEnding> {
  const log = `${folder}.${name}.trace`;
  // One thread for files, since strace counts calls for each thread by itself.
  const under = ["strace", "-f", "-qq", "-o", log, "-E", "UV_THREADPOOL_SIZE=1", "-e", `trace=${call}`];
  // Stopping only at the traced calls is fast, but no signal can be put into such a stop.
  if (mishap !== "kill") under.push("--seccomp-bpf");
  const child = speak(APPENDER, [folder, name, String(size.clients), String(size.facts)], {
    under: [...under, "-e", `inject=${call}:${actionOf(mishap)}:when=${mishap === "wait" ? `${at}+` : at}`],
  });
  const ending = await child.ended;
  const trace = await readFile(log, "utf8");
  return { ...ending, wasHit: /\((?:INJECTED|DELAYED)\)/.test(trace) || (mishap === "kill" && ending.signal === "SIGKILL") };
}

function actionOf(mishap: Mishap): string {
  if (mishap === "kill") return "signal=KILL";
  if (mishap === "wait") return `delay_exit=${WAIT_MICROSECONDS}`;
  return `error=${mishap}`;
}
