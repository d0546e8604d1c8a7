// A run's report as Markdown, for pages and agents: a failed run says first where and why. It renders a report and knows nothing else.

import { seenText } from "../graph/drawing-label.ts";
import type { ReportedCollection, ReportedOutput, RunReport } from "./report.ts";
import {
  describeCounts,
  describeDuration,
  describeMoment,
  describeSpending,
  describeStatus,
  describeTime,
  describeWho,
  firstOf,
  SHOWN,
  shownText,
  shownValue,
  type ShownValue,
} from "./report-words.ts";

/** A report as GitHub's Markdown. Values and lists that are long are cut, with a note of what there is in all. Nothing of a value is read as Markdown. */
export function reportMarkdown(report: RunReport): string {
  const { contract, version, status, inputs, outputs, nodes } = report;
  const sections = [
    [`# ${prose(`${contract} ${version}`)}: ${prose(status)}`],
    errorLines(report),
    headLines(report),
    titled("Waits for", waitLines(report)),
    titled("Inputs", listed(Object.entries(inputs).map(([name, value]) => valueLines(name, shownValue(value))))),
    titled("Outputs", listed(outputs.map(outputLines))),
    titled("Collections", report.collections.flatMap(collectionLines)),
    titled("Nodes", [describeCounts(nodes.total, nodes.byStatus), "", ...momentLines(report)]),
  ];
  return sections
    .filter((section) => section.length > 0)
    .map((section) => section.join("\n").trimEnd())
    .join("\n\n");
}

function errorLines({ errors, error }: RunReport): string[] {
  if (errors.length === 0) return error === null ? [] : [`**${prose(error.code)}**: ${prose(error.message)}${fixOf(error.fix ?? null)}`];
  const { shown, rest } = firstOf(errors, SHOWN.errors);
  return [
    ...shown.map(({ path, code, message, fix, attempts }) => {
      const tries = attempts !== null && attempts > 1 ? ` (${attempts} attempts)` : "";
      return `- ${codeOf(path)}: **${prose(code)}**, ${prose(message)}${tries}${fixOf(fix)}`;
    }),
    ...restLines(rest),
  ];
}

function fixOf(fix: string | null): string {
  return fix === null ? "" : ` → ${prose(fix)}`;
}

function headLines(report: RunReport): string[] {
  const { run, startedAt, endedAt, starter, correlation, spending } = report;
  const spent = describeSpending(spending);
  return tableLines(
    ["run", codeOf(run)],
    [
      ["status", prose(describeStatus(report))],
      ["started", `${describeTime(startedAt)}${starter === null ? "" : ` by ${prose(starter)}`}`],
      ...(endedAt === null ? [] : [["ended", describeTime(endedAt)]]),
      ...Object.entries(correlation).map(([name, value]) => [
        prose(name),
        prose(typeof value === "string" ? value : JSON.stringify(value)),
      ]),
      ...(spent === undefined ? [] : [["spent", prose(spent)]]),
    ],
  );
}

function waitLines({ waits }: RunReport): string[] {
  if (waits.length === 0) return [];
  const { shown, rest } = firstOf(waits, SHOWN.waits);
  const rows = shown.map((wait) => [
    codeOf(wait.path),
    wait.event === null ? "" : codeOf(wait.event),
    prose(describeWho(wait)),
    wait.since === null ? "" : describeTime(wait.since),
    wait.deadline === null ? "" : describeTime(wait.deadline),
  ]);
  return [...tableLines(["where", "event", "by", "since", "until"], rows), ...restLines(rest)];
}

function outputLines({ name, value, text, presenterError }: ReportedOutput): string[] {
  const broken = presenterError === null ? [] : ["", `Its presenter failed: ${prose(presenterError)}`];
  return [...valueLines(name, text === null ? shownValue(value) : shownText(text)), ...broken];
}

/** A short value beside its name, a long one as a block below it. */
function valueLines(name: string, { lines, cut }: ShownValue): string[] {
  const label = name === "" ? "" : `${codeOf(name)}: `;
  const [only = ""] = lines;
  if (lines.length === 1 && cut === undefined) return [`${label}${codeOf(only)}`];
  return [label.trimEnd(), ...fenced(lines), ...(cut === undefined ? [] : [`… ${cut}`])].filter((line, index) => index > 0 || line !== "");
}

function collectionLines({ path, total, byStatus, failed }: ReportedCollection): string[] {
  const { shown, rest } = firstOf(failed, SHOWN.items);
  return [
    `- ${codeOf(path)}: ${prose(describeCounts(total, byStatus))}`,
    ...shown.map(({ key, error }) => `  - ${codeOf(key)}: **${prose(error.code)}**, ${prose(error.message)}`),
    ...(rest === undefined ? [] : [`  - ${rest}`]),
  ];
}

function momentLines({ timeline }: RunReport): string[] {
  const { shown, rest } = firstOf(timeline, SHOWN.moments);
  const rows = shown.map((moment) => [
    codeOf(moment.path),
    prose(moment.kind),
    prose(moment.status),
    describeDuration(moment.durationMs),
    prose(describeMoment(moment)),
  ]);
  return [...tableLines(["node", "kind", "status", "took", "what"], rows), ...restLines(rest)];
}

function titled(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`## ${title}`, "", ...lines];
}

/** Values with empty lines between them, so that none runs into the next. */
function listed(values: readonly (readonly string[])[]): string[] {
  return values.flatMap((lines, index) => (index === 0 ? lines : ["", ...lines]));
}

function restLines(rest: string | undefined): string[] {
  return rest === undefined ? [] : ["", rest];
}

/** A table; a bar would begin the next cell, also within code. */
function tableLines(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replace(/(?<!\\)\|/g, "\\|")).join(" | ")} |`;
  return [line(heading), line(heading.map(() => "---")), ...rows.map(line)];
}

/** Text as text: every sign that Markdown or HTML would read is escaped. */
function prose(text: string): string {
  return seenText(text).replace(/[\\`*_[\]<>#|~&!$@]/g, "\\$&");
}

/** Text as code on one line, between more backticks than stand together in it. */
function codeOf(text: string): string {
  const line = seenText(text);
  const fence = fenceFor(line, "`");
  const space = /^`|`$/.test(line) ? " " : "";
  return line === "" ? "" : `${fence}${space}${line}${space}${fence}`;
}

/** Lines as a block that none of them can end. */
function fenced(lines: readonly string[]): string[] {
  const fence = fenceFor(lines.join("\n"), "```");
  return [`${fence}text`, ...lines, fence];
}

function fenceFor(text: string, least: string): string {
  const longest = Math.max(0, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  return longest < least.length ? least : "`".repeat(longest + 1);
}
