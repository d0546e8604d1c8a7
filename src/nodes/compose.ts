// Runs one child: a contract used inside another, or a group of nodes that is one thing.

import type { AnyContract, Contract } from "../graph/contract.ts";
import type { Needs, Node } from "../graph/node.ts";
import { reviveCollections } from "./collection-result.ts";
import { onlyValue } from "./branch.ts";
import { NEEDS, optional, type KindForm } from "./form.ts";
import type { GraphBuilder } from "./index.ts";
import { checkChildInputs, type ChildValue, type InputsOf } from "./child.ts";
import { childOutputs } from "./child-outputs.ts";
import { project } from "./project.ts";
import { namesOf, type CommonOptions, type NodeKind, givesOf, RUNS_NO_CODE } from "./kind.ts";

/** The needs, which must be the inputs of a contract. */
type NeedsFor<In, N> = In extends undefined ? N : { readonly [P in keyof In]: Node<In[P]> };

export interface ComposeOptions<N extends Needs, C extends Composed<N>> extends CommonOptions {
  readonly needs: NeedsFor<InputsOf<C>, N>;
  readonly child: C;
}

/** What runs: an inline definition, or a contract, whose inputs the needs are then measured by. */
export type Composed<N extends Needs> = ((g: GraphBuilder, needs: N) => Node<unknown> | Needs) | AnyContract;

/** The node of a child. Its value is what the child gives; `output` has a handle for each of the outputs. */
export interface ComposedNode<C> extends Node<ChildValue<C>> {
  readonly output: OutputHandles<C>;
}

/** The outputs of a child as handles. A child that gives one value has none: its node is that value. */
type OutputHandles<C> = C extends (...args: never[]) => infer R
  ? R extends Node<unknown>
    ? {}
    : R
  : C extends Contract<never, infer Out>
    ? Out extends Readonly<Record<string, unknown>>
      ? { readonly [P in keyof Out]: Node<Out[P]> }
      : {}
    : never;

export interface ComposeMethods {
  /**
   * Runs a child with the needs as its inputs; its outputs are the node's value, and each is a node of its own when it is read:
   * `pricing.output.total`.
   */
  compose<N extends Needs, C extends Composed<N>>(name: string, options: ComposeOptions<N, C>): ComposedNode<C>;
}

const PART = "child";

export const compose: NodeKind<ComposeMethods> = {
  kind: "compose",
  methods: (builder) => ({
    compose: (name, options) => {
      const given = namesOf(options.needs);
      const graph = builder.child(name, PART, options.child, given);
      const parts = project.methods({ ...builder, declare: (declaration) => builder.declare({ ...declaration, under: name }) });
      const { output, check, made } = childOutputs(graph.outputs, {
        node: () => node,
        make: (local) => parts.project(local, node, [local]),
      });
      // A child's outputs by name are a record; of one that gives a single value nothing is projected.
      const node = builder.declare<Readonly<Record<string, unknown>>>({
        kind: "compose",
        name,
        needs: options.needs,
        options,
        behaviour: {
          work: {
            type: "children",
            parts: { [PART]: graph },
            list: () => ({ part: PART, keys: [""] }),
            inputs: (needs) => needs,
            correlation: () => ({}),
            concurrency: 1,
            failFast: true,
            outcome: onlyValue,
          },
          detail: {},
          picture: { shape: "part", lines: [] },
          ...RUNS_NO_CODE,
          ...givesOf(graph),
          check: () => [...checkChildInputs(PART, graph, given, { exact: true }), ...check()],
          revive: reviveCollections,
          declared: () => ({ ...options, child: graph, outputs: made() }),
        },
        members: { output },
      });
      // The child's own types say what the node and its outputs hold; handles carry that and nothing at run time.
      return node as unknown as ComposedNode<typeof options.child>;
    },
  }),
};

type ComposeDeclared = ComposeOptions<Needs, AnyContract> & { readonly outputs?: readonly string[] };

export const composeForm: KindForm = {
  about: "Runs one child with the needs as its inputs; its outputs can be named as nodes: pricing.total.",
  options: {
    needs: NEEDS,
    child: { type: "child" },
    outputs: optional({
      type: "list",
      of: { type: "text" },
      about: "Outputs that are nodes of their own though no other node names them.",
    }),
  },
  given: ["needs"],
  hasOutputs: true,
  declare: (g, name, { outputs = [], ...options }: ComposeDeclared) => {
    const node = g.compose(name, options);
    const handles: Readonly<Record<string, unknown>> = node.output;
    // An output is a node once it is read.
    for (const output of outputs) void handles[output];
    return node;
  },
};
