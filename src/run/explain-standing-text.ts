// How it stands with one node, as text: a sentence, then the details that matter for that case.

import { describeMilliseconds } from "../graph/duration.ts";
import { clauseOf, describeCause, factName, oneLine, quoted } from "./explain-cause-text.ts";
import type { Cause, ChildCounts, ComparedReading, FailureChain, NodeExplanation, SkipReason, Standing, Trigger } from "./explain-shape.ts";
import type { TextStyle } from "./explain-style.ts";

const CAUSES_TOLD = 10;
const READS_TOLD = 12;

/** The lines of a node's standing, the answer first. */
export function standingLines(node: NodeExplanation, style: TextStyle): string[] {
  const name = quoted(node.path);
  switch (node.status) {
    case "given":
      return [
        `${name} was given ${style.at(node.at)}${node.by === undefined ? "" : ` by ${oneLine(node.by.id)}`} (${factName(node.fact, node.run)}).`,
        ...(node.reaches.length === 0 ? [] : [detail("reaches", node.reaches.map(quoted).join(", "))]),
      ];
    case "blocked":
      return blockedLines(name, node, style);
    case "stale":
      return staleLines(name, node, style);
    case "pending":
      return [
        node.reason === "next"
          ? `${name} is next: everything it needs is there.`
          : `${name} has not begun: the items before it take all places.`,
      ];
    case "running":
      return [
        `${name} is at work ${style.since(node.since)}${node.of > 1 ? `, attempt ${node.attempt} of ${node.of}` : ""}${progress(node.children)}.`,
        ...told(node.causes, style),
      ];
    case "retrying":
      return [
        `${name} failed attempt ${node.attempt} of ${node.of} and is tried again ${style.at(node.at)}: ${node.error.code}: ${oneLine(node.error.message)}.`,
        ...fixLines(node.error.fix),
      ];
    case "waiting":
      return waitingLines(name, node, style);
    case "sleeping":
      return [`${name} sleeps ${style.until(node.until)}, ${style.since(node.since)}.`];
    case "postponed":
      return [
        `${name} waits ${style.since(node.since)} for ${node.url === undefined ? "another system" : `run ${node.run ?? "?"} on ${node.url}`}, and asks again ${style.at(node.askedAgainAt)}.`,
        detail("it said", oneLine(node.note)),
      ];
    case "ran":
      return ranLines(name, node, style);
    case "reused":
      return reusedLines(name, node, style);
    case "skipped":
      return skippedLines(name, node.reason);
    case "failed":
      return failedLines(name, node, style);
    case "unrecorded":
      return [
        `${name} stands inside ${quoted(node.child)}, which ${node.outcome} in one go ${style.at(node.at)} and left only its outcome (${factName(node.fact, node.run)}).`,
      ];
  }
}

type Of<S extends Standing["status"]> = Extract<NodeExplanation, { readonly status: S }>;

function blockedLines(name: string, { needs, causes, cut }: Of<"blocked">, style: TextStyle): string[] {
  const [cause, ...more] = causes;
  const first = needs[0] ?? "";
  if (cause === undefined) return [`${name} is blocked: it needs ${needs.map(quoted).join(", ")}.`];
  const direct = needs.length === 1 && cause.path === first && more.length === 0 && cut === 0;
  if (direct) return [`${name} is blocked: it needs ${quoted(first)}, which ${clauseOf(cause, style)}.`, ...foundBy([cause])];
  return [
    more.length + cut === 0
      ? `${name} is blocked: it needs ${needs.map(quoted).join(", ")}, which ${needs.length === 1 ? "comes" : "come"} after ${quoted(cause.path)}, which ${clauseOf(cause, style)}.`
      : `${name} is blocked: it needs ${needs.map(quoted).join(", ")}, which ${needs.length === 1 ? "comes" : "come"} after ${causes.length + cut} things.`,
    ...(more.length + cut === 0 ? [] : told(causes, style, cut)),
    ...foundBy(causes),
  ];
}

