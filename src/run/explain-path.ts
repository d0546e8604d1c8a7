// From a path to what stands there: a node, an item, a case that was not taken, something inside a child of which only the outcome is recorded.

import { InputError } from "../errors.ts";
import { nearest } from "../graph/nearest.ts";
import type { Plan, PlanNode } from "../compile/plan.ts";
import { childOf, type LoadedRun, type ReadRun } from "./explain-tree.ts";
import { childPartOf } from "./child-part.ts";
import { childrenIn } from "./node-state.ts";
import { childPath, joinPath } from "./path.ts";
import { stateOf } from "./state.ts";

/** What stands at a path. */
export type Target =
  | { readonly type: "node"; readonly run: LoadedRun; readonly node: PlanNode }
  | { readonly type: "item"; readonly run: LoadedRun; readonly node: PlanNode; readonly key: string }
  /** Inside a child without a stream of its own. */
  | { readonly type: "inside"; readonly run: LoadedRun; readonly node: PlanNode; readonly key: string; readonly inner: PlanNode }
  /** A case of a node that runs one of several parts by name; `taken` is undefined while it has not chosen. */
  | { readonly type: "case"; readonly run: LoadedRun; readonly node: PlanNode; readonly part: string; readonly taken: string | undefined };

const ITEMS_OFFERED = 50;
const NAMES_TOLD = 12;

/** Finds what stands at a path, from the root run: `posts[en]/draft`, `posts[en]`, or an output's name. @throws InputError `path_not_found` */
export function targetAt(root: LoadedRun, path: string, read: ReadRun): Target {
  const offered: string[] = [];
  const found = walk(root, path, read, offered) ?? outputAt(root, path);
  if (found !== undefined) return found;
  const { outputs } = root.state.plan;
  const known = [...new Set([...offered, ...(outputs.type === "record" ? Object.keys(outputs.nodes) : [])])];
  const near = nearest(path, known) ?? inside(path, known);
  const rest = known.length > NAMES_TOLD ? ` and ${known.length - NAMES_TOLD} more` : "";
  throw new InputError("path_not_found", `run ${root.state.id} has nothing at "${path}"`, {
    fix: near === undefined ? `Known: ${known.slice(0, NAMES_TOLD).join(", ")}${rest}.` : `Did you mean "${near}"?`,
    details: { path, ...(near === undefined ? {} : { nearest: near }) },
  });
}

/** The run's node that gives an output of the root run. */
function outputAt(root: LoadedRun, name: string): Target | undefined {
  const { outputs, byName } = root.state.plan;
  const node = outputs.type === "record" && Object.hasOwn(outputs.nodes, name) ? byName.get(outputs.nodes[name] ?? "") : undefined;
  return node === undefined ? undefined : { type: "node", run: root, node };
}

function walk(run: LoadedRun, rest: string, read: ReadRun, offered: string[]): Target | undefined {
  const { plan, path } = run.state;
  offered.length = 0;
  offer(run, offered);
  const exact = plan.byName.get(rest);
  if (exact !== undefined) return { type: "node", run, node: exact };
  for (const node of plan.nodes) {
    if (node.definition.behaviour.work.type !== "children" || !(rest.startsWith(`${node.name}[`) || rest.startsWith(`${node.name}/`)))
      continue;
    for (const key of keysOf(run, node)) {
      const item = childPath("", node.name, key);
      if (rest === item && key !== "") return { type: "item", run, node, key };
      if (rest.startsWith(`${item}/`)) return into(run, node, key, rest.slice(item.length + 1), read, offered);
    }
    const untaken = caseAt(run, node, rest);
    if (untaken !== undefined) return untaken;
  }
  // The path of the run itself is offered by its parent.
  if (path !== "") offered.push(path);
  return undefined;
}

function into(run: LoadedRun, node: PlanNode, key: string, rest: string, read: ReadRun, offered: string[]): Target | undefined {
  const child = childOf(run, node, key, read);
  if (child !== undefined) return walk(child, rest, read, offered);
  const children = childrenIn(stateOf(run.state, node));
  const part = children === undefined ? undefined : childPartOf(node, children, key);
  const inner = part?.byName.get(rest);
  if (inner !== undefined) return { type: "inside", run, node, key, inner };
  const names = namesOf(part);
  offered.splice(0, offered.length, ...names.map((name) => joinPath(childPath(run.state.path, node.name, key), name)));
  return undefined;
}

function keysOf(run: LoadedRun, node: PlanNode): readonly string[] {
  const children = childrenIn(stateOf(run.state, node));
  if (children === undefined) return Object.keys(node.parts).length === 1 ? [""] : [];
  return [...children.keys, ...children.dropped.keys()];
}

/** A node with several parts runs one of them, which its child's key names. */
function caseAt(run: LoadedRun, node: PlanNode, rest: string): Target | undefined {
  const parts = Object.entries(node.parts);
  const { work } = node.definition.behaviour;
  if (parts.length < 2 || (work.type === "children" && work.partOf !== undefined)) return undefined;
  for (const [part, plan] of parts) {
    const item = childPath("", node.name, part);
    const inside = rest.startsWith(`${item}/`) ? (rest.slice(item.length + 1).split(/[[/]/, 1)[0] ?? "") : undefined;
    if (rest !== item && !(inside !== undefined && plan.byName.has(inside))) continue;
    return { type: "case", run, node, part, taken: childrenIn(stateOf(run.state, node))?.part };
  }
  return undefined;
}

function offer(run: LoadedRun, offered: string[]): void {
  for (const node of run.state.plan.nodes) {
    offered.push(joinPath(run.state.path, node.name));
    const keys = childrenIn(stateOf(run.state, node))?.keys ?? [];
    for (const key of keys.slice(0, ITEMS_OFFERED)) if (key !== "") offered.push(childPath(run.state.path, node.name, key));
  }
}

function namesOf(plan: Plan | undefined): readonly string[] {
  return plan === undefined ? [] : plan.nodes.map(({ name }) => name);
}

/** `posts/draft` where only `posts[en]` is known, or another item: the first item of what the path begins with. */
function inside(path: string, known: readonly string[]): string | undefined {
  const [, first = "", rest = ""] = /^([^[\]/]*)(?:\[[^\]]*\])?(\/.*)?$/.exec(path) ?? [];
  const item = known.find((each) => each.startsWith(`${first}[`));
  return item === undefined ? known.find((each) => each === first) : `${item}${rest}`;
}
