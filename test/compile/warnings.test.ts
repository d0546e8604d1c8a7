// What a contract may be and should perhaps not: told by `compile`, and never an error.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { compile } from "../../src/compile/compile.ts";
import { contract } from "../../src/dsl/contract.ts";
import type { AnyContract } from "../../src/graph/contract.ts";
import { describeFinding } from "../../src/graph/finding.ts";
import { parsePrompt } from "../../src/model/prompt.ts";
import { defineHistory } from "../../src/index.ts";

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
      correlate: ["topic"],
      define: (g, { topic }) => ({
        gate: g.await("gate", { event: "decided", schema: z.string(), by: "human", show: { topic }, timeout: "3d" }),
        feed: g.await("feed", { event: "fed", schema: z.string() }),
      }),
    }),
  );
  expect(findings).toEqual([]);
});

const warned = (made: AnyContract) => compile(made).findings.map(({ code, contract, node }) => `${code} ${contract} ${node}`);

describe("awaits", () => {
  it("of one event in one graph are told from the second on; a node that never runs does not count", () => {
    const made = contract("twice", {
      inputs: { topic: z.string() },
      correlate: ["topic"],
      define(g, { topic }) {
        g.await("unneeded", { event: "fed", schema: z.string() });
        const first = g.await("first", { event: "fed", schema: z.string() });
        const other = g.await("other", { event: "read", schema: z.string() });
        const second = g.await("second", { event: "fed", schema: z.string(), show: { topic } });
        return { first, other, second };
      },
    });
    expect(warned(made)).toEqual(["node_unused twice unneeded", "event_awaited_twice twice second"]);
    expect(compile(made).findings[1]?.message).toContain('as "first" does');
  });

  it("that no correlation finds are told, also inside a child written in place", () => {
    const made = contract("lost", {
      inputs: { topic: z.string() },
      define: (g, { topic }) => ({
        own: g.await("own", { event: "fed", schema: z.string() }),
        part: g.compose("part", {
          needs: { topic },
          child: (g, { topic }) => g.await("inner", { event: "read", schema: z.string(), show: { topic } }),
        }),
      }),
    });
    expect(warned(made)).toEqual(["await_uncorrelated lost own", "await_uncorrelated lost/part[child] inner"]);
  });

  it("of a history which no run's keys fit are told by the key, since nobody can answer them by an id", () => {
    const paid = defineHistory("paid", { schema: z.object({ order: z.string() }) });
    const waiting = (correlate: readonly "order"[], key: string) =>
      contract("waiting", {
        inputs: { order: z.string() },
        correlate,
        define: (g) => ({
          one: g.await("one", { on: paid, correlate: { [key]: "order" } }),
          two: g.await("two", { on: paid, correlate: { [key]: "order" } }),
        }),
      });
    expect(warned(waiting(["order"], "order"))).toEqual([]);
    const [wrong] = compile(waiting(["order"], "orderId")).findings;
    expect(wrong).toMatchObject({ code: "await_uncorrelated", node: "one", hint: "Its keys: order." });
    expect(wrong?.message).toBe('no run has the correlation key "orderId", so no event of "paid" finds this await');
    expect(warned(waiting([], "order"))).toEqual([
      "input_unused waiting order",
      "await_uncorrelated waiting one",
      "await_uncorrelated waiting two",
    ]);
  });

  it("in the items of a collection are found by the item, and in any child by the keys of the run around it", () => {
    const waits = { event: "read", schema: z.string() };
    const items = contract("items", {
      inputs: { langs: z.array(z.string()) },
      define: (g, { langs }) =>
        g.collection("all", { over: langs, as: "lang", key: String, each: (g, { lang }) => g.await("read", { ...waits, show: { lang } }) }),
    });
    const part = contract("keyed", {
      inputs: { topic: z.string() },
      correlate: ["topic"],
      define: (g, { topic }) =>
        g.compose("part", { needs: { topic }, child: (g, { topic }) => g.await("read", { ...waits, show: { topic } }) }),
    });
    expect([...warned(items), ...warned(part)]).toEqual([]);
  });

  it("that no form can ask for are told where agents get a tool of their own, unless a person decides elsewhere", () => {
    const exposed = (expose: boolean) =>
      contract("asking", {
        inputs: { topic: z.string() },
        correlate: ["topic"],
        mcp: { expose },
        define(g, { topic }) {
          const deep = z.object({ pages: z.array(z.object({ title: z.string() })) });
          const gate = { by: "human", show: { topic }, timeout: "3d" } as const;
          return {
            flat: g.await("flat", { event: "flat", schema: z.object({ title: z.string(), pages: z.int() }) }),
            deep: g.await("deep", { event: "deep", schema: deep }),
            confirmed: g.await("confirmed", { event: "confirmed", schema: deep, assurance: "client", ...gate }),
            approved: g.await("approved", { event: "approved", schema: deep, ...gate }),
            part: g.compose("part", {
              needs: { topic },
              child: (g, { topic }) => g.await("inner", { event: "inner", schema: deep, show: { topic } }),
            }),
          };
        },
      });
    expect(warned(exposed(true))).toEqual(["not_a_form asking deep", "not_a_form asking confirmed", "not_a_form asking/part[child] inner"]);
    expect(compile(exposed(true)).findings[0]?.message).toContain('"pages" is a list of anything but a few given words');
    expect(warned(exposed(false))).toEqual([]);
  });
});

it("all findings stand in the order of the nodes, each with place, source and cure, those of a child behind its node", () => {
  const made = contract("ordered", {
    inputs: { first: z.string(), second: z.string() },
    define(g, { second }) {
      g.const("a", 1);
      const part = g.compose("part", {
        needs: { second },
        child: (g, { second }) => {
          g.const("b", 1);
          return g.await("c", { event: "e", schema: z.string(), by: "human", show: { second } });
        },
      });
      g.const("d", 1);
      return part;
    },
  });
  expect(warned(made)).toEqual([
    "input_unused ordered first",
    "node_unused ordered a",
    "node_unused ordered/part[child] b",
    "gate_without_timeout ordered/part[child] c",
    "await_uncorrelated ordered/part[child] c",
    "node_unused ordered d",
  ]);
  for (const { severity, hint, source } of compile(made).findings) {
    expect(severity).toBe("warning");
    expect(hint).toMatch(/\.$/);
    expect(source?.file).toMatch(/warnings\.test\.ts$/);
    expect(source?.line).toBeGreaterThan(0);
  }
  expect(describeFinding(compile(made).findings[2] ?? expect.fail("there is none"))).toContain("part[child]/b: no output needs this node");
});
