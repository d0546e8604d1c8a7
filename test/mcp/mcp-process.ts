// A real client and a real server process for one test, and what the server said in words.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { onTestFinished } from "vitest";
import * as z from "zod";

export const SERVER = fileURLToPath(new URL("fixtures/serve-workflows.ts", import.meta.url));
export const SERVER_FLAGS = ["--conditions=kindling-source", SERVER];

/** The eras a client may speak. */
export const ERAS = ["legacy", "modern"] as const;
export type Era = (typeof ERAS)[number];

/** A result as the tests read it: the structure, or the refusal. */
export interface Answer {
  readonly isError: boolean;
  readonly text: string;
  readonly value: Record<string, unknown>;
}

/** A connected client. */
export interface Connection {
  readonly client: Client;
  readonly folder: string;
  readonly call: (name: string, args?: Record<string, unknown>, options?: { readonly signal?: AbortSignal }) => Promise<Answer>;
  /** What the server wrote to standard error so far. */
  readonly said: () => string;
  readonly errors: readonly Error[];
  readonly close: () => Promise<void>;
}

/** An empty folder, gone after the test. */
export async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kindling-mcp-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Asks which era the server speaks in the process it then uses; the class itself would start one more just to ask. */
class OneProcessTransport extends StdioClientTransport {}

/** Starts a server process and connects to it. */
export async function connect(era: Era, folder?: string): Promise<Connection> {
  const at = folder ?? (await emptyFolder());
  const transport = new OneProcessTransport({ command: process.execPath, args: [...SERVER_FLAGS, at], stderr: "pipe" });
  let said = "";
  transport.stderr?.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
  const client = new Client(
    { name: "test client", version: "1" },
    { versionNegotiation: { mode: era === "modern" ? { pin: "2026-07-28" } : "legacy" } },
  );
  const errors: Error[] = [];
  client.onerror = (error) => errors.push(error);
  await client.connect(transport);
  onTestFinished(() => client.close());
  return {
    client,
    folder: at,
    said: () => said,
    errors,
    close: () => client.close(),
    call: async (name, args = {}, options = {}) => answerOf(await client.callTool({ name, arguments: args }, options)),
  };
}

const Result = z.object({
  isError: z.boolean().optional(),
  content: z.tuple([z.object({ type: z.literal("text"), text: z.string() })]),
  structuredContent: z.record(z.string(), z.unknown()).optional(),
});

/** A tool's result in the form tests look at; the text and the structure must say the same. */
export function answerOf(result: unknown): Answer {
  const { isError = false, content, structuredContent } = Result.parse(result);
  const [{ text }] = content;
  const value = z.record(z.string(), z.unknown()).parse(JSON.parse(text));
  if (!isError && JSON.stringify(structuredContent) !== text) throw new Error("the text and the structure differ");
  return { isError, text, value };
}
