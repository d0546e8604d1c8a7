// What the agent at the order desk may do: look an order up, pay money back, and have a letter sent. The shop is a few lines of data and a file.

import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { asTool, contract, tool } from "kindling";
import { z } from "zod";

/** The customer whose question it is. */
export const Customer = z.object({ id: z.string(), name: z.string(), books: z.string().describe("The file in which payments are kept") });

const ORDERS = [
  { id: "A-17", customer: "c-1", item: "a reading lamp", paid: 45 },
  { id: "A-18", customer: "c-1", item: "a walnut desk", paid: 620 },
  { id: "B-02", customer: "c-2", item: "a piano stool", paid: 150 },
];

/** Only reads, so it may be called again after a crash. The customer is given by the node: the model cannot ask for somebody else's order. */
export const findOrder = tool("find_order", {
  description: "Looks up an order of the customer by its number.",
  input: z.object({ order: z.string().describe("Such as A-17") }),
  given: { customer: Customer },
  repeatable: true,
  run: ({ order }, { given }) => {
    const found = ORDERS.find(({ id, customer }) => id === order && customer === given.customer.id);
    if (found === undefined) throw new Error(`the customer has no order ${order}`);
    return { id: found.id, item: found.item, paid: found.paid };
  },
});

/** Moves money: a person allows what is more than 100, and the books know a repeated payment by its key. */
export const refund = tool("refund", {
  description: "Pays money back for an order of the customer. Look the order up before.",
  input: z.object({ order: z.string(), amount: z.number().positive(), reason: z.string() }),
  given: { customer: Customer },
  approve: { when: ({ amount }) => amount > 100, timeout: "2d" },
  onUncertain: "retry",
  run: ({ order, amount }, { given, idempotencyKey }) => {
    const isNew = book(given.customer.books, { key: idempotencyKey, order, amount });
    return { order, amount, booked: isNew ? "now" : "before" };
  },
});

/** A contract is a tool as it is: here one with an effect. Only the text is for the model to fill in. */
const letter = contract("send-letter", {
  description: "Sends the customer a letter. Write it whole, without a greeting.",
  inputs: { text: z.string(), customer: Customer },
  define: (g, { text, customer }) => ({
    sent: g.effect("post", {
      needs: { text, customer },
      run: ({ text, customer }, { idempotencyKey }) => {
        book(customer.books, { key: idempotencyKey, letter: `Dear ${customer.name}, ${text}` });
        return true;
      },
    }),
  }),
});

export const sendLetter = asTool(letter, { name: "send_letter", given: ["customer"] });

/** Writes an entry into the books, once for each key. */
function book(file: string, entry: { readonly key: string; readonly [what: string]: string | number }): boolean {
  const known = existsSync(file) ? readFileSync(file, "utf8") : "";
  if (known.includes(JSON.stringify(entry.key))) return false;
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(entry)}\n`);
  return true;
}
