// A server on this machine that speaks the APIs of wires.ts. What it answers is computed from the prompt it is sent, by the example's own rules;
// what it was asked is kept, so that a test can count it.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { answer } from "../../examples/release-notes/rules.ts";
import { WIRES } from "./wires.ts";

/** A request as it came: which of the two outputs it wants. */
export interface ServedRequest {
  readonly path: string;
  readonly output: "sort" | "write";
  readonly model: string;
  readonly key: string | undefined;
}

/** A running server. */
export interface ModelServer {
  readonly url: string;
  readonly requests: readonly ServedRequest[];
  /** Resolves with the next request. */
  next(): Promise<ServedRequest>;
  close(): Promise<void>;
}

/** How it behaves. */
export interface ModelServerOptions {
  /** Before the first byte of a reply. */
  readonly latencyMs?: number;
  /** Other keys are refused; without it every key is taken. */
  readonly acceptedKey?: string;
}

/** Starts it on a free port. */
export async function startModelServer(options: ModelServerOptions = {}): Promise<ModelServer> {
  const requests: ServedRequest[] = [];
  const waiting = new Set<(request: ServedRequest) => void>();
  const server = createServer((incoming, response) => {
    reply(incoming, response, options, (request) => {
      requests.push(request);
      for (const resolve of waiting) resolve(request);
      waiting.clear();
    }).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    next: () => new Promise((resolve) => waiting.add(resolve)),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve, reject) => server.close((error) => (error === undefined ? resolve() : reject(error))));
    },
  };
}

async function reply(
  incoming: IncomingMessage,
  response: ServerResponse,
  { latencyMs = 0, acceptedKey }: ModelServerOptions,
  note: (request: ServedRequest) => void,
): Promise<void> {
  const path = incoming.url?.split("?")[0] ?? "";
  const wire = WIRES.get(path);
  const key = incoming.headers.authorization?.replace(/^Bearer /, "");
  if (incoming.method !== "POST" || wire === undefined) return refuse(response, 404, "not_found_error", "Not found");
  if (acceptedKey !== undefined && key !== acceptedKey) return refuse(response, 401, "authentication_error", "invalid x-api-key");
  const { model, prompt, members } = wire.read(JSON.parse(await textOf(incoming)));
  const output = members.includes("groups") ? "sort" : "write";
  note({ path, output, model, key });

  await pause(latencyMs);
  response.writeHead(200, { "content-type": wire.contentType, "request-id": "req_1" });
  for (const piece of wire.write(model, JSON.stringify(answer(output, prompt)))) {
    if (response.destroyed) return;
    response.write(piece);
  }
  response.end();
}

function refuse(response: ServerResponse, status: number, type: string, message: string): void {
  response.writeHead(status, { "content-type": "application/json", "request-id": "req_2" });
  response.end(JSON.stringify({ type: "error", error: { type, message } }));
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  incoming.setEncoding("utf8");
  let text = "";
  for await (const piece of incoming) text += String(piece);
  return text;
}
