// How far a run is, in one number that only grows: nodes and children that are done, and of those at work the part they tell by `ctx.progress`. Pure. Knows no
// client. Children come to be known while a run goes on, so the total may grow too.

import { visible, type NodeView, type RecordedFact, type RunView, type WatchEvent } from "../src/index.ts";
import { shortenText } from "./shorten.ts";

/** How far a run is. */
export interface Progress {
  readonly progress: number;
  readonly total: number;
  readonly message: string;
}

const MESSAGE_LIMIT = 200;
/** What is at work is not done, whatever it says. */
const AT_WORK_LIMIT = 0.99;
/** Steps of one node that are told apart. */
const STEPS = 1_000;

/** The progress of one run, from how it stood and what happened since. */
export class RunProgress {
  readonly #roots: ReadonlySet<string>;
  readonly #settled: Set<string>;
  /** Parts done of nodes at work, by path. */
  readonly #parts = new Map<string, number>();
  #done: number;
  #total: number;
  #furthest: number;

  constructor({ nodes }: Pick<RunView, "nodes">) {
    this.#roots = new Set(nodes.map(({ path }) => path));
    this.#settled = new Set(nodes.flatMap((node) => (isSettled(node) ? [node.path] : [])));
    const { done, total } = countOf(nodes);
    this.#done = done;
    this.#total = total;
    this.#furthest = done;
  }

  /** Takes in what happened; gives how far the run is where that is further than before. */
  see(event: WatchEvent): Progress | undefined {
    const message = event.type === "fact" ? this.#fact(event.fact) : this.#live(event);
    const parts = [...this.#parts.values()].reduce((sum, part) => sum + part, 0);
    const progress = Math.min(this.#total, Math.round((this.#done + parts) * STEPS) / STEPS);
    if (message === undefined || progress <= this.#furthest) return undefined;
    this.#furthest = progress;
    return { progress, total: this.#total, message: visible(shortenText(message, MESSAGE_LIMIT)) };
  }

  #live(event: Exclude<WatchEvent, { type: "fact" }>): string | undefined {
    if (event.type !== "progress") return undefined;
    const { path, fraction, note } = event;
    if (this.#settled.has(path) || !Number.isFinite(fraction)) return undefined;
    this.#parts.set(path, Math.min(Math.max(fraction, 0), AT_WORK_LIMIT));
    return note === undefined ? path : `${path}: ${note}`;
  }

  #fact(fact: RecordedFact): string | undefined {
    switch (fact.type) {
      case "node.succeeded":
      case "node.reused":
        return this.#settle(fact.path, "done");
      case "node.failed":
        this.#parts.delete(fact.path);
        return fact.retryAt === undefined ? this.#settle(fact.path, "failed") : undefined;
      case "children.listed":
        this.#total += fact.keys.length;
        return undefined;
      case "child.settled":
        this.#done += 1;
        return `${fact.key === "" ? fact.path : `${fact.path}[${fact.key}]`} ${fact.status === "succeeded" ? "done" : "failed"}`;
      case "run.succeeded":
        // Nodes that nothing needed in the end are left behind.
        if (fact.path === "") this.#done = this.#total;
        return "done";
      default:
        return undefined;
    }
  }

  #settle(path: string, how: "done" | "failed"): string {
    this.#parts.delete(path);
    if (this.#roots.has(path)) {
      if (this.#settled.has(path)) return path;
      this.#settled.add(path);
    } else {
      // Nodes of children are known when they are done.
      this.#total += 1;
    }
    this.#done += 1;
    return `${path} ${how}`;
  }
}

/** How many nodes and children there are to be seen, and how many of them will not change by themselves. */
export function countOf(nodes: readonly NodeView[]): { readonly done: number; readonly total: number } {
  let done = 0;
  let total = 0;
  for (const node of nodes) {
    done += isSettled(node) ? 1 : 0;
    total += 1 + node.children.length;
    for (const child of node.children) {
      // Of a child's nodes those count that are done: what else it has is known when it is done.
      const settled = countOf(child.nodes).done;
      done += settled + (isSettled(child) ? 1 : 0);
      total += settled;
    }
  }
  return { done, total };
}

function isSettled({ status }: Pick<NodeView, "status">): boolean {
  return status === "succeeded" || status === "failed" || status === "skipped";
}
