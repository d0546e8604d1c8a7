// What can be expected of a run. Each is a question to a run as it stands, with an answer that shows its state in a few lines.

import { isSpentWithin, nodeAt, timesCalled, type SpendingLimit } from "./run-questions.ts";
import type { AnyContract } from "../graph/contract.ts";
import { InputError, type Contract } from "../index.ts";
import { readRunRecording } from "../../providers/recorded/run-recording-file.ts";
import { replay } from "./replay.ts";
import { type SeenRun, seenRun, stateLines } from "./seen-run.ts";

/** What an assertion library is told. */
export interface Matched {
  readonly pass: boolean;
  readonly message: () => string;
  readonly actual?: unknown;
  readonly expected?: unknown;
}

/** What a matcher needs of the library that calls it. */
interface Comparing {
  equals(a: unknown, b: unknown): boolean;
}

/** How often a model was asked, and which one. */
export interface CalledOptions {
  /** Requests of the node, or of all below it; at least one when left out. */
  readonly times?: number;
  /** `provider:model`. */
  readonly model?: string;
}

/** The matchers, for `expect.extend(matchers)`. */
export const matchers = {
  async toHaveSucceeded(subject: unknown): Promise<Matched> {
    const run = await seenRun(subject);
    return answer(run, run.view.status === "succeeded", "to have succeeded");
  },

  async toHaveFailed(subject: unknown, code?: string): Promise<Matched> {
    const run = await seenRun(subject);
    const { status, error } = run.view;
    return answer(
      run,
      status === "failed" && (code === undefined || error?.code === code),
      `to have failed${code === undefined ? "" : ` with ${code}`}`,
    );
  },

  async toBeWaitingFor(subject: unknown, event: string, { path }: { readonly path?: string } = {}): Promise<Matched> {
    const run = await seenRun(subject);
    const isOpen = run.view.awaits.some((open) => open.event === event && (path === undefined || open.path === path));
    return answer(run, isOpen, `to be waiting for "${event}"${path === undefined ? "" : ` at "${path}"`}`);
  },

  async toHaveOutput(this: Comparing, subject: unknown, expected: unknown): Promise<Matched> {
    const run = await seenRun(subject);
    const pass = run.view.status === "succeeded" && this.equals(run.outputs, expected);
    return { ...answer(run, pass, "to have given what is expected"), actual: run.outputs, expected };
  },

  async toHaveRun(subject: unknown, path: string): Promise<Matched> {
    const run = await seenRun(subject);
    const node = nodeAt(run, path);
    const known = node === undefined ? "; it has no such node" : `; it is ${node.status}`;
    return answer(run, node?.status === "succeeded", `to have run "${path}"`, known);
  },

  async toHaveCalledModel(subject: unknown, path: string, { times, model }: CalledOptions = {}): Promise<Matched> {
    const run = await seenRun(subject);
    const calls = timesCalled(run, path, model);
    const wanted = `to have asked ${model ?? "a model"} at "${path}"${times === undefined ? "" : ` ${times} times`}`;
    return answer(
      run,
      times === undefined ? calls.length > 0 : calls.length === times,
      wanted,
      `; it asked ${told(timesCalled(run, path, undefined))}`,
    );
  },

  async toHaveSpentAtMost(subject: unknown, limit: SpendingLimit): Promise<Matched> {
    const run = await seenRun(subject);
    const { isWithin, spent } = isSpentWithin(run, limit);
    return answer(run, isWithin, `to have spent at most ${JSON.stringify(limit)}`, `; it spent ${spent}`);
  },

  async toMatchRecording(subject: unknown, file: URL | string): Promise<Matched> {
    const { isSame, lines } = await replay(await readRunRecording(file), contractIn(subject));
    const command = `npx kindling record --update ${typeof file === "string" ? file : file.pathname}`;
    return {
      pass: isSame,
      message: () =>
        isSame
          ? `expected ${String(file)} not to replay as recorded, and it does`
          : [`${String(file)}: ${lines.join("\n")}`, "", `record it again: ${command}`].join("\n"),
    };
  },
};

function answer(run: SeenRun, pass: boolean, wanted: string, known = ""): Matched {
  return {
    pass,
    message: () => [`expected the run ${pass ? "not " : ""}${wanted}${pass ? "" : known}`, "", ...stateLines(run)].join("\n"),
  };
}

function told(models: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const model of models) counts.set(model, (counts.get(model) ?? 0) + 1);
  return counts.size === 0 ? "none" : [...counts].map(([model, count]) => `${model} ${count}×`).join(", ");
}

function contractIn(subject: unknown): Contract<never, unknown> {
  if (isContract(subject)) return subject;
  throw new InputError("not_a_contract", "what was given to expect is no contract", { fix: "expect(myContract).toMatchRecording(file)" });
}

function isContract(subject: unknown): subject is AnyContract {
  return typeof subject === "object" && subject !== null && "graph" in subject && "name" in subject && "version" in subject;
}
