// Servers for tests of remote runs: another Kindling behind real HTTP, and servers that answer as they are told.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { onTestFinished } from "vitest";
import type { Kindling } from "../../src/index.ts";
import { serveRemote, type RemoteServer, type ServeRemoteOptions } from "../../src/web/index.ts";

export const TOKEN = "a-token-for-tests-0123456789";

/** The headers of a call that is let in. */
export const BEARER = { authorization: `Bearer ${TOKEN}` } as const;

/** Serves a runtime; the server is closed when the test is over. */
export async function served(kindling: Kindling, options: Partial<Omit<ServeRemoteOptions, "authorize">> = {}): Promise<RemoteServer> {
  const server = await serveRemote(kindling, { token: TOKEN, ...options });
  onTestFinished(() => server.close());
  return server;
}

/** A request as a made-up server saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A server that answers as it is told, and what it was asked. */
export interface MadeUpServer {
  readonly url: string;
  readonly seen: readonly Seen[];
  close(): Promise<void>;
}

/** Serves made-up answers; `port` 0 takes any free one. */
export async function madeUp(answer: (request: Seen, response: ServerResponse) => void, port = 0): Promise<MadeUpServer> {
  const seen: Seen[] = [];
  const server = createServer((incoming, outgoing) => {
    let body = "";
    incoming.setEncoding("utf8").on("data", (text: string) => (body += text));
    incoming.on("end", () => {
      const request = { method: incoming.method ?? "", path: incoming.url ?? "", headers: incoming.headers, body };
      seen.push(request);
      answer(request, outgoing);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  // A server that listens on a port has an address of this form.
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, close };
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** Sends bytes to the server and gives what it says until it hangs up. */
export function raw(url: string, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () => socket.write(text));
    socket.setEncoding("utf8").on("data", (more: string) => (said += more));
    socket.once("close", () => resolve(said)).once("error", reject);
  });
}
