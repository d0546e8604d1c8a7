// A server for this machine only, in front of an engine: two APIs, streamed. Whoever closes the connection stops the engine.

import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";
import { chatCompletions } from "./chat-completions.ts";
import type { Engine } from "./engine.ts";
import { ollamaChat } from "./ollama-chat.ts";
import type { Wire } from "./wire.ts";

/** A server that listens. */
export interface ToyServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

const WIRES: readonly Wire[] = [chatCompletions, ollamaChat];
const BODY_LIMIT_BYTES = 1_000_000;

/** Listens on 127.0.0.1. @param port 0 for any that is free */
export async function listen(engine: Engine, port = 0): Promise<ToyServer> {
  const server = createServer((request, response) => {
    // Once the first piece is out, a failure can only be told by the end of the connection.
    serve(engine, request, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function serve(engine: Engine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const wire = WIRES.find(({ path }) => path === request.url?.split("?")[0]);
  if (wire === undefined || request.method !== "POST")
    return refuse(response, 404, { error: `the toy knows ${WIRES.map(({ path }) => `POST ${path}`).join(" and ")}` });

  const body = await readBody(request);
  if (body === undefined) return refuse(response, 413, wire.failure(`a request has at most ${BODY_LIMIT_BYTES} bytes`));
  const read = understood(wire, body);
  if (typeof read === "string") return refuse(response, 400, wire.failure(read));
  if (!engine.fits(read.question)) return refuse(response, 400, wire.failure("the request exceeds the available context size"));

  const write = (text: string): void => {
    if (!response.headersSent) response.writeHead(200, { "content-type": wire.contentType });
    response.write(text);
  };
  try {
    const answer = await engine.answer(read.question, (text) => write(wire.piece(read, text)), gone.signal);
    write(wire.end(read, answer));
    response.end();
  } catch (error) {
    if (gone.signal.aborted) return;
    if (response.headersSent) throw error;
    refuse(response, 500, wire.failure(error instanceof Error ? error.message : String(error)));
  }
}

function understood(wire: Wire, body: string): ReturnType<Wire["read"]> | string {
  try {
    return wire.read(JSON.parse(body));
  } catch (error) {
    if (error instanceof z.ZodError) return z.prettifyError(error);
    if (error instanceof SyntaxError) return `the body is not JSON: ${error.message}`;
    throw error;
  }
}

/** The body; undefined for one that is too long. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > BODY_LIMIT_BYTES) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

function refuse(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
