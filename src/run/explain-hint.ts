// What can be done now: as the command that does it, and as the client's call.

import type { JsonValue } from "../json.ts";
import type { Cause, FailureChain, Hint, OpenWait } from "./explain-shape.ts";

const HINTS_LIMIT = 20;

/** What answers what is waited for, and tries again what failed; each once. */
export function hintsFor(run: string, causes: readonly Cause[]): readonly Hint[] {
  const hints = causes.flatMap((cause): readonly Hint[] => {
    switch (cause.type) {
      case "await":
        if (cause.history !== undefined) return [appendHint(cause.history, cause)];
        return cause.decider !== undefined && cause.isDecision ? decideHints(run, cause) : [deliverHint(run, cause)];
      case "failed":
        return [retryHint(run, undefined, cause.error.fix)];
      case "running":
        return [resumeHint(run)];
      case "sleep":
      case "remote":
      case "retry":
      case "compensation":
      case "unread":
        return [];
    }
  });
  return distinct(hints);
}

/** What tries again what failed: an item in spite of which the run went on by its path, else all of it. */
export function retryHints(run: string, failures: readonly FailureChain[]): readonly Hint[] {
  return distinct(
    failures.flatMap(({ isCollected, chain, error }) =>
      error.retryable === false && error.fix === undefined ? [] : [retryHint(run, isCollected ? chain[0] : undefined, error.fix)],
    ),
  );
}

/** Tries again one thing, or everything that failed. */
export function retryHint(run: string, path: string | undefined, fix: string | undefined): Hint {
  const what = path === undefined ? "try again what failed" : `try ${path} again`;
  return {
    what: fix === undefined ? what : `${what}, after: ${fix}`,
    command: ["kindling retry", run, ...(path === undefined ? [] : [word(path)])].join(" "),
    call: path === undefined ? `kindling.retry(${text(run)})` : `kindling.retry(${text(run)}, { path: ${text(path)} })`,
  };
}

/** Goes on from what a run has done, in another one. */
export function forkHint(run: string): Hint {
  return { what: "start a run that takes over what it has done", command: `kindling fork ${run}`, call: `kindling.fork(${text(run)})` };
}

function decideHints(run: string, wait: OpenWait): readonly Hint[] {
  return (["approve", "reject"] as const).map((verb) => ({
    what: `${verb} it, as a person`,
    command: `kindling ${verb} ${run} ${word(wait.path)}`,
    call: deliverCall(run, wait),
  }));
}

function deliverHint(run: string, wait: OpenWait): Hint {
  const payload = word(JSON.stringify(wait.example ?? {}));
  return {
    what: wait.decider === undefined ? `deliver ${wait.event}` : `deliver ${wait.event}, as a person`,
    command: `kindling deliver ${word(wait.event)} --run ${run} --path ${word(wait.path)} --payload ${payload}`,
    call: deliverCall(run, wait),
  };
}

/** An event that a history gives is recorded there. */
function appendHint(history: string, { example }: OpenWait): Hint {
  const event = JSON.stringify(example ?? {});
  return {
    what: `record the event in the history ${history}`,
    command: `kindling store append ${history} ${word(event)}`,
    call: `kindling.history(${history}).append(${event})`,
  };
}

function deliverCall(run: string, { event, path, example }: OpenWait): string {
  return `kindling.deliver({ event: ${text(event)}, run: ${text(run)}, path: ${text(path)}, payload: ${JSON.stringify(example ?? {})} })`;
}

function resumeHint(run: string): Hint {
  return {
    what: "it goes on by itself while a process carries it; if none does",
    command: `kindling resume ${run}`,
    call: `(await kindling.run(${text(run)})).settled()`,
  };
}

function distinct(hints: readonly Hint[]): readonly Hint[] {
  return [...new Map(hints.map((hint) => [hint.command, hint])).values()].slice(0, HINTS_LIMIT);
}

function text(value: JsonValue): string {
  return JSON.stringify(value);
}

/** A word as a POSIX shell takes it. JSON text holds no line ends. */
function word(value: string): string {
  return /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`;
}
