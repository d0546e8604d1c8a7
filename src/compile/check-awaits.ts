// What is doubtful about how events find the awaits of a graph, and how clients of agents can ask for them. Knows who waits, and no kinds.

import type { Graph, NodeFinding } from "../graph/graph.ts";
import type { HistoryRule } from "../graph/history-rule.ts";
import type { Children, Wait } from "../graph/work.ts";
import { jsonSchemaOf } from "../schema.ts";
import { flatFormOf } from "./flat-form.ts";
import { neededNodes } from "./needed.ts";

/** What is known of the graph an await stands in. */
export interface AwaitSurroundings {
  /** The correlation keys by which an event can find the run. */
  readonly keys: ReadonlySet<string>;
  /** True when the contract is offered to agents as a tool of its own. */
  readonly isExposed: boolean;
}

/** Findings about awaits by their node. */
export function checkAwaits(graph: Graph, { keys, isExposed }: AwaitSurroundings): ReadonlyMap<string, readonly NodeFinding[]> {
  const needed = neededNodes(graph);
  const awaits = graph.nodes.flatMap((node) => {
    const { work } = node.behaviour;
    return work.type === "wait" && needed.has(node.name) ? [{ node, work }] : [];
  });
  const first = new Map<string, string>();
  const findings = new Map<string, readonly NodeFinding[]>();
  for (const { node, work } of awaits) {
    const before = first.get(work.event);
    if (before === undefined) first.set(work.event, node.name);
    const own = [
      // Of several awaits of the same history each event answers one.
      ...(before === undefined || work.on !== undefined ? [] : [awaitedTwice(work, before)]),
      ...checkFound(work, keys),
      ...(isExposed ? checkForm(work) : []),
    ];
    if (own.length > 0) findings.set(node.name, own);
  }
  return findings;
}

/** The keys by which an event can find what stands inside a child: those of the run around it, and what the child adds to them. */
export function keysInside(work: Children, keys: ReadonlySet<string>): ReadonlySet<string> {
  return new Set([...keys, ...Object.keys(work.correlation("*"))]);
}

function awaitedTwice({ event }: Wait, before: string): NodeFinding {
  return {
    code: "event_awaited_twice",
    severity: "warning",
    message: `awaits the event "${event}", as "${before}" does: while both are open, a delivery must say by its path which one it is for`,
    hint: "Give each await an event of its own, or deliver with a path.",
  };
}

function checkFound(work: Wait, keys: ReadonlySet<string>): readonly NodeFinding[] {
  if (work.on !== undefined) return checkRule(work.on, keys);
  return keys.size > 0 ? [] : [notFound(work)];
}

/** Events of a history find runs by their keys alone. */
function checkRule({ history, members = {} }: HistoryRule, keys: ReadonlySet<string>): readonly NodeFinding[] {
  const unknown = Object.keys(members).filter((key) => !keys.has(key));
  const known = [...keys].join(", ");
  const hint = known === "" ? 'Name the inputs by which an event finds the run: correlate: ["…"].' : `Its keys: ${known}.`;
  const finding = (message: string): NodeFinding => ({ code: "await_uncorrelated", severity: "warning", message, hint });
  if (unknown.length > 0)
    return unknown.map((key) => finding(`no run has the correlation key "${key}", so no event of "${history.name}" finds this await`));
  return keys.size > 0 ? [] : [finding(`the contract has no correlate, so no event of "${history.name}" finds this await`)];
}

function notFound({ event }: Wait): NodeFinding {
  return {
    code: "await_uncorrelated",
    severity: "warning",
    message: `the contract has no correlate, so "${event}" finds this await by the run's id alone`,
    hint: `Name the inputs by which whoever sends "${event}" knows the run: correlate: ["…"]. Where a person decides from the inbox, the id is enough.`,
  };
}

/** Where the client of an agent may ask its user, it does so by a form. */
function checkForm({ event, schema, gate }: Wait): readonly NodeFinding[] {
  if (gate !== undefined && gate.assurance !== "client") return [];
  const form = flatFormOf(jsonSchemaOf(schema));
  if (form.ok) return [];
  const place = form.at === "" ? "the payload" : `"${form.at}"`;
  return [
    {
      code: "not_a_form",
      severity: "warning",
      message: `an agent's client cannot ask its user for "${event}" by a form: ${place} ${form.reason}`,
      hint: "Give the payload one level of fields: text, numbers, yes or no, and given words. As it is, only an agent that calls deliver_event, or a person elsewhere, can answer.",
    },
  ];
}
