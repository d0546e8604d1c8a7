// What a contract may be and should perhaps not: told by `compile`, and never an error.

import { expect, it } from "vitest";
import { z } from "zod";
import { compile } from "../../src/compile/compile.ts";
import { contract } from "../../src/dsl/contract.ts";
import { parsePrompt } from "../../src/model/prompt.ts";

const prompt = parsePrompt("---\ninputs: { topic: string }\n---\n{{topic}}", { name: "about", file: "about.prompt.md" });

it("unused inputs, dead nodes, gates without a deadline or anything to show, and needs no prompt reads", () => {
  const { plan, findings } = compile(
    contract("doubtful", {
      inputs: { topic: z.string(), unused: z.string(), key: z.string() },
      correlate: ["key"],
      define(g, { topic, key }) {
        const dead = g.compute("dead", { needs: { topic }, run: ({ topic }) => topic });
        g.compute("behind", { needs: { dead }, run: ({ dead }) => dead });
        const gate = g.await("gate", { event: "decided", schema: z.string(), by: "human" });
        const text = g.llm("text", { needs: { topic, key }, prompt });
        const part = g.compose("part", {
          needs: { topic, gate },
          child: (g, { topic }) => {
            g.const("forgotten", 1);
            return topic;
          },
        });
        return { text, part };
      },
    }),
  );
  expect(findings.map(({ code, contract, node, severity }) => `${severity} ${code} ${contract} ${node}`)).toEqual([
    "warning input_unused doubtful unused",
    "warning node_unused doubtful dead",
    "warning node_unused doubtful behind",
    "warning gate_without_timeout doubtful gate",
    "warning nothing_to_show doubtful gate",
    "warning prompt_variable_unused doubtful text",
    "warning node_unused doubtful/part[child] forgotten",
  ]);
  for (const { hint, source } of findings) {
    expect(hint).toMatch(/\.$/);
    expect(source?.file).toMatch(/warnings\.test\.ts$/);
  }
  expect(plan.nodes.filter(({ needed }) => !needed).map(({ name }) => name)).toEqual(["unused", "dead", "behind"]);
});

it("a contract in order has none, and an await that no person decides needs no deadline", () => {
  const { findings } = compile(
    contract("clean", {
      inputs: { topic: z.string() },
      define: (g, { topic }) => ({
        gate: g.await("gate", { event: "decided", schema: z.string(), by: "human", show: { topic }, timeout: "3d" }),
        feed: g.await("feed", { event: "fed", schema: z.string() }),
      }),
    }),
  );
  expect(findings).toEqual([]);
});
