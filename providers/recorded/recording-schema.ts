// The form of a recorded run in its file, as a schema: what is read is checked by it, and the published JSON Schema is made of it.

import * as z from "zod";

const json = z.json();
const members = z.record(z.string(), json);
const afterMs = z.number().describe("Milliseconds after the start of the run.");

const actor = z.looseObject({
  id: z.string(),
  assurance: z.enum(["agent", "client", "outOfBand", "signed"]),
  roles: z.array(z.string()).optional(),
});

const failure = z.looseObject({ code: z.string(), message: z.string() });

const happening = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("event"), afterMs, event: z.string(), path: z.string(), payload: json, actor }),
  z.strictObject({ type: z.literal("update"), afterMs, inputs: members, actor: actor.optional() }),
  z.strictObject({ type: z.literal("retry"), afterMs, path: z.string().optional(), actor: actor.optional() }),
  z.strictObject({ type: z.literal("cancel"), afterMs, reason: z.string(), actor }),
]);

const call = z.strictObject({
  model: z.string(),
  turn: z.number(),
  afterMs,
  request: members.optional().describe("What the model was asked, whole."),
  more: z
    .array(json)
    .optional()
    .describe("In place of `request`: it is the request of the call before with these messages behind its own."),
  hash: z.string().optional().describe("In place of `request`, where that could not be made again: the SHA-256 of its canonical JSON."),
  reply: members.optional(),
  cost: z.number().nullable().optional().describe("US dollars."),
  error: failure.optional(),
});

const result = z.strictObject({
  afterMs,
  reads: json.optional().describe("What the node read, by the local names of its needs."),
  hash: z.string().optional().describe("SHA-256 of the canonical JSON of what the node read."),
  value: json.optional(),
  error: failure.optional(),
});

const node = z.strictObject({
  given: json.optional().describe("A value that stood in place of its work."),
  prompt: z
    .strictObject({
      prompt: z.string(),
      text: json,
      from: members,
      fallback: z.strictObject({ code: z.string(), message: z.string() }).optional(),
    })
    .optional()
    .describe("The prompt it asked with, for one that is kept elsewhere."),
  calls: z.array(call).optional(),
  results: z.array(result).optional(),
  takenBack: z.array(z.strictObject({ afterMs, error: failure.optional() })).optional(),
});

const outcome = z.discriminatedUnion("status", [
  z.strictObject({ status: z.literal("succeeded"), afterMs, outputs: json }),
  z.strictObject({ status: z.literal("failed"), afterMs, error: failure }),
  z.strictObject({ status: z.literal("cancelled"), afterMs, error: failure }),
  z.strictObject({ status: z.literal("waiting"), afterMs, awaits: z.array(z.strictObject({ path: z.string(), event: z.string() })) }),
]);

export const RUN_FORMAT = "kindling-run-recording";

export const runFile = z
  .strictObject({
    format: z.literal(RUN_FORMAT),
    version: z.literal(1),
    contract: z.strictObject({ name: z.string(), version: z.string(), plan: z.string() }),
    run: z.string(),
    startedAt: z.iso.datetime(),
    starter: actor.optional(),
    model: z.string().optional().describe("The model of nodes that name none."),
    overrides: members.optional().describe("What a fork had swapped, by node path."),
    inputs: members,
    happenings: z.array(happening).describe("What somebody did with the run, in order."),
    nodes: z.record(z.string(), node).describe("What came from outside, by node path."),
    outcome,
    texts: z.record(z.string(), z.array(z.string())).optional().describe("Long texts as lines, by their hashes."),
  })
  .describe(
    'A recorded run. Anywhere in it a text of several lines stands as {"$lines": [...]}, a long one as {"$text": "<hash>"}, and an object that looks like one of these as {"$object": {...}}.',
  );
