// `list_workflows`: what there is to start.

import * as z from "zod";
import { defineTool } from "../tool.ts";
import { toolNameOf } from "../workflow-tool.ts";
import { titleOf } from "../title.ts";
import { RESULT_LIMIT, shortenText, sizeOf } from "../shorten.ts";

const DESCRIPTION_LIMIT = 600;
const GATES_SHOWN = 20;

/** The tool `list_workflows`. */
export const listWorkflows = defineTool({
  name: "list_workflows",
  title: "List workflows",
  description:
    "The workflows you can start: what each does, and the steps that a person must decide. describe_workflow tells what one takes.",
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({ query: z.string().max(100).optional().describe("Words to look for in name, title and description") }),
  shownOutput: ["workflows"],
  output: z.object({
    workflows: z
      .array(
        z.object({
          workflow: z.string().describe("Its name, for the other tools"),
          title: z.string().describe("Its name for people"),
          version: z.string().describe("Its version"),
          description: z.string().optional().describe("What it does"),
          tool: z.string().optional().describe("The tool that runs just this one"),
          human_gates: z.array(z.string()).describe("Steps that a person must decide; * stands for each item"),
        }),
      )
      .describe("The workflows, sorted by name"),
    truncated: z.boolean().optional().describe("True when there are more: use query"),
  }),
  call: async ({ query = "" }, { kindling }) => {
    const words = query
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    const found = kindling.contracts
      .map((contract) => ({ ...contract, tool: toolNameOf(contract) }))
      .map(({ name, version, description, gates, tool }) => ({
        workflow: name,
        ...(tool === undefined ? {} : { tool }),
        title: titleOf(name),
        version,
        ...(description === undefined ? {} : { description: shortenText(description, DESCRIPTION_LIMIT) }),
        human_gates: gates.slice(0, GATES_SHOWN).map(({ path }) => path),
      }))
      .filter(({ workflow, title, description = "" }) => {
        const text = `${workflow} ${title} ${description}`.toLowerCase();
        return words.every((word) => text.includes(word));
      })
      .sort((a, b) => (a.workflow < b.workflow ? -1 : 1));
    let left = RESULT_LIMIT - sizeOf({ workflows: [], truncated: true });
    const shown = found.filter((workflow) => (left -= sizeOf(workflow) + 1) >= 0);
    return { workflows: shown, ...(shown.length < found.length ? { truncated: true } : {}) };
  },
});
