// Whether a client takes tasks: each request of the modern era says so for itself. Clients of the 2025 era never see one.

import { CLIENT_CAPABILITIES_META_KEY, MissingRequiredClientCapabilityError, type ServerContext } from "@modelcontextprotocol/server";
import * as z from "zod";
import { TASKS } from "./task.ts";

const Envelope = z.object({ [CLIENT_CAPABILITIES_META_KEY]: z.object({ extensions: z.object({ [TASKS]: z.looseObject({}) }) }) });
/** A wish to be told of tasks as they change. */
const Wish = z.object({
  method: z.literal("subscriptions/listen"),
  id: z.union([z.string(), z.number()]),
  params: z.object({
    _meta: z.looseObject({ [CLIENT_CAPABILITIES_META_KEY]: z.looseObject({}) }),
    notifications: z.object({ taskIds: z.array(z.unknown()) }),
  }),
});

/** True for a request whose client takes a task for an answer. */
export function takesTasks({ mcpReq }: ServerContext): boolean {
  return Envelope.safeParse(mcpReq.envelope).success;
}

/** @throws MissingRequiredClientCapabilityError (-32021) for a request whose client does not take tasks */
export function assertTakesTasks(context: ServerContext): void {
  if (!takesTasks(context)) throw missingTasks();
}

/** The answer to a client that wants to be told of tasks and does not take them; undefined for every other message. */
export function refusedTaskListening(message: unknown) {
  const { data: wish } = Wish.safeParse(message);
  if (wish === undefined || Envelope.safeParse(wish.params._meta).success) return undefined;
  const { code, message: text, data } = missingTasks();
  return { jsonrpc: "2.0" as const, id: wish.id, error: { code, message: text, data } };
}

function missingTasks(): MissingRequiredClientCapabilityError {
  return new MissingRequiredClientCapabilityError(
    { requiredCapabilities: { extensions: { [TASKS]: {} } } },
    `Tasks are for clients that declare the extension ${TASKS} in the request; get_run does the same for all others.`,
  );
}
