// The other side of the door: a host that hands every call to the process that writes the ledger.

import { randomUUID } from "node:crypto";
import { connect } from "node:net";
import { ConfigError, InputError, LedgerError, RunError, type Failure } from "../errors.ts";
import { toJson } from "../json.ts";
import type { CallOptions } from "./requests.ts";
import { refusePayload } from "./deliver.ts";
import { LINE_LIMIT_BYTES, type DoorReply, type DoorRequest } from "./door.ts";
import { doorPath } from "./door-path.ts";
import { firstLine } from "./first-line.ts";
import type { RecordOrder } from "../store/fact-writer.ts";
import type { Host, HostCalls } from "./host.ts";

/** The door did not open: there is no writer, or it is going, or it takes no calls. */
export class DoorClosed extends Error {
  /** True when the call may have been made before the door closed. */
  readonly isUnsure: boolean;

  constructor(isUnsure: boolean, cause: unknown) {
    super("the process that writes the ledger did not answer", { cause });
    this.isUnsure = isUnsure;
  }
}

/** A host behind the door of a folder. Calls are safe to repeat: starts, forks and records come with a key (`keyed`), deliveries have an id by nature, the others say what shall be. */
export function doorHost(folder: string): Host {
  const path = doorPath(folder);
  const through =
    <C extends keyof HostCalls>(name: C) =>
    // The process behind the door is a Kindling that answers each call with what it gives.
    async (request: HostCalls[C]["takes"], options?: CallOptions) =>
      (await call(path, { call: name, request }, options)) as HostCalls[C]["gives"];
  const deliver = through("deliver");
  return {
    start: through("start"),
    deliver: async (request, options) => {
      const payload = toJson(request.payload);
      return payload.ok ? deliver(request, options) : refusePayload(payload.problem);
    },
    cancel: through("cancel"),
    update: through("update"),
    retry: through("retry"),
    fork: through("fork"),
    upgrade: through("upgrade"),
    erase: through("erase"),
    compact: through("compact"),
    record: through("record"),
    keep: through("keep"),
    derive: through("derive"),
    settle: through("settle"),
    project: through("project"),
    intake: through("intake"),
    load: through("load"),
    close: () => Promise.resolve(),
  };
}

/** A start with a key, so that asking again after a lost answer finds the run instead of starting another. */
export function keyed<R extends { readonly idempotencyKey?: string }>(request: R): R {
  return request.idempotencyKey === undefined ? { ...request, idempotencyKey: `door-${randomUUID()}` } : request;
}

/** The same for a record; its key is nobody's but this call's. */
export function keyedRecord(order: RecordOrder): RecordOrder {
  return order.idempotencyKey === undefined ? { ...keyed(order), rememberedFor: "call" } : order;
}

async function call(path: string, request: DoorRequest, { signal }: CallOptions = {}): Promise<unknown> {
  signal?.throwIfAborted();
  const reply = await exchange(path, lineOf(request), signal);
  if (!reply.ok) throw errorOf(reply.name, reply.error);
  return reply.result;
}

/** The call as a line. What JSON would change in silence is refused here as it is in the process that writes. */
function lineOf({ call, request }: DoorRequest): string {
  const json = toJson(request);
  if (!json.ok) {
    const issue = { at: json.problem.at.replace(/^\$\.?(inputs\.)?/, ""), message: json.problem.message };
    throw new InputError("invalid_inputs", `${call}: ${issue.at}: ${issue.message}`, {
      fix: "Give plain JSON.",
      details: { issues: [issue] },
    });
  }
  const line = `${JSON.stringify({ call, request: json.value })}\n`;
  if (Buffer.byteLength(line) <= LINE_LIMIT_BYTES) return line;
  throw new InputError("call_too_large", `${call}: more than ${LINE_LIMIT_BYTES} bytes are too many for the process that writes`, {
    fix: "Give large values by reference, or make the call in the process that writes.",
  });
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

/** For a caller whose writer neither answers nor lets anybody take over. */
export function unreachable(location: string, cause: DoorClosed): LedgerError {
  return new LedgerError("writer_unreachable", `another process writes the ledger ${location} and does not answer`, {
    fix: "Wait for it to end, or stop it; what is recorded is safe.",
    cause,
  });
}
