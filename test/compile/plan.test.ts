// Order, who waits for whom, and the hashes that say what is the same work.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { describePlan, planOf, type Plan } from "../../src/compile/plan.ts";
import { contract } from "../../src/dsl/contract.ts";
import { parsePrompt } from "../../src/model/prompt.ts";

const names = (plan: Plan, indexes: readonly number[]) => indexes.map((index) => plan.nodes[index]?.name);

describe("a plan", () => {
  const plan = planOf(
    contract("shape", {
      inputs: { topic: z.string(), langs: z.array(z.string()), spare: z.string().default("") },
      define(g, { topic, langs }) {
        const a = g.compute("a", { needs: { topic, again: topic }, run: ({ topic }) => topic });
        g.compute("dead", { needs: { a }, run: ({ a }) => a });
        const gate = g.await("gate", { event: "opened", schema: z.string(), show: { a } });
        const items = g.collection("items", {
          over: langs,
          as: "lang",
          key: String,
          with: { gate },
          each: (g, { lang }) => g.await("seen", { event: "seen", schema: z.string(), show: { lang } }),
        });
        return { items, a };
      },
    }).graph,
  );

  it("keeps the order of declaration, inputs first, so that needs stand before what needs them", () => {
    expect(plan.nodes.map(({ name, index }) => `${index} ${name}`)).toEqual([
      "0 topic",
      "1 langs",
      "2 spare",
      "3 a",
      "4 dead",
      "5 gate",
      "6 items",
    ]);
    for (const node of plan.nodes) for (const need of node.needs) expect(need.node).toBeLessThan(node.index);
  });

  it("knows who waits for whom, each once", () => {
    expect(Object.fromEntries(plan.nodes.map((node) => [node.name, names(plan, node.dependents)]))).toEqual({
      topic: ["a"],
      langs: ["items"],
      spare: [],
      a: ["dead", "gate"],
      dead: [],
      gate: ["items"],
      items: [],
    });
  });

  it("knows what must run, and the events awaited anywhere in it", () => {
    expect(plan.nodes.filter(({ needed }) => !needed).map(({ name }) => name)).toEqual(["spare", "dead"]);
    expect(plan.neededCount).toBe(5);
    expect([...plan.events]).toEqual(["opened", "seen"]);
  });

  it("is made once for a graph", () => {
    expect(planOf(plan.graph)).toBe(plan);
  });
});

const prompt = (text: string) =>
  parsePrompt(`---\ninputs: { topic: string }\n---\n${text} {{topic}}`, { name: "about", file: "about.prompt.md" });

/** Everything a node's identity may hang on; each test changes one of them. */
const BASE = {
  description: "first",
  attempts: 1,
  timeout: "1m" as const,
  output: z.object({ a: z.string() }),
  prompt: prompt("Write about"),
  model: "scripted:a",
  temperature: 0,
  run: ({ draft }: { readonly draft: { readonly a: string } }) => draft.a.length,
  event: "seen",
  schema: z.string(),
  wait: "1d" as const,
  concurrency: 4,
  key: (item: string) => item,
  mode: "collect" as "collect" | "failFast",
  case: (given: number) => given + 1,
  topic: z.string(),
  version: "1",
};

function planWith(change: Partial<typeof BASE>): Plan {
  const given = { ...BASE, ...change };
  const made = contract("identity", {
    version: given.version,
    description: given.description,
    inputs: { topic: given.topic, langs: z.array(z.string()) },
    define(g, { topic, langs }) {
      const common = {
        description: given.description,
        tags: [given.description],
        timeout: given.timeout,
        retry: { attempts: given.attempts },
      };
      const draft = g.llm("draft", {
        needs: { topic },
        prompt: given.prompt,
        output: given.output,
        model: given.model,
        temperature: given.temperature,
        ...common,
      });
      const size = g.compute("size", { needs: { draft }, run: given.run, ...common });
      const gate = g.await("gate", { event: given.event, schema: given.schema, timeout: given.wait, description: given.description });
      const items = g.collection("items", {
        over: langs,
        as: "lang",
        key: given.key,
        mode: given.mode,
        concurrency: given.concurrency,
        each: (_g, { lang }) => lang,
      });
      const choice = g.branch("choice", {
        needs: { size },
        on: () => "only" as const,
        cases: { only: (g, { size }) => g.compute("next", { needs: { size }, run: ({ size }) => given.case(size) }) },
      });
      return { size, gate, items, choice };
    },
  });
  return planOf(made.graph);
}

/** The nodes whose fingerprint a change moves. */
function moved(change: Partial<typeof BASE>): readonly string[] {
  const before = planWith({});
  const after = planWith(change);
  const changed = before.nodes.filter((node, index) => node.fingerprint !== after.nodes[index]?.fingerprint).map(({ name }) => name);
  // The plan's hash moves exactly with what it is made of; version and input schemas are that too.
  if (changed.length > 0) expect(after.hash).not.toBe(before.hash);
  return changed;
}

