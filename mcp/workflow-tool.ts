// `run_<workflow>`: a tool of its own for a contract whose author exposes it, with the contract's inputs as its arguments. Knows one contract.

import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import * as z from "zod";
import { ConfigError, isJsonObject, type ContractSummary, type JsonObject } from "../src/index.ts";
import { IdempotencyKey } from "./arguments.ts";
import { answerRun } from "./run-answer.ts";
import { RUN_MEMBERS, RunShape } from "./run-shape.ts";
import { shortenText } from "./shorten.ts";
import { startRun } from "./start-run.ts";
import { titleOf } from "./title.ts";
import { defineTool, type Tool } from "./tool.ts";

/** Tools of workflows at most: clients and models do worse with long lists. */
const EXPOSED_LIMIT = 16;

const NAME = /^[a-z][a-z0-9_]{0,39}$/;
const KEY = "idempotency_key";
const WAIT_SECONDS = 50;
/** A client that takes tasks need not wait in the call: only what ends at once is answered with its end. */
const TASK_WAIT_MS = 250;
const DESCRIPTION_LIMIT = 800;

/** The name of a workflow's own tool; undefined for one that has none. */
export function toolNameOf({ name, contract }: ContractSummary): string | undefined {
  return contract.graph.mcp.expose ? `run_${name.replaceAll("-", "_")}` : undefined;
}

/**
 * The tools of the contracts whose authors expose them, sorted by name.
 * @throws ConfigError `too_many_exposed`, `bad_tool_name`
 */
export function workflowTools(contracts: readonly ContractSummary[]): readonly Tool[] {
  const exposed = contracts.flatMap((contract) => {
    const tool = toolNameOf(contract);
    return tool === undefined ? [] : [{ contract, tool }];
  });
  if (exposed.length > EXPOSED_LIMIT)
    throw new ConfigError("too_many_exposed", `${exposed.length} contracts want tools of their own, and ${EXPOSED_LIMIT} are the limit`, {
      fix: "Leave mcp.expose out of some: start_workflow starts every contract.",
    });
  for (const { contract, tool } of exposed)
    if (!NAME.test(tool))
      throw new ConfigError(
        "bad_tool_name",
        `the contract "${contract.name}" cannot have a tool of its own: "${tool}" has more than 40 characters`,
        {
          fix: "Give it a shorter name, or leave mcp.expose out.",
        },
      );
  return exposed.sort((a, b) => (a.tool < b.tool ? -1 : 1)).map(({ contract, tool }) => workflowTool(contract, tool));
}

/** The tool of one contract, under a name that fits. */
export function workflowTool({ name: workflow, description, gates, inputSchema }: ContractSummary, name: string): Tool {
  const isOwnKey = hasKey(inputSchema);
  const what = shortenText(description ?? `Runs the workflow ${workflow}.`, DESCRIPTION_LIMIT);
  const gate = gates.length === 0 ? "" : " A person must approve something: the result says how.";
  return defineTool({
    name,
    title: titleOf(workflow),
    description: `${what}${gate} Waits up to ${WAIT_SECONDS} s, then gives a run_id to follow with get_run.`,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
    // What it takes besides the key is the contract's to check: the runtime names every issue.
    input: isOwnKey ? z.looseObject({}) : z.looseObject({ [KEY]: IdempotencyKey }),
    shownInput: shown(isOwnKey ? inputSchema : withKey(inputSchema)),
    output: RunShape,
    shownOutput: RUN_MEMBERS,
    call: async ({ [KEY]: key, ...input }, call) => {
      const order = isOwnKey ? { input: { ...input, [KEY]: key }, key: undefined } : { input, key: z.string().optional().parse(key) };
      const { view, isReplayed } = await startRun(
        { workflow, ...order, waitMs: call.takesTasks ? TASK_WAIT_MS : WAIT_SECONDS * 1_000 },
        call,
      );
      return answerRun(view, call, isReplayed);
    },
  });
}

function withKey(schema: JsonObject): JsonObject {
  const own = isJsonObject(schema["properties"]) ? schema["properties"] : {};
  return {
    ...schema,
    properties: { ...own, [KEY]: { type: "string", minLength: 8, maxLength: 128, description: IdempotencyKey.description ?? "" } },
  };
}

function hasKey({ properties }: JsonObject): boolean {
  return isJsonObject(properties) && Object.hasOwn(properties, KEY);
}

function shown(schema: JsonObject): StandardSchemaWithJSON {
  const json = () => ({ ...schema });
  return { "~standard": { version: 1, vendor: "kindling", validate: (value) => ({ value }), jsonSchema: { input: json, output: json } } };
}
