// What is known of a run before there is one: order, missing inputs, awaited events, what it may cost. Pure: checks what is given, and executes nothing.

import type { Budget } from "../graph/budget.ts";
import type { Contract } from "../graph/contract.ts";
import type { Graph } from "../graph/graph.ts";
import type { Gate } from "../graph/gate.ts";
import { NO_PRICES, type Prices } from "../model/price.ts";
import type { PriceDoubt } from "../model/price-table.ts";
import type { Issue } from "../schema.ts";
import type { Amount, Span } from "./amount.ts";
import { readSomeInputs } from "./some-inputs.ts";
import { planOf, type Plan } from "./plan.ts";
import { lookAhead } from "./look-ahead.ts";
import type { Unknown } from "./unknown.ts";

/** What is not part of the contract and bears on what a run costs. */
export interface OutlookOptions {
  /** Without it all costs are unknown. */
  readonly prices?: Prices;
  /** The model of nodes that name none. */
  readonly model?: string;
  /** About how many tokens a prompt has, for those of which not all is known. */
  readonly promptTokens?: number;
  /** Milliseconds since 1970: what tells whether prices have become old. Without it nobody looks. */
  readonly now?: number;
}

/** What is known of a run before it starts. Paths are those of the run; `*` stands for the key of an item or the number of a round. */
export interface Outlook {
  readonly contract: string;
  readonly version: string;
  /** The plan's hash: what the run would be pinned to. */
  readonly hash: string;
  readonly inputs: InputOutlook;
  /** An order in which the nodes can run, children's nodes behind their own. Inputs and literals are there from the start and are not in it. */
  readonly order: readonly string[];
  /** The same by what can run side by side: every node stands one step behind the last one it waits for. */
  readonly levels: readonly (readonly string[])[];
  /** The nodes that could run at once with what is given. */
  readonly ready: readonly string[];
  readonly blocked: readonly BlockedOutlook[];
  readonly awaits: readonly AwaitOutlook[];
  readonly modelCalls: readonly ModelOutlook[];
  /** All model calls together. */
  readonly cost: Amount;
  /** What a run of it may spend, where the contract says so: what goes beyond is not called. */
  readonly budget: Budget | null;
  /** What keeps `cost` from being known, the biggest first. */
  readonly unknown: readonly Unknown[];
  /** Prices it was reckoned with that may no longer be true. */
  readonly doubts: readonly PriceDoubt[];
  /** What acts on the world. */
  readonly effects: readonly NodeOutlook[];
  /** What reads from the world. */
  readonly lookups: readonly NodeOutlook[];
  readonly sleeps: readonly NodeOutlook[];
  readonly executors: readonly ExecutorOutlook[];
  /** What the executors touch outside, each once. */
  readonly capabilities: readonly string[];
  readonly children: readonly ChildrenOutlook[];
  /** False when there are more than 100,000 nodes, children's included: then the rest is not in the lists, and nothing has a known most. */
  readonly isComplete: boolean;
}

/** The inputs by name. A run can start when none is missing or invalid. */
export interface InputOutlook {
  readonly given: readonly string[];
  /** Left out, which they may be. */
  readonly defaulted: readonly string[];
  readonly missing: readonly string[];
  readonly invalid: readonly Issue[];
}

/** A node and how often it will run. */
export interface NodeOutlook {
  readonly path: string;
  readonly kind: string;
  readonly times: Span;
}

/** A node that cannot run yet. */
export interface BlockedOutlook {
  readonly path: string;
  /** The nodes right before it that are not there yet. */
  readonly waitsFor: readonly string[];
  /** The inputs that are missing or invalid, somewhere before it. */
  readonly inputs: readonly string[];
}

export interface AwaitOutlook extends NodeOutlook {
  readonly event: string;
  /** Who may decide; null when any event will do. */
  readonly gate: Gate | null;
  readonly timeoutMs: number | null;
  /** The needs that are shown to whoever answers. */
  readonly shows: readonly string[];
}

/** What a node asks of a model, all its runs together. Failed attempts that are tried again and caches are not counted. */
export interface ModelOutlook extends NodeOutlook, Amount {
  /** Null where no model is named and none was given as the default. */
  readonly model: string | null;
  /** The biggest thing that keeps its cost from being known; null when it is known. */
  readonly unknown: Unknown | null;
}

export interface ExecutorOutlook extends NodeOutlook {
  readonly executor: string;
  readonly capabilities: readonly string[];
}

/** A node that runs children: one of its cases, or as many as `count` of its only part. */
export interface ChildrenOutlook extends NodeOutlook {
  /** The parts it chooses from; empty when there is just one. */
  readonly cases: readonly string[];
  /** Children of one run of the node. */
  readonly count: Span;
  /** The contracts it runs; children written in place have no name. */
  readonly contracts: readonly string[];
}

/**
 * Tells what a run of a contract would do, need and cost. Inputs may be left out: what is missing is told, with what it blocks.
 * Nothing of the author's is called but the inputs' schemas; one that validates asynchronously is not asked.
 */
export function outlook<In>(contract: Contract<In, unknown>, inputs: Partial<NoInfer<In>> = {}, options: OutlookOptions = {}): Outlook {
  const plan = planOf(contract.graph);
  const { values, ...read } = readSomeInputs(plan.graph, inputs);
  const ahead = lookAhead(plan, values, { prices: NO_PRICES, ...options });
  const lacking = new Set(plan.graph.inputs.map(({ name }) => name).filter((name) => read.lacking.has(name)));
  return {
    contract: plan.name,
    version: plan.version,
    hash: plan.hash,
    budget: plan.graph.budget ?? null,
    inputs: { given: read.given, defaulted: read.defaulted, missing: read.missing, invalid: read.invalid },
    ...ahead,
    ...startingPoints(plan, lacking),
  };
}

/** Which nodes could run at once, and what holds up the others. */
function startingPoints(plan: Plan, lacking: ReadonlySet<string>): Pick<Outlook, "ready" | "blocked"> {
  const isThere = givenNodes(plan.graph, lacking);
  const ready: string[] = [];
  const blocked: BlockedOutlook[] = [];
  /** By node: the lacking inputs somewhere before it. */
  const behind: (readonly string[])[] = [];
  for (const node of plan.nodes) {
    const before = node.waitsFor.map((index) => plan.nodes[index]?.name ?? "");
    const inputs = lacking.has(node.name) ? [node.name] : joined(node.waitsFor.map((index) => behind[index] ?? []));
    behind.push(inputs);
    if (!node.needed || node.definition.behaviour.work.type === "given") continue;
    const waitsFor = before.filter((name) => !isThere.has(name));
    if (waitsFor.length === 0) ready.push(node.name);
    else blocked.push({ path: node.name, waitsFor, inputs });
  }
  return { ready, blocked };
}

function givenNodes({ nodes }: Graph, lacking: ReadonlySet<string>): ReadonlySet<string> {
  return new Set(nodes.flatMap(({ name, behaviour }) => (behaviour.work.type === "given" && !lacking.has(name) ? [name] : [])));
}

/** All names once; the same list where only one of them has any, since long chains of nodes wait for the same inputs. */
function joined(lists: readonly (readonly string[])[]): readonly string[] {
  const [first = [], ...others] = [...new Set(lists.filter((list) => list.length > 0))];
  return others.length === 0 ? first : [...new Set([first, ...others].flat())];
}
