// Mistakes in what is made of many items.

import { contract } from "kindling";
import { Inputs } from "./parts.ts";

export const aggregate = contract("aggregate", {
  inputs: Inputs,
  define(g, { topic, channels }) {
    // error at `sum` #2: Type '"limt"' is not assignable to type 'Of<{ id: string; limit: number; }, number>'. Did you mean '"limit"'?
    const field = g.aggregate("sum", channels, { sum: "limt" });
    // error at `sum` #2: Type '"id"' is not assignable to type 'Of<{ id: string; limit: number; }, number>'.
    const fieldType = g.aggregate("sum", channels, { sum: "id" });
    // error at `min` #2: Type '"id"' is not assignable
    const minType = g.aggregate("min", channels, { min: "id" });
    // error at `limt`: Property 'limt' does not exist on type '{ id: string; limit: number; }'. Did you mean 'limit'?
    const member = g.aggregate("member", channels, { average: (channel) => channel.limt });
    // error at `max` #2: Type '(channel: { id: string; limit: number; }) => string' is not assignable
    const value = g.aggregate("max", channels, { max: (channel) => channel.id });
    // error at `groupCount`: Type '"limit"' is not assignable
    const group = g.aggregate("group", channels, { groupCount: "limit" });
    // error at `count` #3: Type 'string' is not assignable to type 'true | ((item: { id: string; limit: number; }) => boolean)'.
    const count = g.aggregate("count", channels, { count: "id" });
    // error at `summ`: Object literal may only specify known properties, but 'summ' does not exist
    const option = g.aggregate("option", channels, { summ: "limit" });
    // error at `soFar` #2: Type 'string' is not assignable to type 'number'.
    const fold = g.aggregate("fold", channels, { fold: { from: 0, with: (soFar, channel) => soFar + channel.id } });
    // error at `topic`: Argument of type 'Node<string>' is not assignable
    const notList = g.aggregate("not-list", topic, { count: true });
    const average = g.aggregate("average", channels, { average: "limit" });
    // error at `average` #3: 'average' is possibly 'null'.
    const unchecked = g.map("unchecked", average, (average) => average.toFixed());
    const total = g.aggregate("total", channels, { sum: "limit" });
    // error at `trim`: Property 'trim' does not exist on type 'number'.
    const used = g.map("used", total, (total) => total.trim());
    return { field, fieldType, minType, member, value, group, count, option, fold, notList, unchecked, used };
  },
});
