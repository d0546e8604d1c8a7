// A run's report as lines of text: a failed run says first where and why. It renders a report and knows nothing else.

import { styleText } from "node:util";
import { seenText } from "../graph/drawing-label.ts";
import type { ReportedCollection, ReportedMoment, ReportedWait, RunReport } from "./report.ts";
import {
  describeCounts,
  describeDuration,
  describeMoment,
  describeSpending,
  describeStatus,
  describeTime,
  describeWho,
  firstOf,
  shownText,
  shownValue,
  SHOWN,
  type ShownValue,
} from "./report-words.ts";

/** How a report is printed. */
export interface ReportTextOptions {
  /** True for a terminal that shows colours. Default false. */
  readonly color?: boolean;
}

type Format = Parameters<typeof styleText>[0];
type Paint = (format: Format, text: string) => string;

/** The mark and colour of a status. */
const MARKS: ReadonlyMap<string, readonly [mark: string, format: Format]> = new Map([
  ["pending", ["·", "dim"]],
  ["blocked", ["·", "dim"]],
  ["running", ["▸", "cyan"]],
  ["waiting", ["◆", "yellow"]],
  ["succeeded", ["✓", "green"]],
  ["failed", ["✗", "red"]],
  ["skipped", ["–", "dim"]],
  ["cancelled", ["–", "dim"]],
  ["stale", ["~", "yellow"]],
]);
const OTHER: readonly [mark: string, format: Format] = ["•", "cyan"];

/** A report as text. Values and lists that are long are cut, with a note of what there is in all. */
export function reportText(report: RunReport, { color = false }: ReportTextOptions = {}): string {
  const paint: Paint = (format, text) => (color ? styleText(format, text, { validateStream: false }) : text);
  const { contract, version, run, status } = report;
  const sections = [
    [`${marked(status, describeStatus(report), paint)}  ${contract} ${version}  ${run}`, ...errorLines(report, paint)],
    headLines(report),
    titled("waits for", waitLines(report.waits, paint), paint),
    titled("inputs", inputLines(report, paint), paint),
    titled("outputs", outputLines(report, paint), paint),
    titled("collections", collectionLines(report.collections, paint), paint),
    titled(`nodes ${describeCounts(report.nodes.total, report.nodes.byStatus)}`, momentLines(report.timeline, paint), paint),
  ];
  const lines = sections.filter((section) => section.length > 0).flatMap((section, index) => (index === 0 ? section : ["", ...section]));
  return lines.map((line) => line.trimEnd()).join("\n");
}

function errorLines({ errors, error }: RunReport, paint: Paint): string[] {
  if (errors.length === 0 && error !== null)
    return [`  ${paint("red", error.code)}: ${seenText(error.message)}`, ...fixLines(error.fix ?? null, paint)];
  const { shown, rest } = firstOf(errors, SHOWN.errors);
  return [
    ...shown.flatMap(({ path, code, message, fix, attempts }) => {
      const tries = attempts !== null && attempts > 1 ? ` (${attempts} attempts)` : "";
      return [`  ${paint("bold", seenText(path))}  ${paint("red", seenText(code))}: ${seenText(message)}${tries}`, ...fixLines(fix, paint)];
    }),
    ...restLines(rest),
  ];
}

function fixLines(fix: string | null, paint: Paint): string[] {
  return fix === null ? [] : [`    ${paint("cyan", "→")} ${seenText(fix)}`];
}

function headLines({ startedAt, endedAt, starter, correlation, spending }: RunReport): string[] {
  const by = starter === null ? "" : ` by ${seenText(starter)}`;
  const spent = describeSpending(spending);
  return columns([
    ["started", `${describeTime(startedAt)}${by}`],
    ...(endedAt === null ? [] : [["ended", describeTime(endedAt)]]),
    ...Object.entries(correlation).map(([name, value]) => [
      seenText(name),
      seenText(typeof value === "string" ? value : JSON.stringify(value)),
    ]),
    ...(spent === undefined ? [] : [["spent", spent]]),
  ]);
}

