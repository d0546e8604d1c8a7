// Clients over HTTP that go in the middle of everything, rudely: after a part of a request, before the answer, in the middle of a stream, 200 at once. What they began is
// done once or not at all, their places are free again, and the server serves the next.

import { once } from "node:events";
import { connect as connectSocket, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { ERAS, type Era } from "./mcp-process.ts";
import { META, refusalIn } from "./raw-http.ts";
import { serveRaw } from "./served-raw.ts";

const TOKEN = "a-token-of-some-length";
const WAITS = 200;
/** Calls of one caller that wait at once at most. */
const PLACES = 64;

const served = serveRaw(TOKEN, (told) => expect(told.filter((text) => text.includes("    at "))).toEqual([]));

let lastId = 1_000;

/** The bytes of a request, in its parts. */
interface Parts {
  readonly head: string;
  readonly body: string;
}

async function partsOf(era: Era, method: string, params: Readonly<Record<string, unknown>>): Promise<Parts> {
  const all = era === "modern" ? { ...params, _meta: META } : params;
  lastId += 1;
  const body = JSON.stringify({ jsonrpc: "2.0", id: lastId, method, params: all });
  return {
    head: headOf("POST", { ...(await served.raw.headers(era, method, params)), "content-length": String(Buffer.byteLength(body)) }),
    body,
  };
}

function headOf(method: string, headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries({ host: new URL(served.server.url).host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${new URL(served.server.url).pathname} HTTP/1.1\r\n${lines.join("")}\r\n`;
}

async function dial(): Promise<Socket> {
  const { port, hostname } = new URL(served.server.url);
  const socket = connectSocket(Number(port), hostname);
  // The server may be the first to say that it is over.
  socket.on("error", () => {});
  await once(socket, "connect");
  return socket;
}

/** Where a client goes, and what it has sent by then. */
const POINTS: readonly (readonly [where: string, send: (socket: Socket, parts: Parts) => Promise<void>])[] = [
  ["before it says anything", async () => {}],
  ["in the middle of the headers", async (socket, { head }) => written(socket, head.slice(0, head.length / 2))],
  ["after the headers", async (socket, { head }) => written(socket, head)],
  ["in the middle of the body", async (socket, { head, body }) => written(socket, head + body.slice(0, body.length / 2))],
  ["before the answer", async (socket, { head, body }) => written(socket, head + body)],
  [
    "with the first bytes of the answer",
    async (socket, { head, body }) => {
      await written(socket, head + body);
      await once(socket, "data");
    },
  ],
];

async function written(socket: Socket, text: string): Promise<void> {
  await new Promise<void>((resolve) => void socket.write(text, () => resolve()));
}

const Started = z.object({ structuredContent: z.looseObject({ run_id: z.string() }) });

async function startCollecting(): Promise<string> {
  const { result } = await served.raw.call("modern", "start_workflow", { workflow: "collect-sources", input: {}, wait_seconds: 10 });
  return Started.parse(result).structuredContent.run_id;
}

describe.each(ERAS)("a client of the %s era that goes", (era) => {
  it.each(POINTS)("%s of a start has started one run or none, and the next with its key is the same", async (where, send) => {
    const args = { workflow: "slow-sum", input: { ms: 1 }, idempotency_key: `${era} ${where}` };
    const socket = await dial();
    await send(socket, await partsOf(era, "tools/call", { name: "start_workflow", arguments: args }));
    socket.resetAndDestroy();
    const again = Started.parse((await served.raw.call(era, "start_workflow", { ...args, wait_seconds: 10 })).result).structuredContent;
    expect(again).toMatchObject({ status: "completed" });
    const { items } = await served.kindling.list({ limit: 200 });
    const started = await Promise.all(items.map(async ({ id }) => ((await served.kindling.get(id))?.contract === "slow-sum" ? [id] : [])));
    expect(started.flat().filter((id) => id === again.run_id)).toHaveLength(1);
  });

  it.each(POINTS)("%s of a delivery has delivered once or not at all", async (_, send) => {
    const run_id = await startCollecting();
    const args = { run_id, await_id: "sources", payload: { urls: ["https://a.example"] } };
    const socket = await dial();
    await send(socket, await partsOf(era, "tools/call", { name: "deliver_event", arguments: args }));
    socket.resetAndDestroy();
    expect((await served.raw.call(era, "deliver_event", args)).result).toMatchObject({ structuredContent: { run_id } });
    expect((await served.kindling.facts(run_id)).filter(({ type }) => type === "event.delivered")).toHaveLength(1);
  });

  it.each(POINTS.slice(-1))("%s of a subscription leaves its run to others", async (_, send) => {
    const run_id = await startCollecting();
    const uri = `wf://runs/${run_id}/timeline`;
    const [method, params] =
      era === "modern"
        ? (["subscriptions/listen", { notifications: { resourceSubscriptions: [uri] } }] as const)
        : (["resources/subscribe", { uri }] as const);
    const socket = await dial();
    await send(socket, await partsOf(era, method, params));
    socket.resetAndDestroy();
    expect((await served.raw.call(era, "cancel_run", { run_id })).result).toMatchObject({ structuredContent: { status: "cancelled" } });
  });

  it(`${WAITS} times at once in the middle of waits gives every place back`, async () => {
    const run_id = await startCollecting();
    const wait = { run_id, wait_for: "end", wait_seconds: 50 };
    const heard: string[] = Array.from({ length: WAITS }, () => "");
    const sockets = await Promise.all(
      heard.map(async (_, index) => {
        const { head, body } = await partsOf(era, "tools/call", { name: "get_run", arguments: wait });
        const socket = await dial();
        socket.on("data", (bytes: Buffer) => (heard[index] += bytes.toString()));
        await written(socket, head + body);
        return socket;
      }),
    );
    // Those for which there is no place are told so, and what does not wait is answered meanwhile.
    const refused = () => heard.filter((text) => text.includes("rate_limited")).length;
    await expect.poll(refused).toBe(WAITS - PLACES);
    expect(refusalIn(await served.raw.call(era, "get_run", wait)).fix).toMatch(/^Let some of them end/);
    expect((await served.raw.call(era, "get_run", { run_id })).result).toMatchObject({ structuredContent: { status: "awaiting" } });
    for (const socket of sockets) socket.resetAndDestroy();
    const asManyAsThereAre = async () => {
      const answers = await Promise.all(
        Array.from({ length: PLACES }, () => served.raw.call(era, "get_run", { ...wait, wait_seconds: 1 })),
      );
      return answers.filter(({ body }) => body.includes("rate_limited")).length;
    };
    await expect.poll(asManyAsThereAre).toBe(0);
    expect((await served.kindling.get(run_id))?.status).toBe("waiting");
  });
});

