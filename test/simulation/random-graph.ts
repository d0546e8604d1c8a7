// Random contracts of all kinds, nested, with failures and retries. What a node gives depends on what it reads and on nothing else.

import { contract, ModelError, type AnyContract, type GraphBuilder, type ModelProvider, type Node } from "../../src/index.ts";
import { z } from "zod";
import { digest } from "../host/ledgers.ts";
import { model } from "../host/models.ts";
import type { CodeSpec, NodeSpec } from "./node-spec.ts";
import { textOf, type World } from "./world.ts";

/** A contract made from a specification, over an outside. */
export interface RandomContract {
  readonly contract: AnyContract;
  readonly provider: ModelProvider;
}

/** When the times that contracts name have come. */
export const UNTIL = "2023-12-01T00:00:00.000Z";

/** Builds the contract `random`. */
export function randomContract(spec: readonly NodeSpec[], world: World): RandomContract {
  const made = contract("random", {
    inputs: { seed: z.string(), a: z.number(), list: z.array(z.string()) },
    correlate: ["seed"],
    define: (g, { seed, a, list }) => outputsOf(new Declaring(g, world, [seed, a, list], list).all(spec)),
  });
  return { contract: made, provider: providerOf(world) };
}

function providerOf(world: World): ModelProvider {
  return model((request, { idempotencyKey = "" }) => {
    const path = idempotencyKey.slice(idempotencyKey.indexOf(":") + 1).replace(/#\d+$/, "");
    const asked = request.messages.map(({ content }) => content.map((part) => ("text" in part ? part.text : "")).join("")).join("");
    const [mood = "", fails = ""] = asked.split(" ");
    const { text, isFirst } = world.call(path, { asked });
    if (isBroken(world, path, Number(fails), text)) return forGood();
    return mood === "flaky" && isFirst ? new ModelError("overloaded", "busy", { provider: "scripted", retryable: true }) : digest(text);
  });
}

/** True where the code at a path fails for good. */
function isBroken(world: World, path: string, fails: number, text: string): boolean {
  return world.broken.has(path) || sortOf(text) < fails;
}

/** One of sixteen sorts of a value. */
function sortOf(text: string): number {
  return Number.parseInt(digest(text).slice(0, 1), 16);
}

type Handles = Readonly<Record<string, Node<unknown>>>;

function outputsOf(nodes: readonly Node<unknown>[]): Handles {
  return Object.fromEntries(nodes.map((node, index) => [`o${index}`, node]));
}

/** What a callback is told about its call. */
interface Place {
  readonly path: string;
}

interface Action extends Place {
  readonly idempotencyKey: string;
  readonly attempt: number;
}

const RETRY = { attempts: 4, backoff: 0 };

/** Declares the nodes of one graph, one after the other. */
class Declaring {
  readonly #g: GraphBuilder;
  readonly #world: World;
  readonly #known: Node<unknown>[];
  readonly #list: Node<readonly string[]> | undefined;

  /** @param list the input that is a list, where there is one */
  constructor(g: GraphBuilder, world: World, given: readonly Node<unknown>[], list?: Node<readonly string[]>) {
    this.#g = g;
    this.#world = world;
    this.#known = [...given];
    this.#list = list;
  }

  /** Declares them all. Gives those that can be outputs. */
  all(spec: readonly NodeSpec[]): readonly Node<unknown>[] {
    const given = this.#known.length;
    for (const [index, each] of spec.entries()) this.#known.push(...this.#declared(`${each.kind}${index}`, each));
    return this.#known.slice(given);
  }

  #declared(name: string, spec: NodeSpec): readonly Node<unknown>[] {
    if (spec.kind === "scope") return this.#g.scope(name, (g) => new Declaring(g, this.#world, this.#known, this.#list).all(spec.inside));
    return [spec.kind === "const" ? this.#g.const(name, spec.value) : this.#reading(name, spec)];
  }

  #reading(name: string, spec: Exclude<NodeSpec, { kind: "scope" | "const" }>): Node<unknown> {
    const g = this.#g;
    const needs = this.#handles(spec.needs);
    const after = Object.values(this.#handles(spec.after));
    const common = after.length === 0 ? {} : { after };
    const first = Object.values(needs)[0] ?? g.const(`${name}Need`, 0);
    switch (spec.kind) {
      case "project": {
        const box = g.compute(`${name}Box`, { needs, run: (values, place) => ({ in: [this.#pure(values, place)] }), ...common });
        return g.project(name, box, ["in", 0], { default: "none" });
      }
      case "aggregate": {
        const list = g.map(`${name}List`, first, (value, place) => this.#pure({ value }, place).split(""));
        return g.aggregate(name, list, { count: (letter: string) => letter > "7", ...common });
      }
      case "await":
        return spec.isSilent
          ? g.await(name, { event: "silent", schema: z.string(), show: needs, timeout: "30d", onTimeout: { value: "nobody" }, ...common })
          : g.await(name, { event: "answered", schema: z.string(), show: needs, ...common });
      case "sleep": {
        if (spec.isUntil) return g.sleep(name, { until: g.map(`${name}Time`, first, () => UNTIL), ...common });
        // When it began depends on time: what follows shall not.
        const slept = g.sleep(`${name}For`, { needs, for: () => "1d" as const, ...common });
        return g.compute(name, { needs: { ...needs, slept }, run: ({ slept: _slept, ...values }, place) => this.#pure(values, place) });
      }
      case "branch":
        if (spec.isMatched)
          return g.branch(name, {
            needs,
            on: (values) => sortOf(textOf(values)),
            cases: { low: { when: { max: 7 }, run: this.#inside(spec.even) } },
            default: this.#inside(spec.odd),
            ...common,
          });
        return g.branch(name, {
          needs,
          on: (values) => (sortOf(textOf(values)) % 2 === 0 ? "even" : "odd"),
          cases: { even: this.#inside(spec.even), odd: this.#inside(spec.odd) },
          ...common,
        });
      case "compose":
        return g.compose(name, { needs, child: this.#inside(spec.child), ...common });
      case "repeat":
        return this.#repeat(name, spec, first, common);
      case "collection":
        return this.#collection(name, spec, needs, common);
      default:
        return this.#code(name, spec, needs, first, common);
    }
  }

  #code(
    name: string,
    spec: CodeSpec,
    needs: Handles,
    first: Node<unknown>,
    common: { readonly after?: readonly Node<unknown>[] },
  ): Node<unknown> {
    const g = this.#g;
    const options = { needs, retry: RETRY, ...common };
    const slow = async (values: object, { path }: Place): Promise<string> => {
      await this.#world.pause(path);
      return this.#give(spec, values, path);
    };
    switch (spec.kind) {
      case "compute":
        return spec.isAsync
          ? g.compute(name, { ...options, timeout: "3650d", run: slow })
          : g.compute(name, { ...options, run: (values, { path }) => this.#give(spec, values, path) });
      case "map":
        return g.map(name, first, (value, { path }) => this.#give(spec, { value }, path), common);
      case "lookup":
        return g.lookup(name, { ...options, run: slow });
      case "ask": {
        const mood = `${spec.isFlaky ? "flaky" : "steady"} ${spec.fails}`;
        return g.llm(name, { ...options, prompt: (values) => `${mood} ${textOf(values)}`, model: "scripted:x" });
      }
      case "guard": {
        if (spec.isAsync) return g.guard(name, { needs, check: (values, { path }) => !this.#isFailing(spec, values, path), ...common });
        const sort = g.map(`${name}Sort`, first, (value) => sortOf(textOf({ value })));
        return g.guard(name, { needs: { sort }, where: { sort: { max: 15 - spec.fails } }, ...common });
      }
      case "effect":
        return this.#effect(name, spec, options);
    }
  }

  #effect(name: string, spec: CodeSpec, options: { readonly needs: Handles }): Node<unknown> {
    const world = this.#world;
    const run = async (values: object, { path, idempotencyKey, attempt }: Action): Promise<string> => {
      await world.pause(path);
      const isFirst = !world.acts.has(idempotencyKey);
      const { text, isFirst: isFirstTry } = world.call(path, values);
      if (isBroken(world, path, spec.fails, text)) throw forGood();
      // A failed try of what can be taken back has done nothing: nobody could take back what it may have done.
      if (spec.isFlaky && spec.isAsync && isFirst && isFirstTry) throw new Error("meant to fail once");
      const value = world.act({ key: idempotencyKey, path, value: digest(text), canTakeBack: spec.isAsync, attempt });
      // It has happened, and whoever asked does not hear of it.
      if (spec.isFlaky && !spec.isAsync && isFirst) throw new Error("not heard");
      return value;
    };
    if (!spec.isAsync) return this.#g.effect(name, { ...options, run });
    const compensate = async (_value: unknown, _values: object, { path, idempotencyKey }: Action) => {
      await world.pause(path);
      world.takeBack(idempotencyKey.replace(/:compensate$/, ""));
    };
    return this.#g.effect(name, { ...options, run, compensate });
  }

  #repeat(
    name: string,
    spec: Extract<NodeSpec, { kind: "repeat" }>,
    first: Node<unknown>,
    common: { readonly after?: readonly Node<unknown>[] },
  ): Node<unknown> {
    const g = this.#g;
    const from = g.map(`${name}From`, first, (value, place) => this.#pure({ value }, place));
    return g.repeat(name, {
      from,
      as: "before",
      child: (inner, handles) => {
        const { before } = handles;
        const needs = outputsOf([before, ...new Declaring(inner, this.#world, [before]).all(spec.child)]);
        return inner.compute("last", { needs, run: (values, place) => this.#pure(values, place) });
      },
      until: (outcome) => sortOf(outcome) < 5,
      max: spec.rounds,
      onMax: "take",
      ...common,
    });
  }

  #collection(
    name: string,
    spec: Extract<NodeSpec, { kind: "collection" }>,
    needs: Handles,
    common: { readonly after?: readonly Node<unknown>[] },
  ): Node<unknown> {
    const g = this.#g;
    const own = () =>
      g.compute(`${name}List`, {
        needs,
        run: (values): readonly string[] => {
          const text = textOf(values);
          // Of its items some are always the same, and how many there are depends on what it reads.
          const count = Math.max(0, spec.items - (sortOf(text) % 2));
          return Array.from({ length: count }, (_, index) => `${index}-${index % 2 === 0 ? "" : digest(text)}`);
        },
      });
    return g.collection(name, {
      over: spec.isOverInput && this.#list !== undefined ? this.#list : own(),
      as: "item",
      key: (item) => item.slice(0, item.indexOf("-")),
      concurrency: spec.concurrency,
      mode: spec.isFailFast ? "failFast" : "collect",
      each: (inner, { item }) => this.#inside(spec.each)(inner, { item }),
      ...common,
    });
  }

  #inside(child: readonly NodeSpec[]): (g: GraphBuilder, handles: Handles) => Handles {
    return (g, handles) => outputsOf(new Declaring(g, this.#world, Object.values(handles)).all(child));
  }

  #handles(numbers: readonly number[]): Handles {
    const handles: Record<string, Node<unknown>> = {};
    for (const number of numbers) {
      const index = number % this.#known.length;
      const handle = this.#known[index];
      if (handle !== undefined) handles[`n${index}`] = handle;
    }
    return handles;
  }

  /** Code that fails as its specification says. */
  #give(spec: CodeSpec, values: object, path: string): string {
    const { text, isFirst } = this.#world.call(path, values);
    if (isBroken(this.#world, path, spec.fails, text)) throw forGood();
    if (spec.isFlaky && isFirst) throw new Error("meant to fail once");
    return digest(text);
  }

  #isFailing(spec: CodeSpec, values: object, path: string): boolean {
    return isBroken(this.#world, path, spec.fails, this.#world.call(path, values).text);
  }

  #pure(values: object, { path }: Place): string {
    return digest(this.#world.call(path, values).text);
  }
}

/** An error that no further try helps. */
function forGood(): ModelError {
  return new ModelError("refused", "meant to fail", { provider: "scripted", retryable: false });
}
