// What a command gives back, and how it is told: as text for people, or as one JSON document for programs.

import type { Problem } from "./problem.ts";

/**
 * How the process ends: 0 fine (a run that waits included), 1 the run failed or was cancelled, 2 wrong usage, config or input, 3 not found, 4 refused,
 * 5 ledger; 130 and 143 when a signal stopped it.
 */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 130 | 143;

/** The answer of a command. `lines` are for people; with `--json` a program gets `result` or `problem` instead. */
export type Answer =
  | { readonly ok: true; readonly result: unknown; readonly lines: readonly string[] }
  | { readonly ok: false; readonly exit: ExitCode; readonly problem: Problem; readonly lines: readonly string[] };

/**
 * The one shape of `--json`, alone on stdout:
 * `{ "ok": true, "command": "list", "result": … }` or `{ "ok": false, "command": "run", "error": { "name", "code", "message", "fix", "details" } }`.
 * `ok` is true if and only if the exit code is 0.
 *
 * `result` by command: `run`, `start`, `resume` of one run, `show`, `cancel`: `{ run, next }`; `deliver`, `approve`, `reject`: `{ delivery, run, next }`;
 * `resume` of all: `{ runs }`; `list`: `{ runs, cursor }`, with `--erased` `{ erased, cursor }`, with `--compacted` `{ compacted, cursor }`; `show` of a compacted run: `{ receipt }`; `erase`: `{ erasure }`; `compact`: `{ report }`; `keys`: the report; `inbox`: `{ awaits }`; `facts`: `{ facts }`; `graph`: `{ format, text }`; `plan`: `{ outlook }`; `explain`: `{ explanation, text }`;
 * `diff`: `{ diff, text }`; `verify`, `import`, `backup`, `salvage`: the report;
 * `update`: `{ revision, run, next }`; `retry`: `{ run, next }`; `fork`: `{ forked, run, next }`; `upgrade`: `{ upgraded, policy, run, next }`, with `--check`
 * `{ checks, changed }`;
 * `receipt`: `{ file, run, runs, bytes }`; `anchor`: `{ anchor }`; `verify` of a receipt: `{ receipt, account, signatures }`; `approve` and `reject` with `--statement`: `{ statement, payload, expires }`;
 * `record`: `{ file, run, unmade, doubts }`, with `--update` `{ updates }`; `replay`: `{ replays }`; `eval`: `{ evaluation }`, `eval list` `{ evaluations }`, `eval diff` `{ difference }`;
 * `prompts list`: `{ prompts, unloaded }`; `prompts check`: `{ prompts, warnings, isLocked }`; `prompts render`: `{ prompt, file, messages, settings }`; `prompts diff`: `{ run, prompts }`;
 * `prompts lock`: `{ file, prompts, changed }`; `prompts pull`: `{ file, from, was, is, written }`; `prompts types`: `{ file, prompts, written }`;
 * `store list`: `{ stores }`; `store get`: `{ fact, shape }`; `store query`: `{ facts, cursor, shape }`; `store history`: `{ facts, cursor, shape }`, without a key `{ keys, cursor }`;
 * `store lineage`: `{ lineage, left }`, with `--values` also `values`; `store activity`: `{ facts, receipts, cursor }`; `store put`, `remove`: `{ receipt }`; `store append`: `{ receipt, runs }`, each `{ run, next }`, and `{ receipt }` with `--no-follow`;
 * `store reindex`: `{ recorded }`; `store import`: the report, without a file `{ imports }`;
 * `store compact`, `prune`, `purge`, `erase`: `{ report }`; `store receipts`: `{ receipts, cursor }`; `store resolve`: `{ resolved }`;
 * `watch`: no document but a line of JSON for each fact, or each change of a part of an index; `serve`: `{ url }`, once it ends; `approvers add`: `{ approver }`;
 * `stats`: the figures; with `--check` and alerts an error whose `details` hold `{ alerts, stats }`;
 * `mcp-tools check`, `mcp-tools pull`: `{ servers }`;
 * `init`: `{ folder, written, kept, next }`; `mcp --print-config`: `{ client, transport, file, config, notes }`. A failed run is an error whose `details` hold `{ run, next }`.
 */
export function envelope(command: string, answer: Answer): string {
  const body = answer.ok ? { ok: true, command, result: answer.result } : { ok: false, command, error: answer.problem };
  return `${JSON.stringify(body, undefined, 2)}\n`;
}
