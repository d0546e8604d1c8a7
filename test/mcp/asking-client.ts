// A client that shows forms to its user, in either era, connected within the process; and calls as no honest client makes them.

import { Client, InMemoryTransport, withInputRequired } from "@modelcontextprotocol/client";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { onTestFinished } from "vitest";
import * as z from "zod";
import { createMcpServer, type McpOptions } from "../../mcp/server.ts";
import type { Kindling } from "../../src/index.ts";
import { answerOf, type Answer, type Era } from "./mcp-process.ts";

/** What the user does with a form. */
export type FormAnswer =
  | { readonly action: "accept"; readonly content: Record<string, string | number | boolean | string[]> }
  | "decline"
  | "cancel";

/** A form as the user sees it. */
export interface SeenForm {
  readonly message: string;
  readonly requestedSchema: { readonly properties: Record<string, unknown>; readonly required?: readonly string[] | undefined };
}

/** A result as it is on the wire: the tool's, or a question. */
export type Raw = Answer | { readonly requestState: string; readonly inputRequests: Record<string, unknown> };

export interface AskingClient {
  readonly call: (name: string, args?: Record<string, unknown>) => Promise<Answer>;
  /** A call with further parameters, whose question is given back and not answered. */
  readonly raw: (name: string, args: Record<string, unknown>, more?: Record<string, unknown>) => Promise<Raw>;
  /** The forms that were shown so far. */
  readonly forms: readonly SeenForm[];
}

export interface AskingOptions extends McpOptions {
  /** What the user does with each form. Left out, the client shows none. */
  readonly answer?: (form: SeenForm) => FormAnswer | Promise<FormAnswer>;
  readonly name?: string;
}

const Result = z.looseObject({ content: z.array(z.unknown()) });
const Question = z.object({ requestState: z.string(), inputRequests: z.record(z.string(), z.unknown()) });

/** Connects a client to a server over the runtime. */
export async function askingClient(
  kindling: Kindling,
  era: Era,
  { answer, name = "asking", ...options }: AskingOptions = {},
): Promise<AskingClient> {
  const [near, far] = InMemoryTransport.createLinkedPair();
  const server = serveStdio(createMcpServer(kindling, { log: () => {}, ...options }), { transport: far });
  const client = new Client(
    { name, version: "1" },
    {
      versionNegotiation: { mode: era === "modern" ? { pin: "2026-07-28" } : "legacy" },
      capabilities: answer === undefined ? {} : { elicitation: { form: {} } },
    },
  );
  const forms: SeenForm[] = [];
  if (answer !== undefined)
    client.setRequestHandler("elicitation/create", async ({ params }) => {
      if (params.mode === "url") throw new Error("nobody asked for an address");
      forms.push(params);
      const given = await answer(params);
      return typeof given === "string" ? { action: given } : { ...given };
    });
  await client.connect(near);
  onTestFinished(async () => {
    await client.close();
    await server.close();
  });
  return {
    forms,
    call: async (tool, args = {}) => answerOf(await client.callTool({ name: tool, arguments: args })),
    raw: async (tool, args, more = {}) => {
      const params = { name: tool, arguments: args, ...more };
      const result = await client.request({ method: "tools/call", params }, withInputRequired(Result), { allowInputRequired: true });
      const question = Question.safeParse(result);
      return question.success ? question.data : answerOf(result);
    },
  };
}

/** The state of the question that a raw call got. */
export function stateOf(raw: Raw): string {
  if ("requestState" in raw) return raw.requestState;
  throw new Error(`no question: ${raw.text}`);
}
