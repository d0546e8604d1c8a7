// An explanation as text: the first line is the answer in one sentence, then what follows from it by importance, then what can be done. Times come out of the style.

import { describeMilliseconds } from "../graph/duration.ts";
import { describeCause, describeWhere, factName, oneLine, quoted } from "./explain-cause-text.ts";
import { lineageLines } from "./explain-lineage-text.ts";
import { standingLines } from "./explain-standing-text.ts";
import type { Explanation, FailureChain, Hint, NodeExplanation, RunExplanation } from "./explain-shape.ts";
import { describeStored } from "./explain-stored.ts";
import type { TextStyle } from "./explain-style.ts";

/** The text of an explanation, without a line end. Text from outside stands in it on one line and cut; what is hidden in it is not made visible. */
export function explainText(explanation: Explanation, style: TextStyle): string {
  return (explanation.subject === "run" ? wholeLines(explanation, style) : nodeLines(explanation, style)).join("\n");
}

const CAUSES_TOLD = 10;
const BLOCKED_TOLD = 10;
const FAILURES_TOLD = 5;

function wholeLines(run: RunExplanation, style: TextStyle): string[] {
  const { causes, blocked, failures, cut } = run;
  const isOpen = run.status === "running" || run.status === "waiting";
  return [
    headline(run, style),
    ...section(
      run.status === "waiting" ? "waits for" : "at work",
      isOpen && causes.length + cut.causes > 1 ? causes.slice(0, CAUSES_TOLD).map((cause) => describeCause(cause, style)) : [],
      Math.max(0, causes.length - CAUSES_TOLD) + cut.causes,
    ),
    ...section("found by", isOpen ? correlations(run) : [], 0),
    ...section(
      "failed",
      failures.length + cut.failures > 1 || isOpen || run.status === "succeeded"
        ? failures.slice(0, FAILURES_TOLD).map(describeFailure)
        : [],
      Math.max(0, failures.length - FAILURES_TOLD) + cut.failures,
    ),
    ...section(
      "through",
      run.status === "failed" && failures[0] !== undefined && failures[0].chain.length > 1
        ? [failures[0].chain.map(quoted).join(" > ")]
        : [],
      0,
    ),
    ...section("not taken back", run.uncompensated.map(quoted), 0),
    ...section(
      "at its end",
      run.exits.map(
        ({ exit, attempt, error, retryAt }) =>
          `${exit} failed with ${error.code}: ${oneLine(error.message)} (attempt ${attempt}${retryAt === undefined ? "" : `, tried again ${style.at(retryAt)}`})`,
      ),
      0,
    ),
    ...section(
      "blocked",
      blocked
        .slice(0, BLOCKED_TOLD)
        .map(
          ({ path, by }) =>
            `${quoted(path)} by ${by.slice(0, 5).map(quoted).join(", ")}${by.length > 5 ? ` and ${by.length - 5} more` : ""}`,
        ),
      Math.max(0, blocked.length - BLOCKED_TOLD) + cut.blocked,
    ),
    ...section("next", run.next === undefined ? [] : [`${run.next.why} of ${quoted(run.next.path)} ${style.at(run.next.at)}`], 0),
    ...section(
      "last",
      run.last === undefined
        ? []
        : [`${run.last.type}${describeWhere(run.last.path)} ${style.at(run.last.time)} (${factName(run.last.id, run.run)})`],
      0,
    ),
    ...section("stores", run.stored === undefined ? [] : describeStored(run.stored), 0),
    ...hintLines(run.hints, style),
  ];
}

function headline(run: RunExplanation, style: TextStyle): string {
  const name = `${run.contract} ${run.run}`;
  const [cause, ...more] = run.causes;
  const [failure] = run.failures;
  switch (run.status) {
    case "waiting":
      if (cause === undefined) return `${name} waits.`;
      return more.length + run.cut.causes > 0
        ? `${name} waits ${style.since(run.since)} for ${run.causes.length + run.cut.causes} things.`
        : `${name} waits: ${describeCause(cause, style)}.`;
    case "running":
      if (cause === undefined) return `${name} is running ${style.since(run.startedAt)}.`;
      return `${name} is running: ${describeCause(cause, style)}${more.length > 0 ? `, and ${more.length + run.cut.causes} more` : ""}.`;
    case "failed":
      return `${name} failed ${style.at(run.since)}${failure === undefined ? "" : `: ${describeFailure(failure)}`}.`;
    case "cancelled":
      return `${name} was cancelled ${style.at(run.since)}${run.cancelled === undefined ? "" : ` by ${oneLine(run.cancelled.actor.id)}: ${oneLine(run.cancelled.reason)}`}.`;
    case "succeeded": {
      const failed = run.failures.length + run.cut.failures;
      const beside = failed === 0 ? "" : `, although ${failed} of its items failed`;
      return `${name} succeeded ${style.at(run.since)}, ${describeMilliseconds(Math.max(0, run.since - run.startedAt))} after it began${beside}.`;
    }
  }
}

function nodeLines(node: NodeExplanation, style: TextStyle): string[] {
  return [
    ...standingLines(node, style),
    ...section(
      "gives",
      node.outputs.length === 0 || (node.outputs.length === 1 && node.outputs[0] === node.path)
        ? []
        : [`the output ${node.outputs.map(quoted).join(", ")}`],
      0,
    ),
    ...(node.lineage === undefined || node.status === "given" ? [] : ["", "came from", ...lineageLines(node.lineage, node.run)]),
    ...hintLines(node.hints, style),
  ];
}

/** The keys by which events find what is waited for, where they are not the same for all. */
function correlations({ causes }: RunExplanation): readonly string[] {
  const awaits = causes
    .flatMap((cause) => (cause.type === "await" && Object.keys(cause.correlation).length > 0 ? [cause] : []))
    .slice(0, CAUSES_TOLD);
  const keys = (correlation: Readonly<Record<string, unknown>>) =>
    Object.entries(correlation)
      .map(([key, value]) => `${key}=${oneLine(JSON.stringify(value))}`)
      .join(" ");
  const told = new Set(awaits.map(({ correlation }) => keys(correlation)));
  return told.size <= 1 ? [...told] : awaits.map(({ path, correlation }) => `${quoted(path)} ${keys(correlation)}`);
}

/** `` `posts[en]/draft` failed: threw: no such page (3 attempts) ``, with what to do about it. */
export function describeFailure({ path, error, attempts }: FailureChain): string {
  return `${quoted(path)} failed with ${error.code}: ${oneLine(error.message)}${attempts > 1 ? ` (${attempts} attempts)` : ""}`;
}

function section(label: string, lines: readonly string[], cut: number): string[] {
  const all = cut > 0 ? [...lines, `… ${cut} more`] : lines;
  return all.map((line, index) => `  ${(index === 0 ? label : "").padEnd(LABEL_WIDTH)}  ${line}`);
}

const LABEL_WIDTH = 14;

function hintLines(hints: readonly Hint[], { program }: TextStyle): string[] {
  return hints.flatMap(({ what, command }, index) => [
    ...(index === 0 ? [""] : []),
    `→ ${oneLine(what, 200)}`,
    `    ${program}${command.startsWith("kindling ") ? command.slice("kindling".length) : ` ${command}`}`,
  ]);
}
