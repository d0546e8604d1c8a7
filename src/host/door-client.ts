// The other side of the door: a host that hands every call to the process that writes the ledger.

import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { BugError, ConfigError, InputError, LedgerError, RunError, type Failure } from "../errors.ts";
import type { CallOptions } from "./client.ts";
import { doorPath, LINE_LIMIT_BYTES, type DoorReply, type DoorRequest } from "./door.ts";
import { firstLine } from "./first-line.ts";
import type { Host, StartRequest } from "./host.ts";

/** The door did not open: there is no writer, or it is going, or it takes no calls. */
export class DoorClosed extends Error {
  /** True when the call may have been made before the door closed. */
  readonly isUnsure: boolean;

  constructor(isUnsure: boolean, cause: unknown) {
    super("the process that writes the ledger did not answer", { cause });
    this.isUnsure = isUnsure;
  }
}

/** A host behind the door of a folder. Calls are safe to repeat: starts get a key of their own, deliveries have an id by nature. */
export function doorHost(folder: string): Host {
  const path = doorPath(folder);
  return {
    start: async (request, options) => {
      const { result } = await call(path, { call: "start", request: keyed(request) }, options);
      if (result === null || !("id" in result)) throw new BugError("the door answered a start with something else");
      return result;
    },
    deliver: async (request, options) => {
      const { result } = await call(path, { call: "deliver", request }, options);
      if (result === null || !("status" in result)) throw new BugError("the door answered a delivery with something else");
      return result;
    },
    cancel: async (id, { signal, ...request }) => {
      await call(path, { call: "cancel", id, request }, signal === undefined ? {} : { signal });
    },
    close: () => Promise.resolve(),
  };
}

/** A start with a key, so that asking again after a lost answer finds the run instead of starting another. */
export function keyed(request: StartRequest): StartRequest {
  return request.idempotencyKey === undefined ? { ...request, idempotencyKey: `door-${randomUUID()}` } : request;
}

async function call(path: string, request: DoorRequest, { signal }: CallOptions = {}): Promise<Extract<DoorReply, { ok: true }>> {
  signal?.throwIfAborted();
  const reply = await exchange(path, `${JSON.stringify(request)}\n`, signal);
  if (!reply.ok) throw errorOf(reply.name, reply.error);
  return reply;
}

async function exchange(path: string, line: string, signal: AbortSignal | undefined): Promise<DoorReply> {
  const socket = connect(path);
  let isSent = false;
  const stop = () => socket.destroy();
  signal?.addEventListener("abort", stop, { once: true });
  socket.once("connect", () => {
    isSent = true;
    socket.write(line);
  });
  try {
    return JSON.parse(await firstLine(socket, LINE_LIMIT_BYTES)) as DoorReply;
  } catch (error) {
    signal?.throwIfAborted();
    throw new DoorClosed(isSent, error);
  } finally {
    signal?.removeEventListener("abort", stop);
    socket.destroy();
  }
}

function errorOf(name: string, { code, message, fix, details }: Failure): Error {
  const detail = { ...(fix === undefined ? {} : { fix }), ...(details === undefined ? {} : { details }) };
  switch (name) {
    case "InputError":
      return new InputError(code, message, detail);
    case "LedgerError":
      return new LedgerError(code, message, detail);
    case "ConfigError":
      return new ConfigError(code, message, detail);
    default:
      return new RunError(code, message, detail);
  }
}
