// Change one thing, pay for one thing: one input of a contract of 200 nodes is updated, beside a whole run with the same inputs.

import { join } from "node:path";
import { contract, createRuntime, fileLedger, type Kindling, type Node } from "kindling";
import { z } from "zod";
import { median, msOf, type Sample, type Scenario } from "./engine-measure.ts";

const CHAINS = 20;
const LENGTH = 10;
const TURNS = 15;

/** 20 chains of 10 lookups, each with an input of its own, and a sum behind all of them: 201 nodes. */
const wide = contract("wide", {
  inputs: Object.fromEntries(Array.from({ length: CHAINS }, (_, chain) => [`in${chain}`, z.number()])),
  define(g, inputs) {
    const ends: Record<string, Node<number>> = {};
    for (const [name, input] of Object.entries(inputs)) {
      let last: Node<number> = input;
      for (let step = 0; step < LENGTH; step++) {
        const before = last;
        last = g.lookup(`${name}-${step}`, { needs: { before }, run: async ({ before }) => before + 1 });
      }
      ends[name] = last;
    }
    return g.compute("sum", { needs: ends, run: (values) => Object.values(values).reduce((sum, value) => sum + value, 0) });
  },
});

const inputsWith = (first: number) =>
  Object.fromEntries(Array.from({ length: CHAINS }, (_, chain) => [`in${chain}`, chain === 0 ? first : chain]));

export const updates: Scenario = {
  name: "update",
  title: "one input of a contract of 201 nodes changes, of which 11 read it",
  round: async (folder) => {
    const kindling = await createRuntime({ contracts: [wide], ledger: fileLedger(join(folder, "ledger")) });
    try {
      return await measure(kindling);
    } finally {
      await kindling.close();
    }
  },
};

async function measure(kindling: Kindling): Promise<readonly Sample[]> {
  const run = await kindling.start(wide, inputsWith(0));
  await run.result();
  const whole: number[] = [];
  const part: number[] = [];
  const forked: number[] = [];
  for (let turn = 1; turn <= TURNS; turn++) {
    whole.push(await msOf(async () => (await kindling.start(wide, inputsWith(turn))).result()));
    part.push(
      await msOf(async () => {
        await run.update({ in0: turn });
        await run.result();
      }),
    );
    forked.push(await msOf(async () => (await run.fork({ inputs: { in0: -turn } })).result()));
  }
  const facts = await run.facts();
  const last = facts.slice(facts.findLastIndex(({ type }) => type === "input.updated"));
  const ran = last.filter(({ type }) => type === "node.succeeded").length;
  const raw = median(whole);
  return [
    {
      name: "nodes that ran again after an update",
      unit: "nodes",
      value: ran,
      raw: CHAINS * LENGTH + 1,
      against: "in a whole run",
      aim: { of: "value", atMost: LENGTH + 1 },
    },
    { name: "update to result", unit: "ms", value: median(part), raw, against: "a whole run" },
    { name: "fork with one other input, to result", unit: "ms", value: median(forked), raw, against: "a whole run" },
  ];
}
