// How a run stands, for whoever started it or decided something: ended with what it gives or why it failed, or waiting with the commands that go on.

import { describeMilliseconds, type NodeView, type RunView } from "../../index.ts";
import type { NextStep } from "../next-commands.ts";
import { due } from "./moment.ts";
import { MARKS } from "./node-lines.ts";
import type { Paint, Tone } from "./paint.ts";
import { describeTotal } from "./spending.ts";
import { indented, oneLine } from "./text.ts";
import { type Extent, labelled, shown } from "./value.ts";
import { isObject } from "../json-schema.ts";

/** What outcome lines are made from besides the run. */
export interface OutcomeOptions {
  readonly now: number;
  readonly paint: Paint;
  readonly extent: Extent;
  readonly next: readonly NextStep[];
  readonly program: string;
}

/** The outcome of a run, or where it stands. Expects a visible copy of the run. */
export function outcomeLines(run: RunView, options: OutcomeOptions): string[] {
  const { paint } = options;
  const [mark, tone] = MARKS[run.status === "cancelled" ? "skipped" : run.status];
  const duration = describeMilliseconds(Math.max(0, (run.endedAt ?? run.updatedAt) - run.startedAt));
  const facts = [`${run.contract} ${run.id}`, run.status === "waiting" ? "" : `in ${duration}`, describeTotal(run.spending)].filter(
    (each) => each !== "",
  );
  return [`${paint(tone, `${mark} ${run.status}`)}  ${facts.join("  ")}`, ...bodyOf(run, options)];
}

function bodyOf(run: RunView, options: OutcomeOptions): string[] {
  const { paint, extent, program } = options;
  switch (run.status) {
    case "succeeded":
      return ["", ...outputLines(run, extent, paint)];
    case "failed":
    case "cancelled":
      return ["", ...failureLines(run, paint), "", `  ${program} show ${run.id}`];
    case "waiting":
      return nextLines(options.next, options);
    case "running":
      return ["", `  ${program} resume ${run.id}`];
  }
}

/** What a run gives. */
export function outputLines({ outputs }: Pick<RunView, "outputs">, extent: Extent, paint: Paint): string[] {
  if (outputs === undefined) return [];
  return isObject(outputs) ? labelled(outputs, extent, paint) : shown(outputs, extent, paint);
}

/** Why a run failed: its own error, then each node that failed with its cure. */
export function failureLines(run: Pick<RunView, "error" | "nodes">, paint: Paint): string[] {
  const failed = failedNodes(run.nodes);
  const told = failed.slice(0, FAILURES_TOLD).flatMap(({ path, error }) => {
    if (error === undefined) return [];
    const fix = error.fix === undefined ? [] : [`  ${paint("accent", "→")} ${oneLine(error.fix, 300)}`];
    return [`  ${paint("strong", oneLine(path, 200))}  ${paint("bad", error.code)}: ${oneLine(error.message, 500)}`, ...indented(fix)];
  });
  const rest = failed.length > FAILURES_TOLD ? [`  … ${failed.length - FAILURES_TOLD} more nodes failed`] : [];
  if (told.length > 0 || run.error === undefined) return [...told, ...rest];
  return [
    `  ${oneLine(run.error.message, 500)}`,
    ...(run.error.fix === undefined ? [] : [`  ${paint("accent", "→")} ${oneLine(run.error.fix, 300)}`]),
  ];
}

/** What a run waits for, each with the commands that answer it. */
export function nextLines(steps: readonly NextStep[], { paint, now }: Pick<OutcomeOptions, "paint" | "now">): string[] {
  return steps.flatMap(({ path, event, history, by, since, deadline, quorum, commands }) => {
    const [mark, tone]: readonly [string, Tone] = by === "human" ? ["◆", "warn"] : ["◇", "accent"];
    const times = [
      ...(now - since < WORTH_TELLING_MS ? [] : [`for ${describeMilliseconds(now - since)}`]),
      ...(deadline === null ? [] : [due(deadline, now)]),
    ];
    const until = times.length === 0 ? "" : `  ${paint("faint", times.join(", "))}`;
    const people = quorum === undefined ? "a person" : `${quorum.people} people who say the same`;
    const said = quorum === undefined || quorum.voices.length === 0 ? "" : `, heard ${oneLine(heard(quorum), 200)}`;
    const what =
      by === "human"
        ? `waits for ${people} (${event})${said}`
        : `waits for ${history === undefined ? `the event ${event}` : `an event of the history ${history}`}`;
    return ["", `${paint(tone, mark)} ${paint("strong", oneLine(path, 200))} ${what}${until}`, ...indented(commands, "    ")];
  });
}

function heard({ voices }: NonNullable<NextStep["quorum"]>): string {
  return [...new Set(voices.map(({ by }) => by))].join(", ");
}

/** Who has waited for less has only just asked. */
const WORTH_TELLING_MS = 60_000;
const FAILURES_TOLD = 10;

/** The nodes where it went wrong: the innermost ones, since those around them only pass it on. */
function failedNodes(nodes: readonly NodeView[]): NodeView[] {
  return nodes.flatMap((node) => {
    const inside = node.children.flatMap((child) => failedNodes(child.nodes));
    if (inside.length > 0) return inside;
    return node.status === "failed" ? [node] : [];
  });
}
