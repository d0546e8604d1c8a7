// Trying again what failed in a run: all of it, or the item or node at a path.

import { InputError } from "../errors.ts";
import type { Plan } from "../compile/plan.ts";
import { partOfKey } from "../graph/work.ts";
import type { RetriedChild } from "../run/fact.ts";
import { childrenIn } from "../run/node-state.ts";
import { splitPath } from "../run/path.ts";
import type { RunState } from "../run/state.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { givenBudget } from "./given-budget.ts";
import type { RetryOrder } from "./host.ts";
import { assertNotTakingBack } from "./cancel.ts";
import { rootNote } from "./known-run.ts";
import { assertReady } from "./ready.ts";

/** Retries; resolves when it is durable that the run goes on. */
export async function retryRun(host: EmbeddedHost, { run: id, path, actor, ...order }: RetryOrder): Promise<null> {
  const budget = givenBudget(order.budget);
  rootNote(host.ledger, id);
  await host.use(id, async (run) => {
    const { state } = run;
    if (state.status === "cancelled" || state.cancelling !== undefined)
      throw new InputError("nothing_to_retry", `run ${id} was cancelled`, { fix: "Fork it, or start a new run." });
    const child = path === undefined ? undefined : childAt(state, path);
    if (child === undefined && !state.nodes.some(({ status }) => status === "failed")) throw nothingFailed(id, path);
    assertNotTakingBack(run);
    assertReady(state.plan, host.models);
    run.record({
      type: "run.retried",
      round: state.round + 1,
      ...(child === undefined ? {} : { children: [child] }),
      ...(budget === undefined ? {} : { budget }),
      ...(actor === undefined ? {} : { actor }),
    });
    host.budgets.raised(id);
    run.advance();
    await run.durable();
  });
  return null;
}

/** The child a path leads through; undefined for a node of the root run itself. @throws InputError `nothing_to_retry` */
function childAt(state: RunState, path: string): RetriedChild | undefined {
  const [first, ...rest] = splitPath(path);
  const node = first === undefined ? undefined : state.plan.byName.get(first.node);
  if (first === undefined || node === undefined) throw unknownPath(state, path);
  const now = state.nodes[node.index];
  if (node.definition.behaviour.work.type !== "children") {
    if (rest.length === 0 && now?.status === "failed") return undefined;
    throw unknownPath(state, path);
  }
  const children = now === undefined ? undefined : childrenIn(now);
  if (children?.keys.includes(first.key) !== true) {
    // The node as a whole: what failed in it.
    if (rest.length === 0 && first.key === "" && now?.status === "failed") return undefined;
    throw unknownPath(state, path);
  }
  const settled = children.settled.get(first.key);
  if (rest.length === 0 && settled?.status !== "failed") throw nothingFailed(state.id, path);
  const inside = insideOf(node.parts[node.definition.behaviour.work.partOf?.(first.key) ?? children.part], rest);
  return { node: node.name, key: first.key, ...(inside === undefined ? {} : { inside: [inside] }) };
}

/** A deeper child; what the path says of nodes at its end needs no saying, since all that failed there is tried again. */
function insideOf(plan: Plan | undefined, [first, ...rest]: ReturnType<typeof splitPath>): RetriedChild | undefined {
  const node = first === undefined ? undefined : plan?.byName.get(first.node);
  if (first === undefined || node?.definition.behaviour.work.type !== "children") return undefined;
  const inside = insideOf(node.parts[partOfKey(node.definition.behaviour.work, first.key)], rest);
  return { node: node.name, key: first.key, ...(inside === undefined ? {} : { inside: [inside] }) };
}

function unknownPath(state: RunState, path: string): InputError {
  return new InputError("nothing_to_retry", `run ${state.id} has nothing at "${path}" that failed`, {
    fix: "`kindling show` lists the paths of what failed.",
  });
}

function nothingFailed(run: string, path: string | undefined): InputError {
  return new InputError("nothing_to_retry", path === undefined ? `nothing failed in run ${run}` : `"${path}" of run ${run} did not fail`, {
    fix: "To run something again that succeeded, update its inputs or fork the run.",
  });
}
