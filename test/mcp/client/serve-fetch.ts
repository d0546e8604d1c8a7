// A handler of requests behind a real socket, with what it was sent.

import { createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { onTestFinished } from "vitest";

/** What listens. */
export interface Listening {
  readonly url: string;
  /** The headers of the requests so far. */
  readonly headers: readonly Readonly<Record<string, string | readonly string[] | undefined>>[];
  readonly close: () => Promise<void>;
}

/** Listens on this machine, until the test is over. */
export async function serveFetch(handle: (request: Request) => Promise<Response>, port = 0): Promise<Listening> {
  const headers: Listening["headers"][number][] = [];
  const server = createServer((incoming, outgoing) => {
    headers.push(incoming.headers);
    const gone = new AbortController();
    outgoing.once("close", () => gone.abort());
    const { method = "GET", url = "/" } = incoming;
    const request = new Request(`http://127.0.0.1${url}`, {
      method,
      headers: Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]),
      signal: gone.signal,
      ...(method === "POST" ? { body: Readable.toWeb(incoming), duplex: "half" as const } : {}),
    });
    const answer = async () => {
      const { status, headers: sent, body } = await handle(request);
      outgoing.writeHead(status, Object.fromEntries(sent));
      outgoing.flushHeaders();
      if (body === null) outgoing.end();
      else await pipeline(Readable.fromWeb(body), outgoing);
    };
    answer().catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const address = server.address();
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  return { url: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/mcp`, headers, close };
}
