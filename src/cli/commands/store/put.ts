// `store put`, `append` and `remove`: changes of stores and histories that the config knows, which check what is recorded. Runs that an event starts or answers are followed.

import { type FactReceipt, InputError, type JsonValue, type Kindling, type NamedStore } from "../../../index.ts";
import type { Answer } from "../../answer.ts";
import { gatherValue, type Gathered } from "../../assignments.ts";
import { readGiven } from "../../given-file.ts";
import { zoned } from "../../moment-option.ts";
import { UsageError } from "../../problem.ts";
import type { GlobalOptions, Project } from "../../project.ts";
import { followAndAnswer, type FullOption, withProject } from "../../runs.ts";
import { configuredStore } from "../../stores.ts";
import type { Shell } from "../../shell.ts";
import { visible } from "../../view/visible.ts";

/** What may be said with a change. */
export interface StoreChangeOptions extends GlobalOptions {
  /** `absent`, or the id of the latest fact. */
  readonly expect?: string;
  /** Idempotency key. */
  readonly key?: string;
  readonly cause?: readonly string[];
  readonly validFrom?: string;
  readonly by?: string;
}

/** Where a value comes from besides the command line. */
export interface GivenValueOptions {
  readonly file?: string;
}

/** Records a value for a key. */
export async function putValue(
  shell: Shell,
  name: string,
  { key, json }: { readonly key: string; readonly json: string | undefined },
  options: StoreChangeOptions & GivenValueOptions,
): Promise<Answer> {
  const value = await givenValue(shell, json, options);
  return change(shell, name, options, (store) =>
    store.kind === "store" ? store.handle.write(key, value, saidOf(shell, options)) : notA("store", name, shell),
  );
}

/** What is done with runs that an event starts or answers. */
export interface FollowOption extends FullOption {
  /** False leaves them to whoever carries them. */
  readonly follow?: boolean;
}

/** Records an event, and follows the runs that it starts or answers until they end or wait. What becomes of those is no fault of the event. */
export async function appendEvent(
  shell: Shell,
  name: string,
  json: string | undefined,
  options: StoreChangeOptions & GivenValueOptions & FollowOption,
): Promise<Answer> {
  const value = await givenValue(shell, json, options);
  return withProject(shell, options, "shared", async (project): Promise<Answer> => {
    const receipt = await changed(project, name, (store) =>
      store.kind === "history" ? store.handle.append(value, saidOf(shell, options)) : notA("history", name, shell),
    );
    if (options.follow === false) return recorded(receipt, shell);
    await project.settle();
    const lines = receiptLines(receipt, shell);
    const runs: unknown[] = [];
    for (const id of await runsBy(project.kindling, receipt)) {
      const answer = await followAndAnswer(shell, project, await project.kindling.run(id), options, {}, receipt.position);
      runs.push(answer.ok ? answer.result : answer.problem.details);
      lines.push("", ...answer.lines);
    }
    return { ok: true, result: { receipt, runs }, lines };
  });
}

/** Runs that an event has started, or whose await it has answered. */
async function runsBy(kindling: Kindling, { id, position }: FactReceipt): Promise<ReadonlySet<string>> {
  const runs = new Set<string>();
  for await (const { run, facts } of kindling.changes({ after: position, kinds: ["run.started", "event.delivered"] }))
    if (facts.some((fact) => (fact.type === "run.started" ? fact.from : fact.type === "event.delivered" && fact.deliveryId) === id))
      runs.add(run);
  return runs;
}

/** Records that a key has no value any more. */
export function removeValue(shell: Shell, name: string, key: string, options: StoreChangeOptions): Promise<Answer> {
  return change(shell, name, options, (store) =>
    store.kind === "store" ? store.handle.remove(key, saidOf(shell, options)) : notA("store", name, shell),
  );
}

function change(shell: Shell, name: string, options: GlobalOptions, act: (store: NamedStore) => Promise<FactReceipt>): Promise<Answer> {
  return withProject(shell, options, "shared", async (project) => recorded(await changed(project, name, act), shell));
}

async function changed({ kindling }: Project, name: string, act: (store: NamedStore) => Promise<FactReceipt>): Promise<FactReceipt> {
  return act(await configuredStore(kindling, name, "what is written is checked by its definition"));
}

function recorded(receipt: FactReceipt, shell: Shell): Answer {
  return { ok: true, result: { receipt }, lines: receiptLines(receipt, shell) };
}

function receiptLines(receipt: FactReceipt, { out: { paint } }: Shell): string[] {
  const { id, store, key, number, position, act, repeated } = receipt;
  const what = repeated ? "recorded before" : act === "written" ? "recorded" : "removed";
  return [
    `${paint("good", "✓")} ${what}: ${paint("strong", store)} ${visible(key)}  ${paint("faint", `#${number}, position ${position}`)}`,
    `  ${visible(id)}`,
  ];
}

/** @throws UsageError `bad_option` */
function saidOf({ user }: Shell, { expect, key, cause, validFrom, by }: StoreChangeOptions) {
  if (by?.trim() === "") throw new UsageError("bad_option", "--by is empty", { fix: "Give a name, or leave it out." });
  return {
    producer: { kind: "person", name: by ?? `cli:${user}` } as const,
    ...(expect === undefined ? {} : { expect }),
    ...(key === undefined ? {} : { idempotencyKey: key }),
    ...(cause === undefined ? {} : { causedBy: cause }),
    ...(validFrom === undefined ? {} : { validFrom: zoned(validFrom) }),
  };
}

/** The value, from the command line, a file or standard input. @throws UsageError `no_value`, `bad_option` */
async function givenValue(shell: Shell, json: string | undefined, { file }: GivenValueOptions): Promise<JsonValue> {
  if ((json === undefined) === (file === undefined))
    throw new UsageError("no_value", json === undefined ? "there is no value" : "there are two values", {
      fix: `Give one as JSON: behind the others, as - for standard input, or in a file with --file.`,
    });
  const text = file === undefined || file === "-" ? (json ?? "-") : await readGiven(shell, file);
  const given: Gathered<JsonValue | undefined> = await gatherValue(text, file === undefined ? "the value" : `--file ${file}`, shell);
  if (given.ok && given.value !== undefined) return given.value;
  const issues = given.ok ? [] : given.issues.map(({ at, message }) => `${at} ${message}`);
  throw new UsageError("bad_option", issues.join("\n"), { fix: `Text is JSON in quotes: '"like this"'.` });
}

function notA(kind: NamedStore["kind"], name: string, { program }: Shell): never {
  const other = kind === "store" ? "history" : "store";
  throw new InputError(`not_a_${kind}`, `${name} is a ${other}`, {
    fix: kind === "store" ? `${program} store append ${name} <json>` : `${program} store put ${name} <key> <json>`,
  });
}
