// Mistakes in the path to a part of a value.

import { contract } from "kindling";
import { z } from "zod";
import { Inputs } from "./parts.ts";

const Customer = z.object({ name: z.string(), address: z.object({ city: z.string(), zip: z.string() }).nullable(), pair: z.tuple([z.string(), z.number()]) });

export const project = contract("project", {
  inputs: { ...Inputs, customer: Customer },
  define(g, { topic, channels, customer }) {
    // error at `"nam"`: Argument of type '"nam"' is not assignable to parameter of type '"address" | "name" | "pair" | readonly
    const key = g.project("key", customer, "nam");
    // error at `"adress"`: Type '"adress"' is not assignable to type '"address" | "name" | "pair"'. Did you mean '"address"'?
    const first = g.project("first", customer, ["adress", "city"]);
    // error at `"cty"`: Type '"cty"' is not assignable to type '"city" | "zip"'. Did you mean '"city"'?
    const second = g.project("second", customer, ["address", "cty"]);
    // error at `"id"`: Type 'string' is not assignable to type 'number'.
    const listKey = g.project("list-key", channels, ["id"]);
    // error at `"limt"`: Type '"limt"' is not assignable to type '"id" | "limit"'. Did you mean '"limit"'?
    const item = g.project("item", channels, [0, "limt"]);
    // error at `2`: Type '2' is not assignable to type '0 | 1'.
    const tuple = g.project("tuple", customer, ["pair", 2]);
    // error at `"length"`: Argument of type 'string' is not assignable to parameter of type 'readonly [never
    const scalar = g.project("scalar", topic, "length");
    // error at `"length"`: Type 'string' is not assignable to type 'never'.
    const tooDeep = g.project("too-deep", customer, ["name", "length"]);
    // error at `[]`: Argument of type '[]' is not assignable
    const empty = g.project("empty", customer, []);
    // error at `defalt`: Object literal may only specify known properties, but 'defalt' does not exist in type 'ProjectOptions<never>'. Did you mean to write 'default'?
    const option = g.project("option", customer, "name", { defalt: "" });
    const city = g.project("city", customer, ["address", "city"]);
    // error at `toFixed`: Property 'toFixed' does not exist on type 'string'.
    const used = g.map("used", city, (city) => city.toFixed());
    const orNull = g.project("or-null", customer, ["address", "city"], { default: null });
    // error at `city` #2: 'city' is possibly 'null'.
    const unchecked = g.map("unchecked", orNull, (city) => city.length);
    return { key, first, second, listKey, item, tuple, scalar, tooDeep, empty, option, used, unchecked };
  },
});
