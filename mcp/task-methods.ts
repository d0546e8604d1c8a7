// The three methods of tasks, for clients of the modern era: each reads the ledger anew, so a task outlives its client and this server. Knows no tool.

import { ProtocolError, ProtocolErrorCode, type McpServer, type ServerContext } from "@modelcontextprotocol/server";
import * as z from "zod";
import { visible, type RunView } from "../src/index.ts";
import { traceIn } from "./call-trace.ts";
import { callerOf } from "./caller.ts";
import { clientSide } from "./client-side.ts";
import { refusalOf } from "./failure.ts";
import { readRun } from "./read-run.ts";
import { shortenText } from "./shorten.ts";
import { takeAnswers, type Responses, type Unfit } from "./task-answers.ts";
import { assertTakesTasks } from "./task-client.ts";
import { inputRequestsOf, openQuestions } from "./task-questions.ts";
import { TASKS, taskOf, type Task } from "./task.ts";
import type { Surface } from "./tool.ts";

const ID_LIMIT = 200;
const UNFIT_LIMIT = 2_000;

/** An error of this server's own kind: it works, and cannot do what was asked. */
const CANNOT = -32_000;

const Params = z.looseObject({ taskId: z.string().min(1).max(ID_LIMIT) });
const Answer = z.looseObject({});
/** What `tasks/update` and `tasks/cancel` are answered with. */
const TAKEN: z.output<typeof Answer> = {};

/** Declares the extension and puts its methods on a server of the modern era. */
export function registerTasks(server: McpServer, surface: Surface): void {
  const { kindling, principal } = surface;
  server.server.registerCapabilities({ extensions: { [TASKS]: {} } });
  const on = (method: string, answer: (run: RunView, context: ServerContext) => Promise<object>) => {
    server.server.setRequestHandler(method, { params: Params, result: Answer }, async ({ taskId }, context) => {
      assertTakesTasks(context);
      return guarded(method, surface, async () => {
        const run = await kindling.get(taskId);
        if (run === undefined) throw unknownTask();
        return { ...(await answer(run, context)) };
      });
    });
  };
  on("tasks/get", (run, context) => readTask(run, clientSide(server, context, surface.questions).canAsk, surface));
  on("tasks/update", async (run, context) => {
    const unfit = await takeAnswers(run, responsesIn(context), {
      kindling,
      actor: callerOf(server, context, principal),
      trace: traceIn(context.mcpReq._meta),
    });
    if (unfit.length > 0) throw unfitAnswers(unfit);
    return TAKEN;
  });
  on("tasks/cancel", async (run, context) => {
    await kindling.cancel(run.id, { actor: callerOf(server, context, principal), reason: "cancelled by the client of its task" });
    return TAKEN;
  });
}

/** What the client answered. The SDK puts aside what cannot be an answer to anything; it is an answer that does not fit all the same. */
function responsesIn({ mcpReq: { inputResponses, droppedInputResponseKeys: dropped = [] } }: ServerContext): Responses {
  const responses = { ...inputResponses, ...Object.fromEntries(dropped.map((key) => [key, undefined])) };
  if (Object.keys(responses).length > 0) return responses;
  throw new ProtocolError(
    ProtocolErrorCode.InvalidParams,
    "There are no answers. Send them as inputResponses, each under the key of its question.",
  );
}

/** A run as the task its client sees. One that shows no forms to its user is asked nothing. */
async function readTask(run: RunView, canAsk: boolean, surface: Surface): Promise<Task> {
  const questions = canAsk ? await openQuestions(run, surface.kindling) : [];
  return taskOf(run, await readRun(run, surface), inputRequestsOf(questions));
}

function unknownTask(): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, "There is no task with this id. Use the taskId that the call gave, exactly.");
}

function unfitAnswers(unfit: readonly Unfit[]): ProtocolError {
  const listed = unfit.flatMap(({ key, issues }) => issues.map(({ at, message }) => `${key}${at === "" ? "" : `, ${at}`}: ${message}`));
  const text = visible(shortenText(listed.join("; "), UNFIT_LIMIT));
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `Not every answer fits; those questions stay open. Correct: ${text}.`);
}

/** Whatever is thrown, as an error of the protocol. A run that cannot be read is answered as one that is not there, unless it is the server that cannot. */
async function guarded<T>(method: string, { log }: Surface, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ProtocolError) throw error;
    const { code, message, fix } = refusalOf(error, (text) => log(`${method}: ${text}`));
    if (code === "run_not_found") throw unknownTask();
    throw new ProtocolError(code === "internal" ? ProtocolErrorCode.InternalError : CANNOT, `${message} ${fix}`);
  }
}
