// What the suites call by name to see tasks: contracts of their own, which run like all others, and their tools.

import { setTimeout as sleep } from "node:timers/promises";
import { inputRequired, type McpServer, type ServerContext } from "@modelcontextprotocol/server";
import * as z from "zod";
import { clientSide } from "../../../mcp/client-side.ts";
import { answerRun } from "../../../mcp/run-answer.ts";
import { assertTakesTasks, takesTasks } from "../../../mcp/task-client.ts";
import type { Surface } from "../../../mcp/tool.ts";
import { workflowTool } from "../../../mcp/workflow-tool.ts";
import { BugError, contract } from "../../../src/index.ts";
import { saying } from "./content.ts";
import { nameForm, nameGiven } from "./questions.ts";

const Confirmation = z.object({ confirm: z.boolean() });
const FAILING_JOB = "failing_job";
const GREETING = "greeting";

const slowCompute = contract("slow-compute", {
  inputs: { seconds: z.number(), label: z.string().default("none") },
  define: (g, { seconds, label }) => ({
    said: g.compute("said", {
      needs: { seconds, label },
      run: async ({ seconds, label }, { signal }) => {
        await sleep(seconds * 1_000, undefined, { signal });
        return `${label}: done in ${seconds}s`;
      },
    }),
  }),
});

const throwsAfter = (name: string, ms: number, error: () => Error) =>
  contract(name, {
    inputs: {},
    define: (g) => ({
      said: g.compute("said", {
        needs: {},
        run: async (_needs, { signal }): Promise<string> => {
          await sleep(ms, undefined, { signal });
          throw error();
        },
      }),
    }),
  });

const confirmDelete = contract("confirm-delete", {
  inputs: { filename: z.string() },
  define(g, { filename }) {
    const answer = g.await("answer", { event: "delete.confirmed", description: "Delete it?", schema: Confirmation, show: { filename } });
    return { said: g.compute("said", { needs: { answer }, run: ({ answer }) => (answer.confirm ? "deleted" : "kept") }) };
  },
});

const multiInput = contract("multi-input", {
  inputs: {},
  define(g) {
    const ask = (name: string) => g.await(name, { event: `${name}.confirmed`, description: `And ${name}?`, schema: Confirmation });
    return { one: ask("one"), two: ask("two") };
  },
});

const greeting = contract(GREETING, {
  inputs: { name: z.string() },
  define: (g, { name }) => ({
    said: g.compute("said", {
      needs: { name },
      run: async ({ name }, { signal }) => {
        await sleep(300, undefined, { signal });
        return `Hello, ${name}!`;
      },
    }),
  }),
});

/** The contracts, for the runtime behind the server. */
export const TASK_WORKFLOWS = [
  slowCompute,
  throwsAfter("failing-job", 1_000, () => new Error("the job failed")),
  throwsAfter("protocol-error-job", 300, () => new BugError("a rule was broken")),
  confirmDelete,
  multiInput,
  greeting,
];

/** Puts the tools of these contracts on a server of the modern era. */
export function addTaskTools(server: McpServer, surface: Surface): void {
  for (const contract of surface.kindling.contracts)
    if (contract.name !== GREETING && TASK_WORKFLOWS.some(({ name }) => name === contract.name))
      workflowTool(contract, contract.name.replaceAll("-", "_")).register(server, surface);
  server.registerTool("greet", { description: "Greets at once", inputSchema: z.object({ name: z.string() }) }, ({ name }) =>
    saying(`Hello, ${name}!`),
  );
  server.registerTool("test_tool_with_task", { description: "Asks for a name, then greets at leisure" }, async (context) => {
    const name = nameGiven(context, "user_name");
    if (name === undefined) return inputRequired({ inputRequests: { user_name: nameForm() } });
    const run = await surface.kindling.start(GREETING, { name });
    const call = { ...surface, takesTasks: takesTasks(context), client: clientSide(server, context, surface.questions) };
    return (await answerRun(await run.get(), call, false)).toResult();
  });
  refuseWithoutTasks(server, FAILING_JOB);
}

type Handler = (request: unknown, context: ServerContext) => unknown;
const Handlers = z.object({ _requestHandlers: z.custom<Map<string, Handler>>((value) => value instanceof Map) });
const Called = z.object({ params: z.object({ name: z.string() }) });

/** Makes a tool one for tasks only. None of the real surface is, so the SDK is reached into: what a tool itself throws becomes a result. */
function refuseWithoutTasks(server: McpServer, tool: string): void {
  const { _requestHandlers: handlers } = Handlers.parse(server.server);
  const call = handlers.get("tools/call");
  if (call === undefined) throw new Error("the server has no tools");
  handlers.set("tools/call", (request, context) => {
    if (Called.parse(request).params.name === tool) assertTakesTasks(context);
    return call(request, context);
  });
}
