// Mistakes in what is awaited.

import { contract } from "kindling";
import { Inputs, Review } from "./parts.ts";

export const awaits = contract("awaits", {
  inputs: Inputs,
  define(g, { topic }) {
    // error at `topik`: Cannot find name 'topik'. Did you mean 'topic'?
    const show = g.await("show", { event: "reviewed", schema: Review, show: { topik } });
    // error at `decision`: Type '"aprove"' is not assignable to type '"approve" | "edit" | "reject"'. Did you mean '"approve"'?
    const value = g.await("value", { event: "reviewed", schema: Review, timeout: "1d", onTimeout: { value: { decision: "aprove", body: "" } } });
    // error at `value`: Property 'body' is missing in type '{ decision: "approve"; }' but required in type '{ decision: "approve" | "edit" | "reject"; body: string; }'.
    const missing = g.await("missing", { event: "reviewed", schema: Review, timeout: "1d", onTimeout: { value: { decision: "approve" } } });
    // error at `onTimeout`: Type '"ignore"' is not assignable to type '"fail" | { readonly value: { decision: "approve" | "edit" | "reject"; body: string; }; }'.
    const word = g.await("word", { event: "reviewed", schema: Review, timeout: "1d", onTimeout: "ignore" });
    // error at `by` #3: Type '"person"' is not assignable to type '"human"'.
    const by = g.await("by", { event: "reviewed", schema: Review, by: "person" });
    // error at `assurance` #3: Type '"sure"' is not assignable to type 'Assurance'.
    const assurance = g.await("assurance", { event: "reviewed", schema: Review, by: "human", assurance: "sure" });
    // error at `decision`: Object literal may only specify known properties, and 'decision' does not exist in type 'Schema<unknown>'.
    const schema = g.await("schema", { event: "reviewed", schema: { decision: "string" } });
    // error at `decison`: Property 'decison' does not exist on type '{ decision: "approve" | "edit" | "reject"; body: string; }'. Did you mean 'decision'?
    const field = g.compute("field", { needs: { by }, run: ({ by }) => by.decison });
    return { show, value, missing, word, by, assurance, schema, field };
  },
});
