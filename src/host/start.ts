// Starting a run: its inputs are checked before anything is recorded, and the same idempotency key gives the same run.

import { InputError } from "../errors.ts";
import type { Budget } from "../graph/budget.ts";
import { didYouMean } from "../graph/nearest.ts";
import { hashJson, type JsonObject } from "../json.ts";
import type { Plan } from "../compile/plan.ts";
import { roomLow } from "../ledger/refusals.ts";
import { describeIssues } from "../schema.ts";
import type { Actor, Fact, RunStarted } from "../run/fact.ts";
import { keyedRunId } from "../run/ids.ts";
import { checkInputs } from "../run/inputs.ts";
import { isEnded, newRunState } from "../run/state.ts";
import { readTraceContext, type TraceContext } from "../trace-context.ts";
import { ActiveRun } from "./active-run.ts";
import { offerBuffered } from "./early.ts";
import type { EmbeddedHost } from "./embedded.ts";
import type { StartRequest, Started } from "./host.ts";
import { givenBudget } from "./given-budget.ts";
import { inherit } from "./inherit.ts";
import { assertReadable, rootNote } from "./known-run.ts";
import { assertReady } from "./ready.ts";
import { readTags } from "./tags.ts";

const KEY_LIMIT = 200;

/** Starts a run. `starting` holds the starts under way by run id, so that two under one key make one run. */
export async function startRun(host: EmbeddedHost, starting: Map<string, Promise<unknown>>, request: StartRequest): Promise<Started> {
  const { contract, inputs, idempotencyKey, actor } = request;
  const budget = givenBudget(request.budget);
  const tags = readTags(request.tags);
  const trace = readTraceContext(request.trace ?? {});
  const plan = host.plans.get(contract);
  if (plan === undefined)
    throw new InputError("contract_not_found", `there is no contract "${contract}"`, { fix: didYouMean(contract, host.plans.names()) });
  const checked = await checkInputs(plan.graph, inputs, "refuse");
  if (!checked.ok) {
    throw new InputError("invalid_inputs", `contract "${contract}": ${describeIssues(checked.issues)}`, {
      fix: `Give ${plan.graph.inputs.map(({ name, hasDefault }) => (hasDefault ? `${name} (optional)` : name)).join(", ") || "no inputs"}.`,
      details: { issues: checked.issues.map((issue) => ({ ...issue })) },
    });
  }
  assertReady(plan, host.models);
  return beginOnce(host, starting, {
    contract,
    idempotencyKey,
    plan,
    inputs: checked.value,
    budget,
    actor,
    tags,
    trace,
    ...(request.from === undefined ? {} : { from: request.from }),
  });
}

/** A run to be begun. */
export interface Beginning {
  readonly contract: string;
  readonly idempotencyKey: string | undefined;
  readonly plan: Plan;
  /** Checked. */
  readonly inputs: JsonObject;
  readonly budget: Budget | undefined;
  readonly actor: Actor | undefined;
  readonly tags?: readonly string[];
  readonly trace?: TraceContext | undefined;
  /** The event of a history that starts it. */
  readonly from?: string;
  /** What makes it a fork. */
  readonly fork?: Pick<RunStarted, "forked" | "overrides"> & { readonly nodes: readonly Fact[] };
}

/** Begins a run; under a key only when there is none yet. */
export async function beginOnce(host: EmbeddedHost, starting: Map<string, Promise<unknown>>, beginning: Beginning): Promise<Started> {
  const { contract, idempotencyKey, inputs } = beginning;
  if (idempotencyKey === undefined) return { id: await begin(host, `run_${host.chance.id()}`, beginning), created: true };
  const key: unknown = idempotencyKey;
  if (typeof key !== "string" || key === "" || key.length > KEY_LIMIT) {
    const shown =
      typeof key === "string" ? `${JSON.stringify(key.slice(0, 40))}, ${key.length} characters long` : `${String(key)}, a ${typeof key}`;
    throw new InputError("bad_idempotency_key", `the idempotency key is ${shown}`, { fix: `Give a text of 1 to ${KEY_LIMIT} characters.` });
  }
  const id = keyedRunId(contract, idempotencyKey);
  // The second of two starts waits for the first and finds its run.
  for (let other = starting.get(id); other !== undefined; other = starting.get(id)) await other;
  const head = host.ledger.head(id);
  if (head !== undefined) assertReadable(head);
  if (host.inMemory(id) !== undefined || head !== undefined) return startedBefore(host, id, inputs);
  const begun = begin(host, id, beginning).finally(() => starting.delete(id));
  starting.set(
    id,
    begun.then(
      () => undefined,
      () => undefined,
    ),
  );
  return { id: await begun, created: true };
}

async function startedBefore(host: EmbeddedHost, id: string, inputs: JsonObject): Promise<Started> {
  return host.use(id, async (first) => {
    if (first.state.given !== hashJson(inputs)) {
      throw new InputError("idempotency_conflict", `run ${id} was started under the same idempotency key with other inputs`, {
        fix: "Use another key for other inputs.",
      });
    }
    await first.durable();
    return { id, created: false };
  });
}

async function begin(
  host: EmbeddedHost,
  id: string,
  { plan, inputs, budget, actor, tags = [], trace, from, fork }: Beginning,
): Promise<string> {
  if (host.ledger.isLow) throw roomLow(host.ledger.location);
  await host.plans.keep(host.ledger, plan);
  host.assertOpen();
  const run = new ActiveRun(newRunState(id, plan), host, false);
  const correlation = Object.fromEntries(plan.graph.correlate.map((key) => [key, inputs[key] ?? null]));
  run.record({
    type: "run.started",
    contract: plan.name,
    version: plan.version,
    plan: plan.hash,
    inputs,
    correlation,
    root: id,
    path: "",
    given: hashJson(inputs),
    ...(fork?.forked === undefined ? {} : { forked: fork.forked }),
    ...(fork?.overrides === undefined ? {} : { overrides: fork.overrides }),
    ...(budget === undefined ? {} : { budget }),
    ...(actor === undefined ? {} : { actor }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(trace === undefined ? {} : { trace }),
    ...(from === undefined ? {} : { from }),
  });
  run.record(...(fork?.nodes ?? []));
  // Whoever forks a run wants what it did: one that went meanwhile has nothing to give.
  if (fork?.forked !== undefined) rootNote(host.ledger, fork.forked.run);
  await inherit(host, run.state);
  host.adopt(run);
  run.advance();
  await run.durable();
  await takeMail(host, id, plan, correlation);
  return id;
}

/** Gives a run the events that came before it. The run is durable by now, so an event that comes after this look finds it. */
export async function takeMail(host: EmbeddedHost, id: string, plan: Plan, correlation: JsonObject): Promise<void> {
  const events = await host.mailbox.offer(plan, correlation);
  if (events.length === 0) return;
  const isTaken = await host.use(id, async (run) => {
    // It needed no event: they stay for the next run.
    if (isEnded(run.state)) return false;
    run.record(...events);
    offerBuffered(host, run);
    run.advance();
    await run.durable();
    return true;
  });
  if (isTaken) await host.mailbox.taken(plan, events, id);
  else await host.mailbox.returned(plan, events);
}
