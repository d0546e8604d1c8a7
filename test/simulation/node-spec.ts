// Specifications of random graphs: plain data, so that a graph that breaks a rule shrinks to a small one. They know nothing of contracts.

import { fc } from "../fast-check.ts";

/** Which nodes before it a node reads, and which it only waits for; numbers are taken modulo how many there are. */
interface Reading {
  readonly needs: readonly number[];
  readonly after: readonly number[];
}

/** Code that an author wrote. */
export interface CodeSpec extends Reading {
  readonly kind: "compute" | "map" | "lookup" | "ask" | "guard" | "effect";
  /** Of the sixteen sorts of values it may read, at how many it fails. */
  readonly fails: number;
  /** Fails the first time that it reads something. */
  readonly isFlaky: boolean;
  /** A compute that takes its time; a guard with a function; an effect that can be taken back. */
  readonly isAsync: boolean;
}

/** One node of a random graph. */
export type NodeSpec =
  | { readonly kind: "const"; readonly value: number }
  | CodeSpec
  | (Reading & { readonly kind: "project" | "aggregate" })
  | (Reading & { readonly kind: "await"; readonly isSilent: boolean })
  | (Reading & { readonly kind: "sleep"; readonly isUntil: boolean })
  /** Chooses by a name, or by a condition and a default. */
  | (Reading & {
      readonly kind: "branch";
      readonly isMatched: boolean;
      readonly even: readonly NodeSpec[];
      readonly odd: readonly NodeSpec[];
    })
  | (Reading & {
      readonly kind: "collection";
      readonly items: number;
      readonly concurrency: number;
      readonly isFailFast: boolean;
      /** Its items are those of the input that is a list. */
      readonly isOverInput: boolean;
      readonly each: readonly NodeSpec[];
    })
  | (Reading & { readonly kind: "compose"; readonly child: readonly NodeSpec[] })
  | (Reading & { readonly kind: "repeat"; readonly rounds: number; readonly child: readonly NodeSpec[] })
  | { readonly kind: "scope"; readonly inside: readonly NodeSpec[] };

export type Kind = NodeSpec["kind"];

/** Kinds with children, and scopes. */
export const NESTED = ["scope", "compose", "branch", "repeat", "collection"] satisfies Kind[];

/** What a random graph may hold. */
export interface GraphOptions {
  /** Kinds that it never has. */
  readonly without?: readonly Kind[];
  /** In how many of a hundred pieces of code something fails for good. */
  readonly failuresPercent?: number;
  /** Collections never collect failures. */
  readonly isFailFast?: boolean;
  /** Nothing fails the first time. */
  readonly isSteady?: boolean;
  /** Effects stay done. */
  readonly isForGood?: boolean;
}

const needs = fc.array(fc.nat(20), { minLength: 1, maxLength: 3 });
const after = fc.oneof(
  { weight: 4, arbitrary: fc.constant<number[]>([]) },
  { weight: 1, arbitrary: fc.array(fc.nat(20), { maxLength: 2 }) },
);
const reading = { needs, after };

/** Specifications of whole graphs. */
export function graphSpec({
  without = [],
  failuresPercent = 5,
  isFailFast = false,
  isForGood = false,
  isSteady = false,
}: GraphOptions = {}): fc.Arbitrary<readonly NodeSpec[]> {
  const fails = fc
    .tuple(fc.integer({ min: 0, max: 99 }), fc.constantFrom(16, 8, 4))
    .map(([chance, sorts]) => (chance > 0 && chance <= failuresPercent ? sorts : 0));
  const code = (kind: CodeSpec["kind"], flakyPercent: number): fc.Arbitrary<NodeSpec> =>
    fc.record({
      kind: fc.constant(kind),
      ...reading,
      fails,
      isFlaky: isSteady ? fc.constant(false) : fc.integer({ min: 0, max: 99 }).map((chance) => chance > 99 - flakyPercent),
      isAsync: kind === "effect" && isForGood ? fc.constant(false) : fc.boolean(),
    });
  const { graph } = fc.letrec<{ graph: NodeSpec[]; node: NodeSpec; inner: NodeSpec[] }>((tie) => {
    const kinds: { readonly [K in Kind]: fc.Arbitrary<NodeSpec> } = {
      compute: code("compute", 20),
      const: fc.record({ kind: fc.constant("const" as const), value: fc.nat(3) }),
      map: code("map", 0),
      lookup: code("lookup", 30),
      ask: code("ask", 30),
      guard: code("guard", 0),
      effect: code("effect", 30),
      project: fc.record({ kind: fc.constant("project" as const), ...reading }),
      aggregate: fc.record({ kind: fc.constant("aggregate" as const), ...reading }),
      await: fc.record({
        kind: fc.constant("await" as const),
        ...reading,
        isSilent: fc.integer({ min: 0, max: 4 }).map((chance) => chance === 4),
      }),
      sleep: fc.record({ kind: fc.constant("sleep" as const), ...reading, isUntil: fc.boolean() }),
      scope: fc.record({ kind: fc.constant("scope" as const), inside: tie("inner") }),
      compose: fc.record({ kind: fc.constant("compose" as const), ...reading, child: tie("inner") }),
      branch: fc.record({
        kind: fc.constant("branch" as const),
        ...reading,
        isMatched: fc.boolean(),
        even: tie("inner"),
        odd: tie("inner"),
      }),
      repeat: fc.record({ kind: fc.constant("repeat" as const), ...reading, rounds: fc.integer({ min: 1, max: 3 }), child: tie("inner") }),
      collection: fc.record({
        kind: fc.constant("collection" as const),
        ...reading,
        items: fc.nat(3),
        concurrency: fc.integer({ min: 1, max: 3 }),
        isFailFast: isFailFast ? fc.constant(true) : fc.boolean(),
        isOverInput: fc.boolean(),
        each: tie("inner"),
      }),
    };
    const all = Object.entries(kinds).filter(([kind]) => !without.some((each) => each === kind));
    const leaves = all.filter(([kind]) => !NESTED.some((each) => each === kind)).map(([, each]) => each);
    return {
      graph: fc.array(tie("node"), { minLength: 1, maxLength: 5 }),
      inner: fc.array(tie("node"), { minLength: 1, maxLength: 3 }),
      node: fc.oneof(
        { maxDepth: 3, depthIdentifier: "nesting", depthSize: "small", withCrossShrink: true },
        fc.oneof({ withCrossShrink: true }, ...leaves),
        ...all.map(([, each]) => each),
      ),
    };
  });
  return graph;
}

/** Everything in a graph, also inside children. */
export function* nodesIn(spec: readonly NodeSpec[]): Generator<NodeSpec> {
  for (const node of spec) {
    yield node;
    if (node.kind === "branch") yield* nodesIn([...node.even, ...node.odd]);
    if (node.kind === "collection") yield* nodesIn(node.each);
    if (node.kind === "compose" || node.kind === "repeat") yield* nodesIn(node.child);
    if (node.kind === "scope") yield* nodesIn(node.inside);
  }
}