function waitingLines(name: string, { path, causes, cut, since, children }: Of<"waiting">, style: TextStyle): string[] {
  const [cause, ...more] = causes;
  if (cause !== undefined && more.length + cut === 0) {
    const said = cause.path === path ? `${name} ${clauseOf(cause, style)}` : `${name} waits: ${describeCause(cause, style)}`;
    return [`${said}${progress(children)}.`, ...foundBy(causes)];
  }
  return [
    `${name} waits ${style.since(since)} for ${causes.length + cut} things${progress(children)}.`,
    ...told(causes, style, cut),
    ...foundBy(causes),
  ];
}

function staleLines(name: string, { trigger, needs, causes, source, madeAt, run }: Of<"stale">, style: TextStyle): string[] {
  const made =
    source === undefined
      ? "it has no value yet"
      : `its value of ${factName(source, run)}${madeAt === undefined ? "" : ` (${style.at(madeAt)})`} stands or falls with that`;
  return [
    `${name} is stale${trigger === undefined ? "" : ` since ${describeTrigger(trigger, run)}`}: ${needs.length === 0 ? "it is looked at next" : `it waits for ${needs.map(quoted).join(", ")}`}; ${made}.`,
    ...told(causes, style),
  ];
}

function ranLines(name: string, node: Of<"ran">, style: TextStyle): string[] {
  const { at, durationMs, attempts, by, children, reads, rests, fact, failures, subject } = node;
  const took = durationMs === 0 ? "" : ` after ${describeMilliseconds(durationMs)}`;
  const taken = children?.taken === undefined ? "" : `; it took the case ${quoted(children.taken)}`;
  const tries = attempts > 1 ? ` in ${attempts} attempts` : "";
  const giver = by === undefined ? "" : `, answered by ${oneLine(by.id)} (${by.assurance})`;
  const counts =
    children === undefined || children.taken !== undefined || children.total < 2
      ? ""
      : `; of ${children.total} items ${children.succeeded} succeeded`;
  return [
    `${name} ${subject === "item" ? "succeeded" : "ran"} ${style.at(at)}${took}${tries}${giver}${taken}${counts} (${factName(fact, node.run)}).`,
    ...(reads.length === 0
      ? []
      : [
          detail(
            "read",
            `${reads
              .slice(0, READS_TOLD)
              .map(({ as, from }) => (from === as || from.endsWith(`/${as}`) ? quoted(from) : `${as} from ${quoted(from)}`))
              .join(", ")}${reads.length > READS_TOLD ? ` and ${reads.length - READS_TOLD} more` : ""}`,
          ),
        ]),
    ...(rests.length === 0 || subject === "item"
      ? []
      : [
          detail(
            "rests on",
            rests
              .slice(0, READS_TOLD)
              .map((id) => factName(id, node.run))
              .join(", "),
          ),
        ]),
    ...failures.map((failure) => detail("failed", failureOf(failure))),
  ];
}

function reusedLines(
  name: string,
  { at, source, madeAt, why, trigger, reads, fact, subject, run }: Of<"reused">,
  style: TextStyle,
): string[] {
  const made = madeAt === undefined ? "" : ` of ${style.at(madeAt).replace(/^at /, "")}`;
  const reason =
    why === "never_repeated"
      ? "it is an action, which is not repeated although it would read something different"
      : `what it ${subject === "item" ? "is given" : "reads"} is the same`;
  return [
    `${name} was reused ${style.at(at)} from ${factName(source, run)}${made}: ${reason} (${factName(fact, run)}).`,
    ...(trigger === undefined ? [] : [detail("looked at", `after ${describeTrigger(trigger, run)}`)]),
    ...reads.slice(0, READS_TOLD).map((reading) => detail("read", describeReading(reading))),
  ];
}

function describeReading({ as, from, change, before = "", after = "" }: ComparedReading): string {
  const name = from === as || from.endsWith(`/${as}`) ? quoted(from) : `${as} from ${quoted(from)}`;
  switch (change) {
    case "untouched":
      return `${name}: the same`;
    case "again":
      return `${name}: made again, and the same`;
    case "different":
      return `${name}: ${before} then, ${after} now`;
    case "unknown":
      return `${name}: what it read then is not known`;
  }
}

