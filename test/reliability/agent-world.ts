// Everything that an agent of agent-process.ts talks to, in this process: a model that speaks Chat Completions, and three places to act on that count.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { TURNS } from "./agent-process.ts";

const Asked = z.object({ messages: z.array(z.object({ role: z.string(), content: z.unknown() })) });
const Act = z.object({ n: z.number(), run: z.string(), key: z.string().optional() });

/** What has happened outside. */
export interface AgentWorld {
  readonly url: string;
  /** How often the model was asked, by `<number of the run> <turn>`. */
  readonly asked: ReadonlyMap<string, number>;
  /** Keys by which something was written, each as often as it was taken: once. */
  readonly written: ReadonlyMap<string, number>;
  /** How often `write` came at all. */
  readonly writes: () => number;
  /** How often somebody was told, by `<run> <n>`. */
  readonly told: ReadonlyMap<string, number>;
  /** Resolves with the next request of any kind. */
  next(): Promise<void>;
  close(): Promise<void>;
}

/** Starts it on a free port. Every answer takes a moment, so that a kill may come before what was asked is done, after it, and in between. */
export async function startAgentWorld(random: () => number): Promise<AgentWorld> {
  const asked = new Map<string, number>();
  const written = new Map<string, number>();
  const told = new Map<string, number>();
  const waiting = new Set<() => void>();
  let writes = 0;
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  const server = createServer((incoming, response) => {
    for (const resolve of waiting) resolve();
    waiting.clear();
    answer(incoming, response).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body: unknown = JSON.parse(await textOf(incoming));
    await pause(random() * 6);
    if (incoming.url === "/v1/chat/completions") return answerAsModel(Asked.parse(body), response, (key) => count(asked, key));
    const { n, run, key } = Act.parse(body);
    const place = `${run} ${n}`;
    if (incoming.url === "/write") {
      writes += 1;
      if (!written.has(key ?? "")) count(written, key ?? "");
    }
    if (incoming.url === "/notify") count(told, place);
    // What is done is done; the answer may still be lost.
    await pause(random() * 6);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(incoming.url === "/asked" ? { happened: told.has(place) } : { n }));
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    written,
    told,
    writes: () => writes,
    next: () => new Promise((resolve) => waiting.add(resolve)),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** One call of each tool in every turn but the last. */
async function answerAsModel({ messages }: z.infer<typeof Asked>, response: ServerResponse, note: (key: string) => void): Promise<void> {
  const turn = messages.filter(({ role }) => role === "assistant").length + 1;
  const number = /Work on (\d+)/.exec(JSON.stringify(messages[0]))?.[1] ?? "";
  note(`${number} ${turn}`);
  const calls = ["read", "write", "notify"].map((name, index) => ({
    index,
    id: `call_${turn}_${index}`,
    type: "function",
    function: { name, arguments: JSON.stringify({ n: turn }) },
  }));
  const delta = turn < TURNS ? { role: "assistant", tool_calls: calls } : { role: "assistant", content: "All done." };
  response.writeHead(200, { "content-type": "text/event-stream" });
  const chunk = (choice: object, more: object = {}) =>
    response.write(
      `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 0, model: "toy", choices: [choice], ...more })}\n\n`,
    );
  chunk({ index: 0, delta, finish_reason: null });
  await pause(1);
  const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
  chunk({ index: 0, delta: {}, finish_reason: turn < TURNS ? "tool_calls" : "stop" }, { usage });
  response.end("data: [DONE]\n\n");
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  incoming.setEncoding("utf8");
  let text = "";
  for await (const piece of incoming) text += String(piece);
  return text;
}
