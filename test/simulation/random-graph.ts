// Random contracts: nested, sync and async, with calls to the outside, awaits, failures and retries. What a node gives depends on its needs only.

import fc from "fast-check";
import { contract, ModelError, type AnyContract, type GraphBuilder, type JsonValue, type Node } from "../../src/index.ts";
import { canonicalJson, toJson } from "../../src/json.ts";
import { z } from "zod";
import { digest } from "../host/ledgers.ts";
import { model, type AskedModel } from "../host/models.ts";

/** One node of a random graph. Its needs are chosen among the nodes before it. */
export type NodeSpec =
  | { readonly kind: "compute"; readonly needs: readonly number[]; readonly isAsync: boolean; readonly fails: boolean }
  | { readonly kind: "ask"; readonly needs: readonly number[]; readonly isFlaky: boolean }
  | { readonly kind: "await"; readonly needs: readonly number[] }
  | { readonly kind: "branch"; readonly needs: readonly number[]; readonly even: readonly NodeSpec[]; readonly odd: readonly NodeSpec[] }
  | {
      readonly kind: "collection";
      readonly needs: readonly number[];
      readonly items: number;
      readonly concurrency: number;
      readonly each: readonly NodeSpec[];
    }
  | { readonly kind: "compose"; readonly needs: readonly number[]; readonly child: readonly NodeSpec[] };

const needs = fc.array(fc.nat(20), { minLength: 1, maxLength: 3 });

const { graph } = fc.letrec<{ graph: NodeSpec[]; node: NodeSpec; inner: NodeSpec[] }>((tie) => ({
  graph: fc.array(tie("node"), { minLength: 1, maxLength: 5 }),
  inner: fc.array(tie("node"), { minLength: 1, maxLength: 3 }),
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.record({
      kind: fc.constant("compute" as const),
      needs,
      isAsync: fc.boolean(),
      fails: fc.integer({ min: 0, max: 19 }).map((chance) => chance === 0),
    }),
    fc.record({ kind: fc.constant("ask" as const), needs, isFlaky: fc.boolean() }),
    fc.record({ kind: fc.constant("await" as const), needs }),
    fc.record({ kind: fc.constant("branch" as const), needs, even: tie("inner"), odd: tie("inner") }),
    fc.record({
      kind: fc.constant("collection" as const),
      needs,
      items: fc.nat(3),
      concurrency: fc.integer({ min: 1, max: 3 }),
      each: tie("inner"),
    }),
    fc.record({ kind: fc.constant("compose" as const), needs, child: tie("inner") }),
  ),
}));

/** Specifications of whole graphs. */
export const graphSpec: fc.Arbitrary<readonly NodeSpec[]> = graph;

/** A contract made from a specification, with a count of what its callbacks did. */
export interface RandomContract {
  readonly contract: AnyContract;
  readonly provider: AskedModel;
  /** Paths of computes and model calls in the order they ran. */
  readonly ran: string[];
}

/** Builds the contract `random`; each call has counters of its own, as a new process would. */
export function randomContract(spec: readonly NodeSpec[]): RandomContract {
  const ran: string[] = [];
  const provider = model((request, { idempotencyKey = "" }) => {
    const path = idempotencyKey.slice(idempotencyKey.indexOf(":") + 1);
    ran.push(path);
    const text = canonicalJson(request.messages.map(({ content }) => content.map((part) => ("text" in part ? part.text : ""))));
    const isFirst = ran.filter((each) => each === path).length === 1;
    return text.includes("flaky") && isFirst
      ? new ModelError("overloaded", "busy", { provider: "scripted", retryable: true })
      : digest(text);
  });
  const made = contract("random", {
    inputs: { seed: z.string() },
    correlate: ["seed"],
    define: (g, { seed }) => Object.fromEntries(declareAll(g, spec, [seed], ran).map((node) => [node.name, node])),
  });
  return { contract: made, provider, ran };
}

function declareAll(g: GraphBuilder, spec: readonly NodeSpec[], given: readonly Node<unknown>[], ran: string[]): Node<unknown>[] {
  const known = [...given];
  for (const [index, each] of spec.entries()) known.push(declareOne(g, `${each.kind}${index}`, each, known, ran));
  return known.slice(given.length);
}

function declareOne(g: GraphBuilder, name: string, spec: NodeSpec, known: readonly Node<unknown>[], ran: string[]): Node<unknown> {
  const needs: Record<string, Node<unknown>> = {};
  for (const need of spec.needs) {
    const handle = known[need % known.length];
    if (handle !== undefined) needs[`n${need % known.length}`] = handle;
  }
  const inside = (child: readonly NodeSpec[]) => (inner: GraphBuilder, handles: Readonly<Record<string, Node<unknown>>>) => {
    const nodes = declareAll(inner, child, Object.values(handles), ran);
    return Object.fromEntries(nodes.map((node) => [node.name, node]));
  };
  switch (spec.kind) {
    case "compute": {
      const give = (values: object, path: string) => {
        ran.push(path);
        if (spec.fails) throw new Error("meant to fail");
        return digest(textOf(values));
      };
      if (!spec.isAsync) return g.compute(name, { needs, run: (values, { path }) => give(values, path) });
      return g.compute(name, {
        needs,
        run: async (values, { path }) => {
          await new Promise((resolve) => setImmediate(resolve));
          return give(values, path);
        },
      });
    }
    case "ask":
      return g.llm(name, {
        needs,
        prompt: (values) => `${spec.isFlaky ? "flaky" : "steady"} ${textOf(values)}`,
        model: "scripted:x",
        retry: { attempts: 3, backoff: 0 },
      });
    case "await":
      return g.await(name, { event: "answered", schema: z.string(), show: needs });
    case "branch":
      return g.branch(name, {
        needs,
        on: (values) => (Number.parseInt(digest(textOf(values)), 16) % 2 === 0 ? "even" : "odd"),
        cases: { even: inside(spec.even), odd: inside(spec.odd) },
      });
    case "compose":
      return g.compose(name, { needs, child: inside(spec.child) });
    case "collection": {
      const list = g.compute(`${name}List`, {
        needs,
        run: (values) => Array.from({ length: spec.items }, (_, index) => `${index}-${digest(textOf(values))}`),
      });
      return g.collection(name, {
        over: list,
        as: "item",
        key: (item) => item.slice(0, 1),
        concurrency: spec.concurrency,
        each: (inner, { item }) => inside(spec.each)(inner, { item }),
      });
    }
  }
}

function textOf(values: object): string {
  // A collection's result reads as what was recorded of it; which of several failures came first in an item depends on time.
  const plain = JSON.stringify(values, (key, value: unknown) => (key === "error" ? "failed" : value));
  const json = toJson(JSON.parse(plain) as JsonValue);
  return json.ok ? canonicalJson(json.value) : "not JSON";
}
