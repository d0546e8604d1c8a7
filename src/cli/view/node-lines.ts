// The nodes of a run as a tree of lines: how far each is, how long it took, what it did. The same lines for a run on paper and for one in motion.

import { describeMilliseconds, type ChildView, type NodeStatus, type NodeView } from "../../index.ts";
import { took } from "./moment.ts";
import type { Paint, Tone } from "./paint.ts";
import { describeSpending } from "./spending.ts";
import { oneLine, table } from "./text.ts";

/** What is known about a node beside the record: it streams, it tells how far it is. */
export interface Motion {
  readonly tail?: string;
  /** What the tail is when it is no answer: `thinks`, `calls search`. */
  readonly says?: string;
  readonly fraction?: number;
  readonly note?: string;
  /** What a call of it waits for. */
  readonly waits?: string;
}

export interface NodeLinesOptions {
  readonly now: number;
  readonly paint: Paint;
  /** Children of one node that are told; the rest is counted. */
  readonly childLimit: number;
  /** The mark of what runs: a frame of a spinner. */
  readonly spinner?: string;
  readonly motion?: ReadonlyMap<string, Motion>;
}

/** The mark and tone of a status. */
export const MARKS: Readonly<Record<NodeStatus, readonly [mark: string, tone: Tone]>> = {
  pending: ["·", "faint"],
  blocked: ["·", "faint"],
  running: ["▸", "accent"],
  waiting: ["◆", "warn"],
  succeeded: ["✓", "good"],
  failed: ["✗", "bad"],
  skipped: ["–", "faint"],
  stale: ["~", "warn"],
};

/** A line for each node, children below their node. Expects visible text. */
export function nodeLines(nodes: readonly NodeView[], options: NodeLinesOptions): string[] {
  return table(rowsOf(nodes, "", options));
}

type Row = readonly string[];

function rowsOf(nodes: readonly NodeView[], indent: string, options: NodeLinesOptions): Row[] {
  return nodes.flatMap((node) => [nodeRow(node, indent, options), ...childRows(node.children, `${indent}  `, options)]);
}

function nodeRow(node: NodeView, indent: string, options: NodeLinesOptions): Row {
  const { paint, now, motion } = options;
  const known = motion?.get(node.path);
  const moving =
    node.status === "running" ? known : node.status === "pending" && known?.waits !== undefined ? { waits: known.waits } : undefined;
  const isOpen = node.status === "running" || node.status === "waiting";
  const duration =
    isOpen && node.startedAt !== undefined ? describeMilliseconds(Math.max(0, now - node.startedAt)) : took(node.startedAt, node.endedAt);
  const name = node.status === "pending" || node.status === "blocked" || node.status === "skipped" ? paint("faint", node.name) : node.name;
  return [
    `${indent}${markOf(node.status, options)} ${name}`,
    paint("faint", node.kind),
    paint("faint", duration),
    notesOf(node, moving, paint),
  ];
}

function notesOf(node: NodeView, moving: Motion | undefined, paint: Paint): string {
  const attempts = node.attempts > 1 ? `attempt ${node.attempts}` : "";
  const fraction = moving?.fraction === undefined ? "" : `${Math.round(moving.fraction * 100)} %`;
  const spending = node.spending === undefined ? "" : describeSpending(node.spending);
  const error = node.error === undefined ? "" : paint("bad", `${node.error.code}: ${oneLine(node.error.message, 100)}`);
  const tail =
    moving?.tail === undefined
      ? ""
      : paint("faint", `${moving.says === undefined || moving.says === "" ? "" : `${moving.says} `}“${moving.tail.trim()}”`);
  const said = [moving?.waits ?? "", moving?.note ?? "", node.note ?? "", childCounts(node.children), spending, attempts, fraction]
    .filter((each) => each !== "")
    .map((each) => oneLine(each, 100));
  return [...said.map((each) => paint("faint", each)), error, tail].filter((each) => each !== "").join("  ");
}

/** How far a node's children are, when there are several. */
function childCounts(children: readonly ChildView[]): string {
  if (children.length < 2) return "";
  const counts = new Map<NodeStatus, number>();
  for (const { status } of children) counts.set(status, (counts.get(status) ?? 0) + 1);
  if (counts.get("succeeded") === children.length) return "";
  const told = (["succeeded", "failed", "running", "waiting"] as const).filter((status) => counts.has(status));
  return told.map((status) => `${counts.get(status)} ${status}`).join(", ");
}

function childRows(children: readonly ChildView[], indent: string, options: NodeLinesOptions): Row[] {
  const { childLimit, paint } = options;
  // Those that ask for attention first, when not all can be told.
  const shown =
    children.length <= childLimit
      ? children
      : [...children].sort((a, b) => WEIGHT.indexOf(a.status) - WEIGHT.indexOf(b.status)).slice(0, childLimit);
  const rest = children.length - shown.length;
  return [
    ...shown.flatMap((child) => childRow(child, indent, options)),
    ...(rest === 0 ? [] : [[`${indent}${paint("faint", `… ${rest} more`)}`, "", "", ""]]),
  ];
}

const WEIGHT: readonly NodeStatus[] = ["failed", "waiting", "running", "pending", "blocked", "succeeded", "skipped"];

function childRow(child: ChildView, indent: string, options: NodeLinesOptions): Row[] {
  // A node's only child has no key: its nodes stand directly below.
  if (child.key === "") return rowsOf(child.nodes, indent, options);
  const error = child.error === undefined ? "" : options.paint("bad", `${child.error.code}: ${oneLine(child.error.message, 100)}`);
  return [
    [`${indent}${markOf(child.status, options)} [${oneLine(child.key, 40)}]`, "", "", error],
    ...rowsOf(child.nodes, `${indent}  `, options),
  ];
}

function markOf(status: NodeStatus, { paint, spinner }: NodeLinesOptions): string {
  const [mark, tone] = MARKS[status];
  return paint(tone, status === "running" && spinner !== undefined ? spinner : mark);
}