function describeTrigger(trigger: Trigger, run: string): string {
  switch (trigger.type) {
    case "update":
      return `the update of ${trigger.inputs.map(quoted).join(", ")}${trigger.by === undefined ? "" : ` by ${oneLine(trigger.by.id)}`} (${factName(trigger.fact, run)})`;
    case "fork":
      return `the fork of ${trigger.run}${trigger.inputs.length === 0 ? "" : ` with another ${trigger.inputs.map(quoted).join(", ")}`}`;
    case "retry":
      return `the retry${trigger.by === undefined ? "" : ` by ${oneLine(trigger.by.id)}`} (${factName(trigger.fact, run)})`;
    case "upgrade":
      return `the upgrade to version ${trigger.version} (${factName(trigger.fact, run)})`;
  }
}

function skippedLines(name: string, reason: SkipReason): string[] {
  switch (reason.type) {
    case "not_needed":
      return [`${name} was skipped: no output needs it.`];
    case "run_failed":
      return reason.failure === undefined
        ? [`${name} was skipped: the run failed with ${reason.error.code}: ${oneLine(reason.error.message)}.`]
        : [`${name} was skipped: ${failureOf(reason.failure)}.`];
    case "run_cancelled":
      return [`${name} was skipped: ${oneLine(reason.actor.id)} cancelled the run: ${oneLine(reason.reason)}.`];
    case "case_not_taken":
      return [`${name} was skipped: ${quoted(reason.branch)} took the case ${quoted(reason.taken)}.`];
    case "dropped":
      return [`${name} was skipped: it is no longer among the items.`];
  }
}

function failedLines(name: string, { path, at, attempts, canRetry, failure }: Of<"failed">, style: TextStyle): string[] {
  const tries = attempts > 1 ? ` after ${attempts} attempts` : "";
  const where = failure.path === path ? `${tries} with` : `, since ${quoted(failure.path)} failed${tries} with`;
  return [
    `${name} failed ${style.at(at)}${where} ${failure.error.code}: ${oneLine(failure.error.message)}.`,
    ...(failure.chain.length > 1 ? [detail("through", failure.chain.map(quoted).join(" > "))] : []),
    ...fixLines(failure.error.fix),
    ...(canRetry ? [] : [detail("retry", "does not help: the error says so")]),
  ];
}

function failureOf({ path, error, attempts }: FailureChain): string {
  return `${quoted(path)} failed with ${error.code}: ${oneLine(error.message)}${attempts > 1 ? ` (${attempts} attempts)` : ""}`;
}

function progress(children: ChildCounts | undefined): string {
  if (children === undefined) return "";
  if (children.taken !== undefined) return ` in the case ${quoted(children.taken)}`;
  return children.total < 2
    ? ""
    : `; of ${children.total} items ${children.succeeded} succeeded${children.failed === 0 ? "" : ` and ${children.failed} failed`}`;
}

function told(causes: readonly Cause[], style: TextStyle, cut = 0): string[] {
  const rest = Math.max(0, causes.length - CAUSES_TOLD) + cut;
  return [...causes.slice(0, CAUSES_TOLD).map((cause) => `  ${describeCause(cause, style)}`), ...(rest === 0 ? [] : [`  … ${rest} more`])];
}

function foundBy(causes: readonly Cause[]): string[] {
  const awaits = causes.flatMap((cause) => (cause.type === "await" ? [cause] : []));
  const told = new Set(
    awaits.map(({ correlation }) =>
      Object.entries(correlation)
        .map(([key, value]) => `${key}=${oneLine(JSON.stringify(value))}`)
        .join(" "),
    ),
  );
  const [only = ""] = told;
  return told.size === 1 && only !== "" ? [detail("found by", only)] : [];
}

function fixLines(fix: string | undefined): string[] {
  return fix === undefined ? [] : [detail("cure", oneLine(fix, 300))];
}

function detail(label: string, text: string): string {
  return `  ${label.padEnd(LABEL_WIDTH)}  ${text}`;
}

const LABEL_WIDTH = 14;