describe("a fingerprint", () => {
  it("is the same for the same definition, and so is the plan's hash", () => {
    expect(moved({})).toEqual([]);
    expect(planWith({}).hash).toBe(planWith({}).hash);
  });

  it("does not move with descriptions, tags, retries, attempt timeouts and concurrency", () => {
    for (const change of [{ description: "second" }, { attempts: 3 }, { timeout: "2m" as "1m" }, { concurrency: 9 }]) {
      expect(moved(change)).toEqual([]);
      expect(planWith(change).hash).toBe(planWith({}).hash);
    }
  });

  it("moves for its own node with output, prompt, model, settings, code, event, schema, wait, key and mode", () => {
    expect(moved({ output: z.object({ a: z.string(), b: z.number() }) })).toEqual(["draft"]);
    expect(moved({ prompt: prompt("Write all about") })).toEqual(["draft"]);
    expect(moved({ model: "scripted:b" })).toEqual(["draft"]);
    expect(moved({ temperature: 1 })).toEqual(["draft"]);
    expect(moved({ run: ({ draft }) => draft.a.length + 1 })).toEqual(["size"]);
    expect(moved({ event: "read" })).toEqual(["gate"]);
    expect(moved({ schema: z.string().min(1) })).toEqual(["gate"]);
    expect(moved({ wait: "2d" as "1d" })).toEqual(["gate"]);
    expect(moved({ key: (item: string) => item.trim() })).toEqual(["items"]);
    expect(moved({ mode: "failFast" })).toEqual(["items"]);
    expect(moved({ topic: z.string().min(2) })).toEqual(["topic"]);
  });

  it("sees source text and not what code closes over", () => {
    expect(moved({ case: (given: number) => given - 1 })).toEqual([]);
  });

  it("of a version moves no node and the plan's hash", () => {
    expect(moved({ version: "2" })).toEqual([]);
    expect(planWith({ version: "2" }).hash).not.toBe(planWith({}).hash);
  });
});

describe("what moves a parent", () => {
  const outer = (inner: number, needs: "a" | "b") =>
    planOf(
      contract("outer", {
        inputs: { a: z.number(), b: z.number() },
        define: (g, { a, b }) =>
          g.compose("part", {
            needs: { x: needs === "a" ? a : b },
            child: (g, { x }) => ({ x, y: g.const("y", inner) }),
          }),
      }).graph,
    );

  it("is any node of its children, and the node a need stands for", () => {
    const fingerprint = (plan: Plan) => plan.byName.get("part")?.fingerprint;
    expect(fingerprint(outer(1, "a"))).toBe(fingerprint(outer(1, "a")));
    expect(fingerprint(outer(2, "a"))).not.toBe(fingerprint(outer(1, "a")));
    expect(fingerprint(outer(1, "b"))).not.toBe(fingerprint(outer(1, "a")));
  });
});

it("hashes are the same in every process and every release: a change here is a change for every waiting run", () => {
  const text = (name: string) => z.string().describe(name);
  const plan = planOf(
    contract("golden", {
      inputs: { topic: text("What about"), langs: z.array(z.string()).default(["en"]) },
      correlate: ["topic"],
      define(g, { topic, langs }) {
        const mode = g.const("mode", { fast: true, steps: [1, 2] });
        const draft = g.llm("draft", { needs: { topic }, prompt: prompt("Write about"), model: "scripted:a", maxOutputTokens: 100 });
        const gate = g.await("gate", {
          event: "decided",
          schema: z.enum(["yes", "no"]),
          show: { draft },
          by: "human",
          timeout: "1h",
          onTimeout: { value: "no" },
        });
        const items = g.collection("items", { over: langs, as: "lang", key: String, with: { gate, mode }, each: (_g, { lang }) => lang });
        return { items, text: g.compose("text", { needs: { items }, child: (_g, { items }) => items }) };
      },
    }).graph,
  );
  expect({ hash: plan.hash, plan: describePlan(plan) }).toMatchInlineSnapshot(`
    {
      "hash": "daa541092a5d1206de34d38c9903f6906cb819d472b02cf4b9714b977a7592d9",
      "plan": {
        "correlate": [
          "topic",
        ],
        "inputs": {
          "langs": {
            "default": [
              "en",
            ],
            "items": {
              "type": "string",
            },
            "type": "array",
          },
          "topic": {
            "description": "What about",
            "type": "string",
          },
        },
        "name": "golden",
        "nodes": {
          "draft": "09b8ffa6aeb579cb7bc327151d6512fbb20cc52d0941c458384b076330d9cf94",
          "gate": "59a18c1f47862c9dde8631bde5b86df8cbb943583f8c8900bed4be5ec06bf2dd",
          "items": "4ea9373aac46b78adf3f0b38e65b0fabd8f88b01ae912a48853ba4b13aecef10",
          "langs": "3d5e3baa38856a3ba7e88eb30286410b60e846b220819f7a715590fad0e754d1",
          "mode": "21fbd564fb8cb10bef6aaa92281b6d96ebf629710e7031fba89591025e6acc6e",
          "text": "9992f678186eccf83f5e59220d0fd90f39605df30c5b08ce8cfc2fe576db5f33",
          "topic": "4e4a52e82e416f54c868c6a985528e377451e045ea44ce3960814b3db377b8af",
        },
        "outputs": {
          "items": "items",
          "text": "text",
        },
        "version": "1",
      },
    }
  `);
});
