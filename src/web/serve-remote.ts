// The calls for remote runs on a port of their own: for those who have no server to put them into.

import type { Kindling } from "../index.ts";
import { type HttpServerOptions, serveHttp } from "./http-server.ts";
import { busy } from "./refusal.ts";
import { remoteCalls, type RemoteCallsOptions } from "./run-calls.ts";

/** Where to listen, who may call, and the bounds. Beyond this machine put a server with TLS in front: the token travels as it is. */
export type ServeRemoteOptions = RemoteCallsOptions & HttpServerOptions;

/** A server that listens. */
export interface RemoteServer {
  /** `http://127.0.0.1:4180`, for the `url` of `g.remote`. */
  readonly url: string;
  /** Takes no more calls; those that are open are answered first, and those that wait for a run at once. The runtime stays open. */
  close(): Promise<void>;
}

/**
 * Serves `remoteCalls` over HTTP.
 *
 * @throws ConfigError `no_authorization`, `token_too_short`, `cannot_listen`
 * @example const server = await serveRemote(kindling, { port: 4180, token: process.env.KINDLING_TOKEN ?? "" });
 */
export async function serveRemote(kindling: Kindling, options: ServeRemoteOptions): Promise<RemoteServer> {
  return serveHttp({ answer: remoteCalls(kindling, options), busy: refuseBusy }, options);
}

function refuseBusy(): Response {
  const { status, body, headers } = busy();
  return Response.json(body, { status, headers });
}
