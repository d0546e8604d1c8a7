// Walks a plan and everything inside it without running anything: what comes in which order, how often, and what it asks of models and of the world.

import type { Forecast } from "../graph/graph.ts";
import { isJsonObject, type JsonValue } from "../json.ts";
import {
  addAmounts,
  conversation,
  eitherAmount,
  NO_AMOUNT,
  ONCE,
  timesAmount,
  timesSpan,
  UNKNOWN_SPAN,
  type Amount,
  type Span,
} from "./amount.ts";
import { doubtAbout, type PriceDoubt } from "../model/price-table.ts";
import { priceOf } from "../model/price.ts";
import { feedOf } from "./feed.ts";
import type { AwaitOutlook, ChildrenOutlook, ExecutorOutlook, ModelOutlook, NodeOutlook, Outlook, OutlookOptions } from "./outlook.ts";
import type { Plan, PlanNode } from "./plan.ts";
import {
  biggestFirst,
  childrenUnknown,
  modelUnknown,
  priceUnknown,
  promptUnknown,
  TOO_MANY_NODES,
  type Uncounted,
  type Unknown,
  type Weighed,
} from "./unknown.ts";

/** What looking ahead finds. */
export type Ahead = Omit<Outlook, "contract" | "version" | "hash" | "budget" | "inputs" | "ready" | "blocked">;

const NODES_LIMIT = 100_000;

type Settings = OutlookOptions & Required<Pick<OutlookOptions, "prices">>;

/** Everything found so far. */
interface Walk {
  readonly settings: Settings;
  readonly order: string[];
  readonly levels: string[][];
  readonly awaits: AwaitOutlook[];
  readonly modelCalls: ModelOutlook[];
  readonly effects: NodeOutlook[];
  readonly lookups: NodeOutlook[];
  readonly sleeps: NodeOutlook[];
  readonly executors: ExecutorOutlook[];
  readonly children: ChildrenOutlook[];
  readonly unknown: Weighed[];
  isComplete: boolean;
}

/** A graph where it stands in the run. */
interface Stand {
  readonly prefix: string;
  readonly times: Span;
  /** The node whose number of children makes `times` unknown. */
  readonly uncounted: Uncounted | undefined;
  readonly values: ReadonlyMap<string, JsonValue>;
  /** The inputs of the run, where this graph is the run's own. */
  readonly inputs: ReadonlySet<string>;
  /** The step before its first nodes. */
  readonly step: number;
}

/** Looks ahead from the inputs whose values are known. */
export function lookAhead(plan: Plan, values: ReadonlyMap<string, JsonValue>, settings: Settings): Ahead {
  const walk: Walk = {
    settings,
    order: [],
    levels: [],
    awaits: [],
    modelCalls: [],
    effects: [],
    lookups: [],
    sleeps: [],
    executors: [],
    children: [],
    unknown: [],
    isComplete: true,
  };
  const { amount } = walkPlan(walk, plan, {
    prefix: "",
    times: ONCE,
    uncounted: undefined,
    values,
    inputs: new Set(plan.graph.inputs.map(({ name }) => name)),
    step: 0,
  });
  const { settings: _settings, isComplete, unknown, ...found } = walk;
  return {
    ...found,
    cost: isComplete ? amount : withoutMost(amount),
    unknown: [...(isComplete ? [] : [TOO_MANY_NODES]), ...biggestFirst(unknown)],
    doubts: doubtsAbout(walk),
    capabilities: [...new Set(walk.executors.flatMap(({ capabilities }) => capabilities))].sort(),
    isComplete,
  };
}

/** The amount of one run of the plan, and the step after its last node. */
function walkPlan(walk: Walk, plan: Plan, stand: Stand): { readonly amount: Amount; readonly end: number } {
  const values = new Map(stand.values);
  const ends: number[] = [];
  const amounts: Amount[] = [];
  for (const node of plan.nodes) {
    const start = node.waitsFor.reduce((latest, index) => Math.max(latest, ends[index] ?? 0), stand.step);
    ends.push(start);
    const { work, gives } = node.definition.behaviour;
    const literal = gives?.["const"];
    if (work.type === "given" && literal !== undefined) values.set(node.name, literal);
    if (!node.needed || work.type === "given") continue;
    if (walk.order.length >= NODES_LIMIT) walk.isComplete = false;
    if (!walk.isComplete) break;
    const visited = walkNode(walk, node, { ...stand, values, step: start });
    ends[node.index] = visited.end;
    amounts.push(visited.amount);
  }
  return { amount: addAmounts(amounts), end: ends.reduce((latest, end) => Math.max(latest, end), stand.step) };
}

