// A new run from what another one has done: its plan is the contract of today with what is swapped, its inputs those of the other one with what is different.

import { InputError } from "../errors.ts";
import { didYouMean } from "../graph/nearest.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import type { Entry } from "../ledger/ledger.ts";
import type { Plan } from "../compile/plan.ts";
import type { Gate } from "../graph/gate.ts";
import { refuseDecision } from "../run/accept.ts";
import { describeIssues } from "../schema.ts";
import type { Actor, Fact } from "../run/fact.ts";
import { checkInputs, checkSomeInputs } from "../run/inputs.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { budgetAt, givenBudget } from "./given-budget.ts";
import type { ForkOrder, Started } from "./host.ts";
import { rootNote } from "./known-run.ts";
import { assertReady } from "./ready.ts";
import { beginOnce } from "./start.ts";

/** Forks a root run. `starting` holds the starts under way. */
export async function forkRun(host: EmbeddedHost, starting: Map<string, Promise<unknown>>, order: ForkOrder): Promise<Started> {
  const { run: donor, at, overrides, idempotencyKey, actor } = order;
  const note = rootNote(host.ledger, donor);
  const plan = host.plans.planFor(note.contract, { ...note.overrides, ...overrides });
  if (plan === undefined)
    throw new InputError("contract_not_found", `run ${donor} is of the contract "${note.contract}", which this runtime does not have`, {
      fix: didYouMean(note.contract, host.plans.names()),
    });
  await host.inMemory(donor)?.durable();
  const entries = await host.ledger.read(donor);
  const position = positionOf(donor, entries, at);
  const inputs = await inputsFor(plan, inputsAt(entries, position), order.inputs);
  const budget = givenBudget(order.budget) ?? budgetAt(entries, position);
  assertReady(plan, host.models);
  const all = { ...note.overrides, ...overrides };
  return beginOnce(host, starting, {
    contract: plan.name,
    idempotencyKey,
    plan,
    inputs,
    budget,
    actor,
    fork: {
      forked: { run: donor, position },
      ...(Object.keys(all).length === 0 ? {} : { overrides: all }),
      nodes: givenNodes(plan, order, host),
    },
  });
}

function positionOf(run: string, entries: readonly Entry[], at: ForkOrder["at"]): number {
  const last = entries.at(-1)?.position ?? 0;
  if (at === undefined) return last;
  if (typeof at === "number") return at;
  const number = Number(at.startsWith(`${run}:`) ? at.slice(run.length + 1) : Number.NaN);
  const entry = entries.find(({ first, facts }) => number >= first && number < first + facts.length);
  if (entry !== undefined) return entry.position;
  throw new InputError("fact_not_found", `run ${run} has no fact "${at}"`, {
    fix: "`kindling facts` shows positions and facts; give a position, or `<run>:<number>`.",
  });
}

/** The inputs of a run as they were at a position. */
function inputsAt(entries: readonly Entry[], position: number): JsonObject {
  let inputs: JsonObject = {};
  for (const entry of entries) {
    if (entry.position > position) break;
    for (const { type, inputs: given } of entry.facts)
      if ((type === "run.started" || type === "input.updated") && isJsonObject(given)) inputs = given;
  }
  return inputs;
}

/** Those of the other run, with what is different; new inputs of a newer contract take their defaults or must be given. */
async function inputsFor({ graph, name }: Plan, before: JsonObject, given: unknown): Promise<JsonObject> {
  const some = await checkSomeInputs(graph, given);
  const missing = some.ok ? graph.inputs.filter((input) => !(input.name in before) && !(input.name in some.value)) : [];
  const rest = await checkInputs({ ...graph, inputs: missing }, {}, "ignore");
  const issues = [...(some.ok ? [] : some.issues), ...(rest.ok ? [] : rest.issues)];
  if (!some.ok || !rest.ok) {
    throw new InputError("invalid_inputs", `fork of "${name}": ${describeIssues(issues)}`, {
      fix: "Give inputs that are different, and those that the contract did not have before.",
      details: { issues: issues.map((issue) => ({ ...issue })) },
    });
  }
  const known = new Set(graph.inputs.map((input) => input.name));
  const kept = Object.fromEntries(Object.entries(before).filter(([input]) => known.has(input)));
  return Object.freeze({ ...kept, ...rest.value, ...some.value });
}

/** Values that nodes are given instead of running. */
function givenNodes(plan: Plan, { nodes, actor }: ForkOrder, host: EmbeddedHost): readonly Fact[] {
  const by = actor ?? { id: "unknown", assurance: "agent" as const };
  return Object.entries(nodes).map(([name, value]): Fact => {
    const node = plan.byName.get(name);
    if (node === undefined || node.definition.behaviour.work.type === "given") {
      const names = plan.nodes.flatMap(({ name: known, definition }) => (definition.behaviour.work.type === "given" ? [] : [known]));
      throw new InputError("no_such_node", `"${plan.name}" has no node "${name}" whose value could be given`, {
        fix:
          node === undefined
            ? didYouMean(name, names)
            : "Inputs are given in inputs; a literal stands in the contract, make it an input with a default.",
      });
    }
    const { work } = node.definition.behaviour;
    if (work.type === "wait" && work.gate !== undefined) assertMayGive(host, name, work.gate, by);
    return { type: "node.succeeded", node: name, value, by };
  });
}

/** A gate takes a value only from whoever may decide it alone. @throws InputError with the code of the refusal */
function assertMayGive({ approvers }: EmbeddedHost, name: string, gate: Gate, by: Actor): void {
  const decider = { actor: by, personOf: approvers.personOf, hasSigned: false };
  // Who forks a run has started it.
  const refusal = refuseDecision({ starter: by }, { shown: "" }, gate, decider, undefined);
  if (refusal !== undefined) throw new InputError(refusal.code, `nodes.${name}: ${refusal.message}`, { fix: refusal.fix });
  if (gate.quorum !== undefined)
    throw new InputError("human_decision_required", `nodes.${name}: several people decide this gate, and "${by.id}" is one`, {
      fix: "Leave it out: the gate opens in the fork, or takes over what was decided.",
    });
}
