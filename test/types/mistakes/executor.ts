// Mistakes in executors and in what they are given.

import { contract } from "kindling";
import { z } from "zod";
import { defineExecutor } from "../../../src/graph/executor.ts";
import { Inputs } from "./parts.ts";

const rate = defineExecutor({
  key: "tax.rate",
  input: z.object({ country: z.string(), year: z.number() }),
  output: z.object({ rate: z.number() }),
  run: ({ country, year }) => ({ rate: country.length + year }),
});
const size = defineExecutor({ key: "text.size", input: z.string(), output: z.number(), run: (text) => text.length });

// error at `text` #2: Type 'string' is not assignable to type 'MaybePromise<number>'.
export const output = defineExecutor({ key: "output", input: z.string(), output: z.number(), run: (text) => text });
// error at `contry`: Property 'contry' does not exist on type '{ country: string; }'. Did you mean 'country'?
export const input = defineExecutor({ key: "input", input: z.object({ country: z.string() }), output: z.string(), run: (given) => given.contry });
// error at `capabilites`: Object literal may only specify known properties, but 'capabilites' does not exist
export const option = defineExecutor({ key: "option", input: z.string(), output: z.string(), capabilites: ["fs:read"], run: (text) => text });

export const executor = contract("executor", {
  inputs: Inputs,
  define(g, { topic: country }) {
    const year = g.const("year", 2026);
    // error at `run`: Type 'Executor<{ country: string; year: number; }, { rate: number; }>' is not assignable
    const missing = g.compute("missing", { needs: { country }, run: rate });
    // error at `run`: Type 'Executor<{ country: string; year: number; }, { rate: number; }>' is not assignable
    const wrongType = g.lookup("wrong-type", { needs: { country, year: country }, run: rate });
    const right = g.compute("right", { needs: { country, year }, run: rate });
    // error at `rat`: Property 'rat' does not exist on type '{ rate: number; }'. Did you mean 'rate'?
    const given = g.map("given", right, (right) => right.rat);
    // error at `year` #2: Argument of type 'Node<2026>' is not assignable to parameter of type 'Node<string>'.
    const mapped = g.map("mapped year", year, size);
    // error at `check`: Type 'Executor<{ country: string; year: number; }, { rate: number; }>' is not assignable
    const checked = g.guard("checked", { needs: { country, year }, check: rate });
    return { missing, wrongType, given, mapped, checked };
  },
});