function walkNode(walk: Walk, node: PlanNode, stand: Stand): { readonly amount: Amount; readonly end: number } {
  const path = stand.prefix === "" ? node.name : `${stand.prefix}/${node.name}`;
  const { kind, behaviour } = node.definition;
  const { work, forecast, executor } = behaviour;
  const row: NodeOutlook = { path, kind, times: stand.times };
  walk.order.push(path);
  (walk.levels[stand.step] ??= []).push(path);
  if (executor !== undefined) walk.executors.push({ ...row, executor: executor.key, capabilities: executor.capabilities });
  const after = { amount: NO_AMOUNT, end: stand.step + 1 };
  switch (work.type) {
    case "given":
      return after;
    case "sleep":
      walk.sleeps.push(row);
      return after;
    case "wait": {
      const { event, gate = null, timeoutMs = null } = work;
      walk.awaits.push({ ...row, event, gate, timeoutMs, shows: Object.keys(node.definition.needs) });
      return after;
    }
    case "call": {
      if (forecast?.type === "model") return { ...after, amount: modelCall(walk, node, row, forecast, stand) };
      // What runs though no output needs it, or can be taken back, is there for what it does outside.
      if (work.outside) (behaviour.always || work.patient === true || work.takesBack !== undefined ? walk.effects : walk.lookups).push(row);
      return after;
    }
    case "children": {
      const inside = walkChildren(walk, node, row, stand);
      return forecast?.type === "model"
        ? { ...inside, amount: addAmounts([modelCall(walk, node, row, forecast, stand), inside.amount]) }
        : inside;
    }
  }
}

type Asks = Extract<Forecast, { readonly type: "model" }>;

function modelCall(walk: Walk, node: PlanNode, row: NodeOutlook, forecast: Asks, stand: Stand): Amount {
  const { prices, model: byDefault, promptTokens } = walk.settings;
  const model = forecast.model ?? byDefault ?? null;
  const prompt = promptSpan(forecast.prompt, filling(node, stand.values), promptTokens);
  const models = [model, ...(forecast.fallbacks ?? [])];
  const amount = eitherAmount(models.map((each) => conversation(each, { ...forecast, prompt }, prices)));
  const { path, times } = row;
  const unknown: Unknown[] = [
    ...(times.high === null ? [childrenUnknown(stand.uncounted ?? { path, input: undefined })] : []),
    ...(model === null ? [modelUnknown(path)] : []),
    ...models.flatMap((each) => (each !== null && priceOf(each, prices) === undefined ? [priceUnknown(path, each)] : [])),
    ...(prompt.high === null ? [promptUnknown(path, forecast.prompt === null)] : []),
  ];
  const all = timesAmount(amount, times);
  // What is never asked costs nothing, whatever is not known of it.
  if (times.high !== 0) for (const each of unknown) walk.unknown.push({ unknown: each, times, outputTokens: all.outputTokens });
  walk.modelCalls.push({ ...row, ...all, model, unknown: unknown[0] ?? null });
  return amount;
}

