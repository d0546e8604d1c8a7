// The writer's door: a local socket by which other processes on the same ledger hand their calls to the one that writes it.
// Whoever may open the socket may do what this user may do: it lies in the ledger's folder, or under the user's own temporary folder, mode 0600.

import { chmod, mkdir, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { InputError, KindlingError, RunError, type Failure } from "../errors.ts";
import { doorPath } from "./door-path.ts";
import { firstLine } from "./first-line.ts";
import type { Host, HostCalls } from "./host.ts";
import type { LiveBoard } from "./live/live-board.ts";
import { liveRequestIn, tellThrough } from "./live/live-door.ts";

/** A call through the door, one JSON line each way. */
export interface DoorRequest {
  readonly call: keyof HostCalls;
  readonly request: unknown;
}

/** The answer: what the host gave, or its error as data. */
export type DoorReply =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly name: string; readonly error: Failure };

/** An open door. */
export interface Door {
  close(): Promise<void>;
}

/** A call longer than this is refused: payloads and inputs are bounded by the ledger anyway. */
export const LINE_LIMIT_BYTES = 16 * 1024 * 1024;

/** Opens the door of a folder this process writes; a socket that a dead writer left behind is replaced, since the lock proves it dead. */
export async function openDoor(folder: string, host: Host, board: LiveBoard): Promise<Door> {
  const path = doorPath(folder);
  if (process.platform !== "win32") {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await rm(path, { force: true });
  }
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    serve(socket, host, board);
  });
  await listen(server, path);
  if (process.platform !== "win32") await chmod(path, 0o600);
  // The door alone keeps no process alive: what it serves are the calls of others.
  server.unref();
  return {
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function serve(socket: Socket, host: Host, board: LiveBoard): void {
  // Who asked may not wait any longer: what can end between two steps does.
  const abort = new AbortController();
  socket.once("close", () => abort.abort(new RunError("caller_gone", "whoever asked for it does not wait any longer")));
  firstLine(socket, LINE_LIMIT_BYTES)
    .then(async (line) => {
      const live = liveRequestIn(line);
      if (live !== undefined) return tellThrough(socket, board, live);
      socket.end(`${JSON.stringify(await answer(line, host, abort.signal))}\n`);
    })
    // A peer that goes away, or talks nonsense without end, ends its own call and nothing else.
    .catch(() => socket.destroy());
}

async function answer(line: string, host: Host, signal: AbortSignal): Promise<DoorReply> {
  try {
    return { ok: true, result: await dispatch(JSON.parse(line) as DoorRequest, host, signal) };
  } catch (error) {
    if (error instanceof KindlingError) {
      const { code, message, fix, details } = error;
      return { ok: false, name: error.name, error: { code, message, details, ...(fix === undefined ? {} : { fix }) } };
    }
    return { ok: false, name: "Error", error: { code: "door_failed", message: error instanceof Error ? error.message : String(error) } };
  }
}

const CALLS: ReadonlySet<string> = new Set<keyof HostCalls>([
  "start",
  "deliver",
  "cancel",
  "update",
  "retry",
  "fork",
  "upgrade",
  "erase",
  "compact",
  "record",
  "keep",
  "derive",
  "settle",
  "project",
  "intake",
  "load",
]);

function dispatch({ call, request }: DoorRequest, host: Host, signal: AbortSignal): Promise<unknown> {
  if (!CALLS.has(call))
    throw new InputError("unknown_call", `the process that writes knows no call "${call}"`, { fix: "Run the same version in both." });
  // Only this user's processes reach the door, and their `doorHost` makes requests of this very form.
  return host[call](request as never, { signal });
}
