// Whether a client takes tasks: each request of the modern era says so for itself. Clients of the 2025 era never see one.

import { CLIENT_CAPABILITIES_META_KEY, MissingRequiredClientCapabilityError, type ServerContext } from "@modelcontextprotocol/server";
import * as z from "zod";
import { TASKS } from "./task.ts";

const Envelope = z.object({ [CLIENT_CAPABILITIES_META_KEY]: z.object({ extensions: z.object({ [TASKS]: z.looseObject({}) }) }) });

/** True for a request whose client takes a task for an answer. */
export function takesTasks({ mcpReq }: ServerContext): boolean {
  return Envelope.safeParse(mcpReq.envelope).success;
}

/** @throws MissingRequiredClientCapabilityError (-32021) for a request whose client does not take tasks */
export function assertTakesTasks(context: ServerContext): void {
  if (takesTasks(context)) return;
  throw new MissingRequiredClientCapabilityError(
    { requiredCapabilities: { extensions: { [TASKS]: {} } } },
    `Tasks are for clients that declare the extension ${TASKS} in the request; get_run does the same for all others.`,
  );
}
