// The world that effects act on: an HTTP server that counts how often each key was acted under.

import { createServer } from "node:http";
import { once } from "node:events";
import { onTestFinished } from "vitest";

/** A server for one test. */
export interface CountingServer {
  readonly address: string;
  /** Requests in all. */
  readonly calls: number;
  /** How many different keys there were. */
  readonly keys: number;
}

/** Starts a server that answers after a few milliseconds, so that kills hit calls in flight. */
export async function countingServer(answerMs: number): Promise<CountingServer> {
  const keys = new Set<string>();
  let calls = 0;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      calls += 1;
      keys.add(Buffer.concat(parts).toString("utf8"));
      setTimeout(() => response.end("done"), answerMs);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    address: `http://127.0.0.1:${port}/`,
    get calls() {
      return calls;
    },
    get keys() {
      return keys.size;
    },
  };
}