describe("in a session of the 2025 era", () => {
  it("a client that loses its stream opens it again", async () => {
    const session = await served.raw.begin();
    const head = headOf("GET", { authorization: `Bearer ${TOKEN}`, accept: "text/event-stream", "mcp-session-id": session });
    for (let time = 0; time < 3; time += 1) {
      const answered = async () => {
        const socket = await dial();
        await written(socket, head);
        const [first] = (await once(socket, "data")) as [Buffer];
        socket.resetAndDestroy();
        return first.toString().slice(0, "HTTP/1.1 200".length);
      };
      await expect.poll(answered).toBe("HTTP/1.1 200");
    }
  });

  it("a client that goes while it begins or ends one leaves nothing that others meet", async () => {
    const parts = await partsOf("legacy", "initialize", {
      protocolVersion: "2025-11-25",
      capabilities: {},
      clientInfo: { name: "raw", version: "1" },
    });
    for (const [, send] of POINTS) {
      const socket = await dial();
      await send(socket, { ...parts, head: parts.head.replace(/mcp-session-id: .*\r\n/, "") });
      socket.resetAndDestroy();
    }
    const session = await served.raw.begin();
    const socket = await dial();
    await written(socket, headOf("DELETE", { authorization: `Bearer ${TOKEN}`, "mcp-session-id": session }));
    socket.resetAndDestroy();
    await expect
      .poll(async () => (await served.raw.post("{}", { "mcp-session-id": session, "mcp-protocol-version": "2025-11-25" })).status)
      .toBeGreaterThanOrEqual(400);
  });
});

describe("what is no HTTP", () => {
  it.each([
    ["words", "hello\r\n\r\n"],
    ["a length that is none", "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-length: x\r\n\r\n"],
    ["two lengths", "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["headers of 100 kB", `POST /mcp HTTP/1.1\r\nhost: localhost\r\nx: ${"x".repeat(100_000)}\r\n\r\n`],
    ["no host", "POST /mcp HTTP/1.1\r\ncontent-length: 0\r\n\r\n"],
  ])("(%s) is refused and the connection ended", async (_, bytes) => {
    const socket = await dial();
    socket.write(bytes);
    const [first] = (await once(socket, "data")) as [Buffer];
    expect(first.toString()).toMatch(/^HTTP\/1\.1 4\d\d /);
    socket.destroy();
  });
});
