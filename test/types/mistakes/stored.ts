// Mistakes with stores and histories inside contracts.

import { contract, defineHistory, defineStore, storeTools } from "kindling";
import { z } from "zod";

const customers = defineStore("customers", {
  schema: z.object({ name: z.string(), age: z.number() }),
  indexes: { name: ({ name }) => name },
});
const calls = defineHistory("calls", { schema: z.object({ minutes: z.number() }) });

const calling = contract("calling", {
  inputs: { minutes: z.number() },
  // error at `inputs`: Type '() => { minutes: "3"; }' is not assignable
  start: { on: calls, inputs: () => ({ minutes: "3" }) },
  define: (g, { minutes }) => g.map("same", minutes, (minutes) => minutes),
});
const started = contract("started", {
  inputs: { minutes: z.number() },
  // error at `minuts`: Property 'minuts' does not exist on type '{ minutes: number; }'.
  start: { on: calls, when: ({ minuts }) => minuts > 3, inputs: ({ minutes }) => ({ minutes }) },
  define: (g, { minutes }) => g.map("same", minutes, (minutes) => minutes),
});
const membered = contract("membered", {
  inputs: { minutes: z.number() },
  // error at `minutes`: Type '"minuts"' is not assignable to type '"minutes"'.
  start: { on: calls, inputs: { minutes: "minuts" } },
  define: (g, { minutes }) => g.map("same", minutes, (minutes) => minutes),
});

export const starts = { calling, started, membered };

export const stored = contract("stored", {
  inputs: { id: z.string(), age: z.number() },
  define(g, { id, age }) {
    const customer = g.read("customer", customers, { key: id, optional: true });
    // error at `customer` #3: 'customer' is possibly 'null'.
    const unchecked = g.map("unchecked", customer, (customer) => customer.name);
    // error at `key` #3: Type 'Node<number>' is not assignable
    const key = g.read("key", customers, { key: age });
    // error at `kei`
    const misspelt = g.read("misspelt", customers, { needs: { id }, key: ({ kei }) => kei });
    // error at `"customers"`
    const store = g.read("store", "customers", { key: id });
    // error at `index` #3: Type '"nam"' is not assignable to type '"name"'.
    const index = g.query("index", customers, { index: "nam", is: "Ada", limit: 5 });
    // error at `{`: Property 'limit' is missing
    const limit = g.query("limit", customers, { index: "name", is: "Ada" });
    // error at `value` #3
    const value = g.write("value", customers, { key: id, value: id });
    // error at `value` #1
    const made = g.write("made", customers, { needs: { age }, key: id, value: ({ age }) => ({ name: age, age }) });
    // error at `expect` #2
    const expected = g.write("expect", customers, { needs: { age }, key: id, value: ({ age }) => ({ name: "Ada", age }), expect: id });
    // error at `event` #3
    const event = g.append("event", calls, { event: age });
    // error at `customers`
    const history = g.append("history", customers, { event: age });
    const receipt = g.append("receipt", calls, { needs: { age }, event: ({ age }) => ({ minutes: age }) });
    // error at `value`: Property 'value' does not exist on type 'StoreReceipt'.
    const inside = g.map("inside", receipt, (receipt) => receipt.value);
    // error at `minute`: Property 'minute' does not exist on type '{ minutes: number; }'.
    const waited = g.await("waited", { on: calls, correlate: { id: "minutes" }, when: ({ minute }) => minute > 3 });
    const tools = storeTools(customers, { given: "customer" });
    // error at `tools`
    const asked = g.llm("asked", { needs: { id }, prompt: ({ id }) => id, model: "scripted:any", tools });
    return { waited, asked, unchecked, key, misspelt, store, index, limit, value, made, expected, event, history, inside };
  },
});
