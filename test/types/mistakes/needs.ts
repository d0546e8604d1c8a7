// Mistakes in what a node needs and reads.

import { contract } from "kindling";
import { Draft, Inputs } from "./parts.ts";

export const needs = contract("needs", {
  inputs: Inputs,
  // error at `"topik"`: Type '"topik"' is not assignable to type '"channels" | "topic"'. Did you mean '"topic"'?
  correlate: ["topik"],
  // error at `chanels`: Property 'chanels' does not exist on type '{ readonly topic: Node<string>; readonly channels: Node<{ id: string; limit: number; }[]>; }'.
  define(g, { topic, channels, chanels }) {
    // error at `topik`: Cannot find name 'topik'. Did you mean 'topic'?
    const shorthand = g.compute("shorthand", { needs: { topik }, run: () => 1 });
    // error at `topik`: Cannot find name 'topik'. Did you mean 'topic'?
    const aliased = g.compute("aliased", { needs: { topic: topik }, run: ({ topic }) => topic });
    const draft = g.llm("draft", { needs: { topic }, output: Draft, prompt: ({ topic }) => `About ${topic}.` });
    // error at `titel`: Property 'titel' does not exist on type '{ title: string; body: string; }'. Did you mean 'title'?
    const field = g.compute("field", { needs: { draft }, run: ({ draft }) => draft.titel });
    // error at `draft`: Property 'draft' does not exist on type '{ readonly topic: string; }'.
    const undeclared = g.compute("undeclared", { needs: { topic }, run: ({ draft }) => draft });
    // error at `title`: Property 'title' does not exist on type 'Node<{ title: string; body: string; }>'.
    const handle = g.compute("handle", { needs: { topic }, run: () => draft.title });
    // error at `later`: Block-scoped variable 'later' used before its declaration.
    // error at `later`: Variable 'later' is used before being assigned.
    const forward = g.compute("forward", { needs: { later }, run: ({ later }) => later });
    const later = g.compute("later", { needs: { topic }, run: ({ topic }) => topic });
    // error at `topik`: Property 'topik' does not exist on type '{ readonly topic: string; }'.
    const prompt = g.llm("prompt", { needs: { topic }, prompt: ({ topik }) => `About ${topik}.` });
    // error at `titel`: Property 'titel' does not exist on type '{ title: string; body: string; }'. Did you mean 'title'?
    const promptField = g.llm("prompt-field", { needs: { draft }, prompt: ({ draft }) => `About ${draft.titel}.` });
    // error at `topic`: Type 'string' is not assignable to type 'Node<unknown>'.
    const notNode = g.compute("not-node", { needs: { topic: "rain" }, run: ({ topic }) => topic });
    const text = g.llm("text", { needs: { topic }, prompt: ({ topic }) => topic });
    // error at `title`: Property 'title' does not exist on type 'string'.
    const textField = g.compute("text-field", { needs: { text }, run: ({ text }) => text.title });
    // error at `timout`: Object literal may only specify known properties, but 'timout' does not exist in type 'ComputeOptions<{ topic: Node<string>; }, string>'. Did you
    const option = g.compute("option", { needs: { topic }, run: ({ topic }) => topic, timout: "3s" });
    // error at `timeout`: Type '"3 days"' is not assignable to type 'Duration'.
    const duration = g.compute("duration", { needs: { topic }, run: ({ topic }) => topic, timeout: "3 days" });
    // error at `computed`: Property 'computed' does not exist on type 'GraphBuilder'. Did you mean 'compute'?
    const kind = g.computed("kind", { needs: { topic }, run: () => 1 });
    return { shorthand, aliased, field, undeclared, handle, forward, prompt, promptField, later, notNode, textField, option, duration, kind, channels, chanels };
  },
});
