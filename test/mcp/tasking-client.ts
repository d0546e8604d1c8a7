// A client that takes tasks. The SDK's own does not know the extension yet: it declares what it is told to, sends what it is given, and needs one word of the answers
// said in a way it knows.

import type { Client, ClientCapabilities, Transport } from "@modelcontextprotocol/client";
import * as z from "zod";

/** What such a client declares: it takes tasks, and shows forms to its user. */
export const TASKING: ClientCapabilities = { elicitation: { form: {} }, extensions: { "io.modelcontextprotocol/tasks": {} } };

/** A task as it is on the wire. */
export type WireTask = z.infer<typeof WireTask>;

const Form = z.object({
  method: z.literal("elicitation/create"),
  params: z.object({ mode: z.literal("form"), message: z.string(), requestedSchema: z.looseObject({}) }),
});

/** Exactly what the extension has, and nothing besides. */
const WireTask = z.strictObject({
  taskId: z.string(),
  status: z.enum(["working", "input_required", "completed", "failed", "cancelled"]),
  statusMessage: z.string().optional(),
  createdAt: z.iso.datetime(),
  lastUpdatedAt: z.iso.datetime(),
  ttlMs: z.null(),
  pollIntervalMs: z.int().positive(),
  inputRequests: z.record(z.string(), Form).optional(),
  result: z
    .object({
      content: z.array(z.looseObject({})).min(1),
      structuredContent: z.looseObject({}).optional(),
      isError: z.boolean().optional(),
    })
    .optional(),
  error: z.object({ code: z.int(), message: z.string() }).optional(),
  _meta: z.unknown(),
});

const Called = z.looseObject({ taskId: z.string().optional(), structuredContent: z.looseObject({}).optional() });
const Taken = z.looseObject({});
const Result = z.object({ result: z.looseObject({ resultType: z.literal("task") }) });

/** What a client does with tasks. */
export interface Tasks {
  /** Calls a tool; the result may be a task's handle. */
  readonly call: (name: string, args?: Record<string, unknown>) => Promise<z.infer<typeof Called>>;
  /** Calls a tool that answers with a task; gives its id. */
  readonly begin: (name: string, args?: Record<string, unknown>) => Promise<string>;
  readonly get: (taskId: string) => Promise<WireTask>;
  /** Looks again until the task is as wished. */
  readonly until: (taskId: string, status: WireTask["status"]) => Promise<WireTask>;
  readonly update: (taskId: string, inputResponses: Record<string, unknown>) => Promise<object>;
  readonly cancel: (taskId: string) => Promise<object>;
  readonly request: (method: string, params: Record<string, unknown>) => Promise<object>;
}

const PAUSE_MS = 15;
const LOOKS_LIMIT = 600;

/** The tasks of a client. */
export function tasksOf(client: Client): Tasks {
  const call: Tasks["call"] = (name, args = {}) => client.request({ method: "tools/call", params: { name, arguments: args } }, Called);
  const get: Tasks["get"] = (taskId) => client.request({ method: "tasks/get", params: { taskId } }, WireTask);
  const request: Tasks["request"] = (method, params) => client.request({ method, params }, Taken);
  return {
    call,
    get,
    request,
    begin: async (name, args) => {
      const called = await call(name, args);
      if (called.taskId === undefined) throw new Error(`no task: ${JSON.stringify(called)}`);
      return called.taskId;
    },
    until: async (taskId, status) => {
      let task = await get(taskId);
      for (let looks = 1; task.status !== status && looks < LOOKS_LIMIT; looks++) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        task = await get(taskId);
      }
      if (task.status !== status) throw new Error(`it did not come to ${status}: ${JSON.stringify(task)}`);
      return task;
    },
    update: (taskId, inputResponses) => request("tasks/update", { taskId, inputResponses }),
    cancel: (taskId) => request("tasks/cancel", { taskId }),
  };
}

/** The questions of a task, each with its key. */
export function questionsIn({ inputRequests = {} }: WireTask) {
  return Object.entries(inputRequests).map(([key, { params }]) => ({ key, ...params }));
}

/** The one question of a task. */
export function questionIn(task: WireTask) {
  const [question, ...more] = questionsIn(task);
  if (question === undefined || more.length > 0) throw new Error(`not one question: ${JSON.stringify(task)}`);
  return question;
}

/** Lets the handles of tasks through to a client that knows ordinary results only. */
export function admittingTasks<T extends Transport>(transport: T): T {
  let hear: Transport["onmessage"];
  Object.defineProperty(transport, "onmessage", {
    get: () => hear,
    set: (given: Transport["onmessage"]) => {
      hear = given === undefined ? undefined : (message, extra) => given(admitted(message), extra);
    },
  });
  return transport;
}

function admitted<M extends object>(message: M): M {
  const { success, data } = Result.safeParse(message);
  return success ? { ...message, result: { ...data.result, resultType: "complete" } } : message;
}
