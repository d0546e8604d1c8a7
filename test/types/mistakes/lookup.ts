// Mistakes in reads from outside and in maps.

import { contract } from "kindling";
import { Inputs } from "./parts.ts";

export const lookup = contract("lookup", {
  inputs: Inputs,
  define(g, { topic }) {
    // error at `topik`: Cannot find name 'topik'. Did you mean 'topic'?
    const need = g.lookup("need", { needs: { topic: topik }, run: ({ topic }) => topic });
    // error at `topik`: Property 'topik' does not exist on type '{ readonly topic: string; }'.
    const read = g.lookup("read", { needs: { topic }, run: async ({ topik }) => topik });
    // error at `resorce`: Object literal may only specify known properties, but 'resorce' does not exist in type 'LookupOptions<{ topic: Node<string>; }, number>'.
    const option = g.lookup("option", { needs: { topic }, run: () => 1, resorce: "crm" });
    // error at `retry`: Type 'number' is not assignable to type 'RetryOptions'.
    const tries = g.lookup("tries", { needs: { topic }, run: () => 1, retry: 3 });
    const user = g.lookup("user", { needs: { topic }, run: async ({ topic }) => ({ name: topic }) });
    // error at `nam`: Property 'nam' does not exist on type '{ name: string; }'. Did you mean 'name'?
    const member = g.map("member", user, (user) => user.nam);
    // error at `"user"`: Argument of type 'string' is not assignable to parameter of type 'Node<unknown>'.
    const notNode = g.map("not-node", "user", () => 1);
    // error at `timout`: Object literal may only specify known properties, but 'timout' does not exist in type 'CallOptions'. Did you mean to write 'timeout'?
    const mapOption = g.map("map-option", user, ({ name }) => name, { timout: "1s" });
    return { need, read, option, tries, member, notNode, mapOption };
  },
});
