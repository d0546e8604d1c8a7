// What happens live, through the door: the process that writes tells those in other processes who watch, one JSON line for each piece of news. Whoever reads slowly gets
// texts run together; the writer waits for nobody.

import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";
import type { LiveBoard, LiveFeed, LiveReply } from "./live-board.ts";
import type { LiveEnd, LiveMark } from "./live-watch.ts";
import { doorPath } from "../door-path.ts";
import type { LiveNews } from "../watch-event.ts";

/** Asks for what happens in the tree of a root run, from now on and until the socket closes. */
export interface LiveRequest {
  readonly call: "live";
  readonly request: { readonly root: string };
}

type Line = LiveNews | LiveEnd;

const BEGINNING = '{"call":"live",';

/** The request of a line that is one. */
export function liveRequestIn(line: string): LiveRequest | undefined {
  // Lines of other calls may be large: they are not read twice.
  const request: unknown = line.startsWith(BEGINNING) ? JSON.parse(line) : undefined;
  return isObject(request) && isObject(request["request"]) && typeof request["request"]["root"] === "string"
    ? { call: "live", request: { root: request["request"]["root"] } }
    : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

/** Whoever lets so much wait reads no more: he may connect anew. */
const WAITING_LIMIT = 10_000;

/** Writes what happens into a socket until it closes. */
export async function tellThrough(socket: Socket, board: LiveBoard, { request: { root } }: LiveRequest): Promise<void> {
  const marks: LiveMark[] = [];
  let wake = () => {};
  const push = (mark: LiveMark) => {
    marks.push(mark);
    wake();
    if (marks.length > WAITING_LIMIT) socket.destroy();
  };
  const watch = board.watch(root, {}, push, true);
  const woken = () => new Promise<void>((resolve) => (wake = resolve));
  socket.on("drain", () => wake());
  socket.on("error", () => socket.destroy());
  socket.once("close", () => {
    watch.stop();
    wake();
  });
  while (!socket.destroyed) {
    // What waits here while the other side reads slowly is merged by the watch.
    const mark = socket.writableNeedDrain ? undefined : marks.shift();
    if (mark === undefined) await woken();
    else for (const news of watch.take(mark)) socket.write(`${JSON.stringify(news)}\n`);
  }
}

/** What was brought in by one connection. */
interface Connection {
  readonly socket: Socket;
  readonly replies: Map<string, LiveReply>;
}

/** Puts on the board of this process what the one behind the door tells. There is a connection for each root that somebody watches. */
class LiveMirror implements LiveFeed {
  readonly #board: LiveBoard;
  readonly #path: string;
  readonly #connections = new Map<string, Connection>();

  constructor(board: LiveBoard, path: string) {
    this.#board = board;
    this.#path = path;
  }

  /** Connects, unless it is. Where nobody answers, it is tried again when a fact becomes known: then somebody writes. */
  wanted(root: string): void {
    if (this.#connections.has(root)) return;
    const socket = connect(this.#path);
    const connection = { socket, replies: new Map<string, LiveReply>() };
    this.#connections.set(root, connection);
    // Watching keeps a process alive by what it reads from the ledger, not by this.
    socket.unref();
    socket.once("connect", () => socket.write(`${JSON.stringify({ call: "live", request: { root } } satisfies LiveRequest)}\n`));
    // Nobody writes, or the one who did is gone: the facts are read all the same.
    socket.on("error", () => this.#drop(root, connection));
    socket.once("close", () => this.#drop(root, connection));
    const lines = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY });
    // It hands on the socket's errors.
    lines.on("error", () => this.#drop(root, connection));
    lines.on("line", (line) => {
      if (this.#connections.get(root) === connection) this.#heard(root, newsIn(line), connection.replies);
    });
  }

  unwanted(root: string): void {
    const connection = this.#connections.get(root);
    if (connection !== undefined) this.#drop(root, connection);
  }

  close(): void {
    for (const [root, connection] of this.#connections) this.#drop(root, connection);
  }

  #drop(root: string, { socket, replies }: Connection): void {
    if (this.#connections.get(root)?.socket === socket) this.#connections.delete(root);
    socket.destroy();
    for (const reply of replies.values()) reply.end();
    replies.clear();
  }

  #heard(root: string, line: Line | NoNews, replies: Connection["replies"]): void {
    switch (line.type) {
      case "asked": {
        const { type: _type, ...call } = line;
        replies.set(call.call, this.#board.open({ root, ...call }));
        return;
      }
      case "delta":
        replies.get(line.call)?.add(line, line.offset);
        return;
      case "ended":
        replies.get(line.call)?.end();
        replies.delete(line.call);
        return;
      case "progress":
      case "queued":
        this.#board.tell(root, line);
        return;
      case undefined:
    }
  }
}

/** What a process answers that knows nothing of live news. */
interface NoNews {
  readonly type?: undefined;
}

function newsIn(line: string): Line | NoNews {
  try {
    // The process behind the door is a Kindling of this user: its lines are what `tellThrough` writes, or an answer without a type.
    return JSON.parse(line) as Line | NoNews;
  } catch {
    // The last line of a process that was killed is cut: it tells nothing more.
    return {};
  }
}

/** What happens behind the door of a folder; undefined where there can be none. */
export function mirrored(board: LiveBoard, folder: string | undefined): LiveFeed | undefined {
  return folder === undefined ? undefined : new LiveMirror(board, doorPath(folder));
}
