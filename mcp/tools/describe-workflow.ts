// `describe_workflow`: what one workflow takes, with an example, and where it waits for a person.

import * as z from "zod";
import { isJsonObject } from "../../src/index.ts";
import { WorkflowName } from "../arguments.ts";
import { exampleInput } from "../example-input.ts";
import { Refusal } from "../failure.ts";
import { findWorkflow } from "../find-workflow.ts";
import { RESULT_LIMIT, shorten, shortenText, sizeOf } from "../shorten.ts";
import { titleOf } from "../title.ts";
import { defineTool } from "../tool.ts";

const DESCRIPTION_LIMIT = 4_000;
const GATES_SHOWN = 100;
const GATES_BUDGET = 10_000;
/** What a caller must fill in comes before what it gets. */
const INPUT_SHARE = 0.7;

/** The tool `describe_workflow`. */
export const describeWorkflow = defineTool({
  name: "describe_workflow",
  title: "Describe a workflow",
  description: "What one workflow takes and gives: JSON Schemas, an example input, and the steps that a person must decide.",
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({ workflow: WorkflowName }),
  shownOutput: ["workflow", "input_schema", "gates", "next"],
  output: z.object({
    workflow: z.string().describe("Its name, for start_workflow"),
    title: z.string().describe("Its name for people"),
    version: z.string().describe("Its version"),
    description: z.string().optional().describe("What it does"),
    input_schema: z.record(z.string(), z.unknown()).describe("JSON Schema of `input` for start_workflow"),
    example_input: z.record(z.string(), z.unknown()).optional().describe("An input that fits; its values are made up"),
    output_schema: z.record(z.string(), z.unknown()).optional().describe("JSON Schema of a completed run's output, as far as it is known"),
    gates: z
      .array(
        z.object({
          await_id: z.string().describe("Where in the run; * stands for each item"),
          event: z.string().describe("The event that decides it"),
          decider: z.literal("human").describe("A person must decide; you cannot"),
        }),
      )
      .describe("The steps a person must decide"),
    truncated: z.boolean().optional().describe("True when something was cut to keep this answer short"),
    next: z.string().describe("What to do now, in one sentence"),
  }),
  call: async ({ workflow }, { kindling }) => {
    const found = findWorkflow(kindling, workflow);
    if (found instanceof Refusal) return found;
    const example = await exampleInput(found.contract, found.inputSchema);
    let left = GATES_BUDGET;
    const gates = found.gates
      .slice(0, GATES_SHOWN)
      .map(({ path, event }) => ({ await_id: path, event, decider: "human" as const }))
      .filter((gate) => (left -= sizeOf(gate) + 1) >= 0);
    const head = {
      workflow: found.name,
      title: titleOf(found.name),
      version: found.version,
      ...(found.description === undefined ? {} : { description: shortenText(found.description, DESCRIPTION_LIMIT) }),
      ...(example === undefined ? {} : { example_input: example }),
      gates,
      next: "Call start_workflow with this workflow, an input that fits input_schema, and an idempotency_key.",
    };
    const room = RESULT_LIMIT - sizeOf({ ...head, truncated: true, input_schema: "", output_schema: "" });
    const input = shorten(found.inputSchema, Math.floor(room * INPUT_SHARE));
    const output = found.outputSchema === undefined ? undefined : shorten(found.outputSchema, room - sizeOf(input.value));
    const isCut = input.isCut || output?.isCut === true || gates.length < found.gates.length;
    return {
      ...head,
      input_schema: isJsonObject(input.value) ? input.value : {},
      ...(isJsonObject(output?.value) ? { output_schema: output.value } : {}),
      ...(isCut ? { truncated: true } : {}),
    };
  },
});