/** About how many tokens fill the variables of a prompt; undefined where not all of what the node reads is known. */
function filling({ definition }: PlanNode, values: ReadonlyMap<string, JsonValue>): number | undefined {
  let characters = 0;
  for (const need of Object.values(definition.needs)) {
    const value = values.get(need);
    if (value === undefined) return undefined;
    characters += typeof value === "string" ? value.length : JSON.stringify(value).length;
  }
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** About four characters are a token in most languages that models were trained on. */
const CHARACTERS_PER_TOKEN = 4;

function promptSpan(prompt: Asks["prompt"], filled: number | undefined, assumed: number | undefined): Span {
  const fixed = prompt?.tokens ?? 0;
  if (prompt?.isWhole === true) return { low: fixed, high: fixed };
  if (assumed !== undefined) return { low: Math.max(fixed, assumed), high: Math.max(fixed, assumed) };
  // A function may make anything of what it reads; a file is filled with that.
  return prompt === null || filled === undefined ? { low: fixed, high: null } : { low: fixed + filled, high: fixed + filled };
}

/** Each price once, in the order of the calls. */
function doubtsAbout({ modelCalls, settings: { prices, now } }: Walk): readonly PriceDoubt[] {
  if (now === undefined) return [];
  const models = new Set(modelCalls.flatMap(({ model }) => model ?? []));
  return [...models].flatMap((model) => {
    const found = priceOf(model, prices);
    return (found === undefined ? undefined : doubtAbout(model, found, now)) ?? [];
  });
}

function walkChildren(walk: Walk, node: PlanNode, row: NodeOutlook, stand: Stand): { readonly amount: Amount; readonly end: number } {
  const parts = Object.entries(node.parts);
  const isChoice = parts.length > 1;
  const { count, key } = childrenOf(node, stand.values);
  walk.children.push({
    ...row,
    cases: isChoice ? parts.map(([part]) => part) : [],
    count,
    contracts: [...new Set(parts.flatMap(([, part]) => (part.graph.inline ? [] : [part.name])))],
  });
  const each = parts.map(([part, plan]) => {
    const inner = isChoice ? part : key;
    return walkPlan(walk, plan, {
      prefix: inner === "" ? row.path : `${row.path}[${inner}]`,
      times: timesSpan(stand.times, isChoice ? { low: 0, high: 1 } : count),
      uncounted: stand.times.high !== null && count.high === null ? uncountedAt(node, row.path, stand) : stand.uncounted,
      values: valuesInside(node, plan, stand.values),
      inputs: new Set(),
      step: stand.step + 1,
    });
  });
  const amount = timesAmount(eitherAmount(each.map((part) => part.amount)), count);
  return { amount, end: Math.max(stand.step + 1, ...each.map(({ end }) => end)) };
}

/** Where the number of children is the number of items of an input of the run itself, whoever plans can give that. */
function uncountedAt({ definition: { needs, behaviour } }: PlanNode, path: string, { inputs }: Stand): Uncounted {
  const { forecast } = behaviour;
  const over = forecast?.type === "items" ? needs[forecast.over] : undefined;
  return { path, input: over !== undefined && inputs.has(over) ? over : undefined };
}

/** How many children a node has, and how their key is written before there are any. */
function childrenOf(
  { definition: { needs, behaviour } }: PlanNode,
  values: ReadonlyMap<string, JsonValue>,
): { readonly count: Span; readonly key: string } {
  const { forecast, work } = behaviour;
  if (forecast?.type === "rounds") return { count: { low: 1, high: forecast.atMost }, key: "*" };
  if (forecast?.type === "items") {
    const list = values.get(needs[forecast.over] ?? "");
    const size = Array.isArray(list) ? list.length : isJsonObject(list) ? Object.keys(list).length : undefined;
    return { count: size === undefined ? UNKNOWN_SPAN : { low: size, high: size }, key: "*" };
  }
  const differ = work.type === "children" && (work.more !== undefined || Object.keys(work.correlation("*")).length > 0);
  return differ ? { count: UNKNOWN_SPAN, key: "*" } : { count: ONCE, key: "" };
}

/** The values that every child of a part is given. */
function valuesInside({ definition }: PlanNode, { graph }: Plan, values: ReadonlyMap<string, JsonValue>): ReadonlyMap<string, JsonValue> {
  const { forecast } = definition.behaviour;
  const known = graph.inputs.flatMap(({ name }): [string, JsonValue][] => {
    const feed = feedOf(definition, name);
    const isSteady = feed !== undefined && !feed.isItem && !(forecast?.type === "rounds" && forecast.as === name);
    const value = isSteady ? values.get(feed.from) : undefined;
    return value === undefined ? [] : [[name, value]];
  });
  return new Map(known);
}

function withoutMost({ calls, inputTokens, outputTokens, usd }: Amount): Amount {
  const open = <T extends Span | Amount["usd"]>(span: T) => ({ ...span, high: null });
  return { calls: open(calls), inputTokens: open(inputTokens), outputTokens: open(outputTokens), usd: open(usd) };
}
