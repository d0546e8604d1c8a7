// Parts of contracts that act on a bank, can be taken back, and fail when they are told to.

import type { GraphBuilder, Node, RecordedFact, Run } from "kindling";
import { until } from "../host/open-host.ts";
import type { Bank } from "./bank.ts";

/** The facts of a type. */
export const ofType = (facts: readonly RecordedFact[], type: RecordedFact["type"]) => facts.filter((fact) => fact.type === type);

/** An effect of the bank that can be taken back; `broken` names the actions that fail. */
export function step(
  g: GraphBuilder,
  bank: Bank,
  name: string,
  after: readonly Node<unknown>[],
  broken: ReadonlySet<string> = new Set(),
  attempts = 1,
) {
  const act = (action: string, key: string) => {
    const receipt = bank.act(action, key, 1);
    if (broken.has(action)) throw new Error(`${action} is broken`);
    return receipt;
  };
  return g.effect(name, {
    needs: {},
    after,
    retry: { attempts },
    run: (_needs, { idempotencyKey }) => act(name, idempotencyKey),
    compensate: (_value, _needs, { idempotencyKey }) => act(`undo ${name}`, idempotencyKey),
  });
}

/** A check behind everything else, which fails the run. */
export function failing(g: GraphBuilder, after: readonly Node<unknown>[], isBroken: () => boolean = () => true) {
  return g.compute("check", {
    needs: {},
    after,
    run: () => {
      if (isBroken()) throw new Error("out of stock");
      return "fine";
    },
  });
}

/** The run once it has ended; `by` is done again and again until then. */
export async function ended(run: Run, by = async () => {}) {
  await until(async () => {
    await by();
    return (await run.get()).endedAt !== undefined;
  }, "its end");
  return run.get();
}
