// A run as matchers look at it, and its state in a few lines for whoever reads a failure.

import { InputError, type NodeView, type RecordedFact, type RunView, totalUsd } from "../index.ts";

/** A run in hand, or one that was played again. */
export type RunSubject =
  | { readonly id: string; get(): Promise<RunView>; facts(): Promise<readonly RecordedFact[]>; result(): Promise<unknown> }
  | { readonly view: RunView; readonly facts: readonly RecordedFact[]; readonly outputs: unknown };

/** What matchers look at. */
export interface SeenRun {
  readonly view: RunView;
  readonly facts: readonly RecordedFact[];
  /** What the run gave; undefined for one that did not succeed. */
  readonly outputs: unknown;
}

/** Looks at a run as it stands. @throws InputError `not_a_run` */
export async function seenRun(subject: unknown): Promise<SeenRun> {
  if (!isSubject(subject))
    throw new InputError("not_a_run", "what was given to expect is no run", {
      fix: "Give what kindling.start or kindling.run gave, or what replayRun gave.",
    });
  if ("view" in subject) return subject;
  const [view, facts] = [await subject.get(), await subject.facts()];
  return { view, facts, outputs: view.status === "succeeded" ? await subject.result() : undefined };
}

function isSubject(value: unknown): value is RunSubject {
  if (typeof value !== "object" || value === null) return false;
  return ("view" in value && "facts" in value) || ("get" in value && "facts" in value && "result" in value);
}

/** All nodes of a run, those of its children included. */
export function nodesOf(nodes: readonly NodeView[]): readonly NodeView[] {
  return nodes.flatMap((node) => [node, ...node.children.flatMap((child) => nodesOf(child.nodes))]);
}

const SHOWN_LIMIT = 8;

/** The state of a run: its status, what it waits for or failed by, and what it used. */
export function stateLines({ view }: SeenRun): readonly string[] {
  const { id, contract, status, error, spending, awaits } = view;
  const usd = totalUsd(spending);
  const used =
    spending.calls === 0
      ? ""
      : `, ${spending.calls} model ${spending.calls === 1 ? "call" : "calls"}, ${usd === null ? "cost unknown" : `$${usd}`}`;
  const told = nodesOf(view.nodes).filter((node) => TOLD.has(node.status));
  const open = new Map(awaits.map((each) => [each.path, each.event]));
  return [
    `run ${id} of ${contract}: ${status}${error === undefined ? "" : `, ${error.code}: ${error.message}`}${used}`,
    ...told.slice(0, SHOWN_LIMIT).map((node) => `  ${node.path}  ${nodeState(node, open.get(node.path))}`),
    ...(told.length > SHOWN_LIMIT ? [`  and ${told.length - SHOWN_LIMIT} more`] : []),
  ];
}

/** What went well needs no word. */
const TOLD: ReadonlySet<NodeView["status"]> = new Set(["failed", "waiting", "running"]);

function nodeState({ status, error }: NodeView, event: string | undefined): string {
  if (event !== undefined) return `waits for ${event}`;
  return error === undefined ? status : `${status}, ${error.code}: ${error.message}`;
}
