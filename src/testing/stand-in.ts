// A graph in which somebody stands in for the world: every call that would touch it is answered by a stand-in, and everything that only computes runs as it
// is. It asks for no node kind: a kind has said itself whether its code is outside, and whether it talks with a model.

import { overriddenGraph } from "../compile/override.ts";
import type { Behaviour, Graph, InputDefinition, NodeDefinition } from "../graph/graph.ts";
import type { ModelAccess } from "../graph/model-access.ts";
import type { AskedChildren, Call, CallContext, Children, NeedValues, Work } from "../graph/work.ts";
import type { JsonObject } from "../json.ts";
import type { Schema } from "../schema.ts";

/** Who answers in place of the world. */
export interface StandIn {
  /** The models that a conversation asks. */
  models(context: CallContext): ModelAccess;
  /** What a call of a model is reserved with. */
  reserve(context: CallContext): CallContext["reserve"];
  /** A conversation begins whose prompt is kept elsewhere: afterwards it is a fact, or is looked for there. */
  prompt(context: CallContext): Promise<void>;
  /** What a call would have given. `acts` is true for one that changes something outside; `real` would make the call. */
  outside(needs: NeedValues, context: CallContext, call: { readonly acts: boolean; readonly real: () => unknown }): Promise<unknown>;
  /** The value that a node was given in place of its own work; undefined when it does its work. */
  given(path: string): { readonly value: unknown } | undefined;
  /** What taking back would have given. */
  takeBack(context: CallContext): Promise<unknown>;
  /** Code that only computes is at work, and takes its time. */
  computing<T>(work: Promise<T>): Promise<T>;
}

/** The graph with a stand-in for the world. Nothing starts by itself in it, and nothing follows on its end. */
export function withStandIn(graph: Graph, standIn: StandIn, overrides: JsonObject = {}): Graph {
  const root = replaced(overriddenGraph(graph, overrides), standIn);
  return Object.freeze({
    ...root,
    inputs: root.inputs.map(asRecorded),
    schedule: undefined,
    start: undefined,
    early: undefined,
    exits: {},
  });
}

function replaced(graph: Graph, standIn: StandIn): Graph {
  const nodes = graph.nodes.map((node): NodeDefinition => ({ ...node, behaviour: { ...node.behaviour, work: workOf(node, standIn) } }));
  return Object.freeze({ ...graph, nodes: Object.freeze(nodes) });
}

/** Recorded inputs were checked when the run was started, and what a schema made of them need not fit it again. */
function asRecorded(input: InputDefinition): InputDefinition {
  const { schema } = input;
  const validate: Schema["~standard"]["validate"] = (value) => (value === undefined ? schema["~standard"].validate(value) : { value });
  return { ...input, schema: { "~standard": { ...schema["~standard"], validate } } };
}

function workOf({ behaviour }: NodeDefinition, standIn: StandIn): Work {
  const { work } = behaviour;
  // What answered it is delivered to it.
  if (work.type === "wait" && work.on !== undefined) return { ...work, on: undefined };
  if (work.type === "call") return callIn(behaviour, work, standIn);
  if (work.type !== "children") return work;
  const parts = Object.fromEntries(Object.entries(work.parts).map(([part, graph]) => [part, replaced(graph, standIn)]));
  return isAsked(work) ? { ...work, parts, list: callIn(behaviour, work.list, standIn) } : { ...work, parts };
}

function isAsked(work: Children): work is AskedChildren {
  return typeof work.list === "object";
}

function callIn({ forecast, prompt }: Behaviour, { assertReady: _ready, ...call }: Call, standIn: StandIn): Call {
  const speaks = forecast?.type === "model";
  const isElsewhere = prompt?.resolve !== undefined;
  const run = (needs: NeedValues, context: CallContext): unknown => {
    const given = standIn.given(context.path);
    if (given !== undefined) return given.value;
    if (speaks && isElsewhere) return standIn.prompt(context).then(() => call.run(needs, speaking(context, standIn)));
    if (speaks) return call.run(needs, speaking(context, standIn));
    if (call.outside) return standIn.outside(needs, context, { acts: call.patient === true, real: () => call.run(needs, context) });
    const value = call.run(needs, context);
    return value instanceof Promise ? standIn.computing(value) : value;
  };
  return call.compensate === undefined
    ? { ...call, run }
    : { ...call, run, compensate: (_needs, _value, context) => standIn.takeBack(context) };
}

/** The same context in everything but the models and what they are reserved with. */
function speaking(context: CallContext, standIn: StandIn): CallContext {
  const models = { value: standIn.models(context), enumerable: true };
  return Object.create(context, { models, reserve: { value: standIn.reserve(context), enumerable: true } }) as CallContext;
}