function waitLines(waits: readonly ReportedWait[], paint: Paint): string[] {
  const { shown, rest } = firstOf(waits, SHOWN.waits);
  const rows = shown.map((wait) => [
    marked("waiting", paint("bold", seenText(wait.path)), paint),
    wait.event === null ? "" : seenText(wait.event),
    `by ${describeWho(wait)}`,
    wait.since === null ? "" : `since ${describeTime(wait.since)}`,
    wait.deadline === null ? "" : `until ${describeTime(wait.deadline)}`,
  ]);
  return [...columns(rows), ...restLines(rest)];
}

function inputLines({ inputs }: RunReport, paint: Paint): string[] {
  const width = widthOfNames(Object.keys(inputs));
  return Object.entries(inputs).flatMap(([name, value]) => labelled(name, width, shownValue(value), paint));
}

function outputLines({ outputs }: RunReport, paint: Paint): string[] {
  const width = widthOfNames(outputs.map(({ name }) => name));
  return outputs.flatMap(({ name, value, text, presenterError }) => [
    ...labelled(name, width, text === null ? shownValue(value) : shownText(text), paint),
    ...(presenterError === null ? [] : [`  ${paint("red", `its presenter failed: ${seenText(presenterError)}`)}`]),
  ]);
}

/** A short value beside its name, a long one below it. */
function labelled(name: string, width: number, { lines, cut }: ShownValue, paint: Paint): string[] {
  const all = [...lines, ...(cut === undefined ? [] : [paint("dim", `… ${cut}`)])];
  if (name === "") return all;
  const [only = ""] = all;
  const label = seenText(name);
  return all.length === 1 ? [`${paint("dim", label.padEnd(width))}  ${only}`] : [paint("dim", label), ...indented(all)];
}

function widthOfNames(names: readonly string[]): number {
  return names.reduce((width, { length }) => (length <= COLUMN_LIMIT ? Math.max(width, length) : width), 0);
}

function collectionLines(collections: readonly ReportedCollection[], paint: Paint): string[] {
  const { shown, rest } = firstOf(collections, SHOWN.collections);
  return [
    ...shown.flatMap(({ path, total, byStatus, failed }) => {
      const items = firstOf(failed, SHOWN.items);
      const told = items.shown.map(
        ({ key, error }) => `  ${marked("failed", seenText(key), paint)}  ${seenText(error.code)}: ${seenText(error.message)}`,
      );
      return [`${paint("bold", seenText(path))}  ${describeCounts(total, byStatus)}`, ...told, ...restLines(items.rest)];
    }),
    ...restLines(rest),
  ];
}

function momentLines(timeline: readonly ReportedMoment[], paint: Paint): string[] {
  const { shown, rest } = firstOf(timeline, SHOWN.moments);
  const rows = shown.map((moment) => [
    marked(moment.status, seenText(moment.path), paint),
    moment.kind,
    moment.startedAt === null ? moment.status : describeDuration(moment.durationMs) || moment.status,
    describeMoment(moment),
  ]);
  return [...columns(rows), ...restLines(rest)];
}

function titled(title: string, lines: readonly string[], paint: Paint): string[] {
  return lines.length === 0 ? [] : [paint("bold", title), ...indented(lines)];
}

function restLines(rest: string | undefined): string[] {
  return rest === undefined ? [] : [rest];
}

function marked(status: string, text: string, paint: Paint): string {
  const [mark, format] = MARKS.get(status) ?? OTHER;
  return `${paint(format, mark)} ${text}`;
}

function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

const COLUMN_LIMIT = 60;
const COLOUR = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, "g");

/** Rows as columns of equal width, the last one free; a single long cell may stand out instead of widening all. Colours take no room. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  const widthOf = (cell: string) => cell.replace(COLOUR, "").length;
  for (const row of rows) {
    for (const [column, cell] of row.entries())
      if (widthOf(cell) <= COLUMN_LIMIT) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))))
      .join("  ")
      .trimEnd(),
  );
}
