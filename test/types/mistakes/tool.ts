// Mistakes about tools: what the model fills in, what the node gives, and which nodes may offer which tools.

import { z } from "zod";
import { asTool, contract, tool } from "../../../src/index.ts";

const search = tool("search", {
  description: "Searches.",
  input: z.object({ query: z.string() }),
  given: { tenant: z.string() },
  run: ({ query }, { given }) => `${query} ${given.tenant}`,
});

export const misspelt = tool("misspelt", {
  description: "Reads a field that its input does not have.",
  input: z.object({ query: z.string() }),
  // error at `qeury`
  run: ({ qeury }) => qeury,
});

export const ungiven = tool("ungiven", {
  description: "Reads what it is not given.",
  input: z.object({}),
  given: { tenant: z.string() },
  // error at `customer`
  run: (_input, { given }) => given.customer,
});

export const asked = tool("asked", {
  description: "Asks by a field that is not there.",
  input: z.object({ amount: z.number() }),
  // error at `sum`
  approve: { when: ({ sum }) => sum > 100 },
  run: ({ amount }) => amount,
});

// error at `onUncertain`
export const unsure = tool("unsure", { description: "x", input: z.object({}), onUncertain: "again", run: () => 1 });

export const offered = contract("offered", {
  inputs: { question: z.string(), tenant: z.string(), number: z.number() },
  define: (g, { question, tenant, number }) => ({
    good: g.llm("good", { needs: { question, tenant }, prompt: () => "q", tools: [search] }),
    // error at `search`
    missing: g.llm("missing", { needs: { question }, prompt: () => "q", tools: [search] }),
    // error at `search`
    wrong: g.llm("wrong", { needs: { tenant: number }, prompt: () => "q", tools: [search] }),
  }),
});

const trip = contract("trip", { inputs: { to: z.string(), by: z.string() }, define: (_g, { to, by }) => ({ to, by }) });

// error at `"form"`
export const from = asTool(trip, { given: ["form"] });
