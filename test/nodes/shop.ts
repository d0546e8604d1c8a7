// Stores and histories of a shop, for tests of contracts that use them.

import { defineHistory, defineStore } from "kindling";
import { z } from "zod";

const Customer = z.object({ name: z.string(), city: z.string().nullable() });
export const customers = defineStore("customers", { schema: Customer, indexes: { city: ({ city }) => city } });
export const notes = defineStore("notes", { schema: z.string().nullable() });
export const calls = defineHistory("calls", {
  schema: z.object({ customer: z.string(), minutes: z.number() }),
  partitionBy: ({ customer }) => customer,
});
export const log = defineHistory("log", { schema: z.string() });
