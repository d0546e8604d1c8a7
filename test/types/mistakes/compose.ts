// Mistakes in a composed child.

import { contract } from "kindling";
import { channelPost, Inputs } from "./parts.ts";

export const compose = contract("compose", {
  inputs: Inputs,
  define(g, { topic, channels }) {
    const first = g.compute("first", { needs: { channels }, run: ({ channels }) => channels[0] ?? { id: "none", limit: 1 } });
    // error at `needs`: Property 'text' is missing in type '{ channel: Node<{ id: string; limit: number; }>; }' but required in type '{ readonly channel: Node<{ id: string;
    const missing = g.compose("missing", { needs: { channel: first }, child: channelPost });
    // error at `chanel`: Object literal may only specify known properties, but 'chanel' does not exist in type '{ readonly channel: Node<{ id: string; limit: number; }>;
    const misspelt = g.compose("misspelt", { needs: { chanel: first, text: topic }, child: channelPost });
    // error at `text`: Type 'Node<{ id: string; limit: number; }>' is not assignable to type 'Node<string>'.
    const wrongType = g.compose("wrong-type", { needs: { channel: first, text: first }, child: channelPost });
    // error at `frist`: Property 'frist' does not exist on type '{ first: Node<{ id: string; limit: number; }>; }'.
    const inline = g.compose("inline", { needs: { first }, child: (g, { frist }) => frist });
    const inlineField = g.compose("inline-field", {
      needs: { first },
      // error at `ide`: Property 'ide' does not exist on type '{ id: string; limit: number; }'.
      child: (g, { first }) => ({ id: g.compute("id", { needs: { first }, run: ({ first }) => first.ide }) }),
    });
    const right = g.compose("right", { needs: { channel: first, text: topic }, child: channelPost });
    // error at `pots`: Property 'pots' does not exist on type '{ readonly post: string; }'.
    const output = g.compute("output", { needs: { right }, run: ({ right }) => right.pots });
    // error at `pots`: Property 'pots' does not exist on type '{ readonly post: Node<string>; }'.
    const part = right.output.pots;
    const named = g.compose("named", { needs: { first }, child: (_g, { first }) => ({ first }) });
    // error at `frist`: Property 'frist' does not exist on type '{ first: Node<{ id: string; limit: number; }>; }'. Did you mean 'first'?
    const inlinePart = named.output.frist;
    const single = g.compose("single", { needs: { first }, child: (_g, { first }) => first });
    // error at `id`: Property 'id' does not exist on type '{}'.
    const noPart = single.output.id;
    // error at `right`: Type '{ readonly post: Node<string>; }' is missing the following properties from type 'Node<unknown>'
    const whole = g.compute("whole", { needs: { right: right.output }, run: () => 1 });
    const partType = g.compute("part-type", {
      needs: { post: right.output.post },
      // error at `toFixed`: Property 'toFixed' does not exist on type 'string'.
      run: ({ post }) => post.toFixed(),
    });
    return { part, inlinePart, noPart, whole, partType, missing, misspelt, wrongType, inline, inlineField, output };
  },
});
