// A small HTTP server around the calls for remote runs, on node:http: for those who have no server of their own to put them into.

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { ConfigError, type Kindling } from "../index.ts";
import { busy } from "./refusal.ts";
import { remoteCalls, type RemoteCallsOptions } from "./run-calls.ts";

/** Where to listen, who may call, and the bounds. */
export type ServeRemoteOptions = RemoteCallsOptions & {
  /** 0 takes any free one. Default 0. */
  readonly port?: number;
  /** Default `127.0.0.1`. Beyond this machine put a server with TLS in front: the token travels as it is. */
  readonly host?: string;
  /** How long a request may take to arrive. Default 30 s. */
  readonly requestTimeoutMs?: number;
  /** Requests open at once; further ones are answered 503 with `retry-after`. Default 128. */
  readonly requestLimit?: number;
};

/** A server that listens. */
export interface RemoteServer {
  /** `http://127.0.0.1:4180`, for the `url` of `g.remote`. */
  readonly url: string;
  /** Takes no more calls; those that are open are answered first, and those that wait for a run at once. The runtime stays open. */
  close(): Promise<void>;
}

const REQUEST_TIMEOUT_MS = 30_000;
const REQUEST_LIMIT = 128;
const KEEP_ALIVE_MS = 5_000;
/** How often connections are looked at for those whose time is over. */
const CHECK_EVERY_MS = 1_000;
/** Calls that are open when the server closes are waited for this long. */
const CLOSE_GRACE_MS = 5_000;
const SWEEP_EVERY_MS = 20;

/**
 * Serves `remoteCalls` over HTTP.
 *
 * @throws ConfigError `no_authorization`, `token_too_short`, `cannot_listen`
 * @example const server = await serveRemote(kindling, { port: 4180, token: process.env.KINDLING_TOKEN ?? "" });
 */
export async function serveRemote(kindling: Kindling, options: ServeRemoteOptions): Promise<RemoteServer> {
  const { port = 0, host = "127.0.0.1", requestTimeoutMs = REQUEST_TIMEOUT_MS, requestLimit = REQUEST_LIMIT } = options;
  const calls = remoteCalls(kindling, options);
  const closing = new AbortController();
  const open = new Set<ServerResponse>();
  const server = createServer(
    {
      requestTimeout: requestTimeoutMs,
      headersTimeout: requestTimeoutMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: Math.min(CHECK_EVERY_MS, requestTimeoutMs),
    },
    (incoming, outgoing) => {
      open.add(outgoing);
      outgoing.once("close", () => open.delete(outgoing));
      const answered = open.size > requestLimit ? Promise.resolve(refuseBusy()) : calls(requestOf(incoming, outgoing, closing.signal));
      answered
        .then((response) => send(response, outgoing, closing.signal.aborted))
        // The caller is gone, or its request was no request at all.
        .catch(() => outgoing.destroy());
    },
  );
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await listen(server, port, host);
  return {
    url: urlOf(server, host),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      closing.abort(new Error("the server closes"));
      // What is open is answered; connections on which nothing is asked, some of which never asked anything, would be waited for.
      const sweep = setInterval(() => {
        const busySockets = new Set([...open].map(({ socket }) => socket));
        for (const socket of sockets) if (!busySockets.has(socket)) socket.destroy();
      }, SWEEP_EVERY_MS);
      const late = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
      await closed;
      clearInterval(sweep);
      clearTimeout(late);
    },
  };
}

function refuseBusy(): Response {
  const { status, body, headers } = busy();
  return Response.json(body, { status, headers });
}

function requestOf(incoming: IncomingMessage, outgoing: ServerResponse, closing: AbortSignal): Request {
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort(new Error("the caller is gone")));
  const { method = "GET", url = "/", headers } = incoming;
  const hasBody = method !== "GET" && method !== "HEAD";
  return new Request(new URL(url.startsWith("/") ? url : "/", "http://server"), {
    method,
    headers: Object.entries(headers).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, Array.isArray(value) ? value.join(", ") : value]],
    ),
    signal: AbortSignal.any([gone.signal, closing]),
    ...(hasBody ? { body: bodyOf(incoming), duplex: "half" as const } : {}),
  });
}

/** The body as it comes in, read only when it is asked for. What is left of it is drained: the answer would be lost if the connection were cut. */
function bodyOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  let isBegun = false;
  return new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        if (!isBegun) {
          isBegun = true;
          incoming.on("data", (chunk: Buffer) => {
            incoming.pause();
            controller.enqueue(new Uint8Array(chunk));
          });
          incoming.once("end", () => controller.close());
          incoming.once("error", (error) => controller.error(error));
        }
        incoming.resume();
      },
      cancel: () => {
        incoming.removeAllListeners("data").removeAllListeners("end");
        incoming.resume();
      },
    },
    { highWaterMark: 0 },
  );
}

async function send(response: Response, outgoing: ServerResponse, isClosing: boolean): Promise<void> {
  const body = Buffer.from(await response.arrayBuffer());
  outgoing.writeHead(response.status, {
    ...Object.fromEntries(response.headers),
    "content-length": body.byteLength,
    ...(isClosing ? { connection: "close" } : {}),
  });
  outgoing.end(body);
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause) => {
      reject(
        new ConfigError("cannot_listen", `cannot listen on ${host} port ${port}: ${cause.message}`, {
          fix: "Give another port, or 0 for any free one.",
          cause,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
}

function urlOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
