// A contract's graph as lines of text: one row a node in the order they were declared, scopes moved to the right, children in boxes below their node. With a run
// each row tells how far its node is. It renders a drawing and knows nothing else.

import type { AnyContract } from "./contract.ts";
import { type DrawingBox, type DrawingMember, type DrawingNode, drawingOf, type DrawnRun, type Standing } from "./drawing.ts";
import { describeStanding, otherLocals, seenText } from "./drawing-label.ts";
import { describeMilliseconds } from "./duration.ts";
import type { Picture } from "./graph.ts";

/** The mark of each shape, one column wide in every terminal, and what it stands for in the legend. */
const MARKS: Readonly<Record<Picture["shape"], readonly [mark: string, meaning: string]>> = {
  input: [">", "given"],
  box: ["□", "computed"],
  check: ["✓", "checked"],
  world: ["↔", "outside"],
  model: ["✦", "model"],
  person: ["◆", "a person decides"],
  event: ["◇", "an event from outside"],
  time: ["◷", "a time"],
  choice: ["?", "one of its cases"],
  many: ["≡", "one child for each item"],
  loop: ["↻", "round by round"],
  part: ["▣", "a part of its own"],
};

/** The mark of each status; one that is not known here has a mark of its own. */
const STATUS_MARKS: ReadonlyMap<string, string> = new Map([
  ["pending", "·"],
  ["blocked", "·"],
  ["running", "▸"],
  ["waiting", "◆"],
  ["succeeded", "✓"],
  ["failed", "✗"],
  ["skipped", "–"],
  ["stale", "~"],
]);
const OTHER_MARK = "•";

/** Puts the colour of a status on a text, or leaves it as it is. */
export type PaintStatus = (status: string, text: string) => string;

interface Page {
  readonly lines: string[];
  readonly shapes: Set<Picture["shape"]>;
  readonly paint: PaintStatus;
}

/** The graph of a contract as text, ending in a legend of the marks it uses; with a run, each node has its status. Without `paint` there is no colour. */
export function textGraph(contract: AnyContract, run?: DrawnRun, paint: PaintStatus = (_status, text) => text): string {
  const drawing = drawingOf(contract, run);
  const { name, version, description } = drawing.contract;
  const page: Page = { lines: [`${name}  version ${version}`], shapes: new Set(), paint };
  if (description !== undefined) page.lines.push(seenText(description));
  if (drawing.box.earlyMs !== undefined)
    page.lines.push(`keeps events that come before their run for ${describeMilliseconds(drawing.box.earlyMs)}`);
  if (drawing.run?.id !== undefined) page.lines.push(`${drawing.run.id}  ${statusText(page, drawing.run.status)}`);
  page.lines.push("");
  drawBox(page, drawing.box, "");
  page.lines.push("", `gives  ${outputsOf(drawing.box)}`, "", [...page.shapes].map((shape) => MARKS[shape].join(" ")).join("   "));
  return page.lines.map((line) => line.trimEnd()).join("\n");
}

/** A line of a box before it is padded: cells in columns, then what stands free behind them. */
interface Row {
  readonly cells: readonly string[];
  readonly standing: Standing | undefined;
  readonly notes: string;
  readonly parts: readonly DrawingBox[];
}

/** The column that the status stands in. */
const STATUS_COLUMN = 2;

function drawBox(page: Page, box: DrawingBox, prefix: string): void {
  const rows: Row[] = [];
  gatherRows(page, box.members, "", rows);
  const widths = widthsOf(rows.filter(({ cells }) => cells.length > 1).map(({ cells }) => cells));
  const hasStatus = (widths[STATUS_COLUMN] ?? 0) > 0;
  for (const { cells, standing, notes, parts } of rows) {
    const padded = cells.flatMap((cell, column) => {
      if (column === STATUS_COLUMN && !hasStatus) return [];
      const wide = cell.padEnd(widths[column] ?? 0);
      // The padding stands outside the colour, and the colour does not count as width.
      return [column === STATUS_COLUMN && standing !== undefined ? page.paint(standing.status, cell) + wide.slice(cell.length) : wide];
    });
    page.lines.push(prefix + [...padded, notes].join("  "));
    for (const part of parts) drawPart(page, part, prefix);
  }
}

function gatherRows(page: Page, members: readonly DrawingMember[], indent: string, rows: Row[]): void {
  for (const member of members) {
    if (member.type === "node") rows.push(rowOf(page, member, indent));
    else {
      rows.push({ cells: [`${indent}${member.name}`], standing: undefined, notes: "", parts: [] });
      gatherRows(page, member.members, `${indent}  `, rows);
    }
  }
}

function rowOf({ shapes }: Page, node: DrawingNode, indent: string): Row {
  const { name, kind, shape, lines, standing, parts } = node;
  shapes.add(shape);
  const status = standing === undefined ? "" : statusWords(standing);
  return {
    cells: [`${indent}${MARKS[shape][0]} ${name}`, seenText(kind), status, needsOf(node)],
    standing,
    notes: lines.map(seenText).join(", "),
    parts,
  };
}

/** The box of a child. Its inputs are what the node above it needs, so they are not told again. */
function drawPart(page: Page, box: DrawingBox, prefix: string): void {
  const { part, contract, standing } = box;
  const title = contract === undefined ? part : `${part}: ${contract.name} ${contract.version}`;
  page.lines.push(
    `${prefix}  ╭─ ${seenText(title)}${standing === undefined ? "" : `  ${page.paint(standing.status, statusWords(standing))}`}`,
  );
  if (box.isCut) page.lines.push(`${prefix}  │ not drawn: the picture is full`);
  else drawBox(page, box, `${prefix}  │ `);
  page.lines.push(`${prefix}  │ gives  ${outputsOf(box)}`, `${prefix}  ╰─`);
}

/** `← topic, tone as style`, and behind `⇠` what it waits for and does not read. */
function needsOf({ needs, after }: DrawingNode): string {
  const read = needs.map((need) =>
    [need.node, ...(otherLocals(need).length === 0 ? [] : ["as", otherLocals(need).join(" and ")])].join(" "),
  );
  const awaited = after.map(({ node }) => node);
  return [...(read.length === 0 ? [] : [`← ${read.join(", ")}`]), ...(awaited.length === 0 ? [] : [`⇠ ${awaited.join(", ")}`])].join("  ");
}

function outputsOf({ outputs }: DrawingBox): string {
  return outputs.map(({ name, node }) => (name === "" || name === node ? node : `${name} ← ${node}`)).join(", ");
}

function statusWords(standing: Standing): string {
  return `${STATUS_MARKS.get(standing.status) ?? OTHER_MARK} ${seenText(describeStanding(standing))}`;
}

function statusText({ paint }: Page, status: string | undefined): string {
  return status === undefined ? "" : paint(status, statusWords({ status, counts: { [status]: 1 } }));
}

const COLUMN_LIMIT = 38;

/** The width of each column; a single long cell may stand out instead of widening all rows. */
function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries())
      if (cell.length <= COLUMN_LIMIT) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return widths;
}
