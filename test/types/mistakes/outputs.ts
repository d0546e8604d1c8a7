// Mistakes in what a contract gives, and in its inputs.

import { contract } from "kindling";
import { z } from "zod";
import { Inputs } from "./parts.ts";

// error at `literal` #3: Type 'string' is not assignable to type 'Node<unknown>'.
export const literal = contract("literal", { inputs: Inputs, define: (g, { topic }) => ({ topic, literal: "x" }) });
// error at `topik`: Cannot find name 'topik'. Did you mean 'topic'?
export const misspelt = contract("misspelt", { inputs: Inputs, define: (g, { topic }) => ({ topic: topik }) });
// error at `define`: Type '(g: GraphBuilder, { topic }: { readonly topic: Node<string>; readonly channels: Node<{ id: string; limit: number; }[]>; }) => void' is not
export const nothing = contract("nothing", { inputs: Inputs, define(g, { topic }) { g.const("x", topic.name); } });
// error at `define`: Type '(g: GraphBuilder, { topic }: { readonly topic: Node<string>; readonly channels: Node<{ id: string; limit: number; }[]>; }) => Promise<{ topic:
export const promise = contract("promise", { inputs: Inputs, async define(g, { topic }) { return { topic }; } });
// error at `topic`: Type 'string' is not assignable to type 'Schema<unknown>'.
// error at `topic` #3: Type 'Node<unknown> | undefined' is not assignable to type 'Node<unknown>'.
export const input = contract("input", { inputs: { topic: "string" }, define: (g, { topic }) => ({ topic }) });
// error at `corelate`: Object literal may only specify known properties, but 'corelate' does not exist in type 'ContractOptions<{ readonly topic: ZodString; }, { topic:
export const option = contract("option", { inputs: { topic: z.string() }, corelate: ["topic"], define: (g, { topic }) => ({ topic }) });
