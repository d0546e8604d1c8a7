// What tests of live text need: a model whose stream the test drives piece by piece, and watchers that come, go and come again.

import {
  contract,
  ModelError,
  type ModelEvent,
  type ModelProvider,
  type ModelReply,
  type Run,
  type WatchCursor,
  type WatchEvent,
} from "../../src/index.ts";
import { cursorAfter, FROM_THE_START } from "../../src/index.ts";
import { z } from "zod";
import { until } from "./open-host.ts";

/** One call, as the test drives it. */
export interface Stream {
  readonly say: (...texts: readonly string[]) => void;
  readonly send: (event: ModelEvent) => void;
  /** The reply is there. */
  readonly end: (reply: string) => void;
  readonly cut: () => void;
}

/** A model that says what the test lets it say. */
export function streamingModel(id = "scripted"): { readonly provider: ModelProvider; readonly streams: Stream[] } {
  const streams: Stream[] = [];
  const provider: ModelProvider = {
    id,
    readiness: () => ({ ready: true }),
    capabilities: () => ({ structuredOutput: "none", tools: "yes", files: [], reasoning: "yes" }),
    async *stream() {
      const events: (ModelEvent | ModelError)[] = [];
      let wake = () => {};
      const send = (event: ModelEvent | ModelError) => {
        events.push(event);
        wake();
      };
      streams.push({
        send,
        say: (...texts) => {
          for (const delta of texts) send({ type: "text-delta", delta });
        },
        end: (text) => send({ type: "finish", reply: replyOf(text) }),
        cut: () => send(new ModelError("stream_cut", "cut", { provider: id, retryable: true })),
      });
      for (;;) {
        const event = events.shift();
        if (event instanceof ModelError) throw event;
        if (event === undefined) await new Promise<void>((resolve) => (wake = resolve));
        else yield event;
        if (event?.type === "finish") return;
      }
    },
  };
  return { provider, streams };
}

function replyOf(text: string): ModelReply {
  const usage = { input: 1, output: 1, cacheRead: null, cacheWrite: null, reasoning: null };
  return { content: [{ type: "text", text }], stop: { reason: "stop" }, usage, model: "x", warnings: [] };
}

/** One question. */
export const talk = contract("talk", {
  inputs: { topic: z.string() },
  define: (g, { topic }) => g.llm("draft", { needs: { topic }, prompt: ({ topic }) => topic, model: "scripted:x" }),
});

/** One question, and then somebody is waited for. */
export const talkAndWait = contract("talk-and-wait", {
  inputs: { topic: z.string() },
  correlate: ["topic"],
  define(g, { topic }) {
    const draft = g.llm("draft", { needs: { topic }, prompt: ({ topic }) => topic, model: "scripted:x" });
    return g.await("review", { event: "reviewed", schema: z.null(), show: { draft } });
  },
});

/** Somebody who watches until he is told to leave. */
export interface Watching {
  readonly events: readonly WatchEvent[];
  /** What he was shown of the reply that is on its way: as a page would show it. */
  readonly text: () => string;
  /** Leaves, and says from where to go on. */
  readonly leave: () => Promise<WatchCursor>;
  readonly ended: Promise<void>;
}

/** Watches, from the start or from where somebody left. */
export function watching(run: Run, from: WatchCursor = FROM_THE_START, shown = ""): Watching {
  const abort = new AbortController();
  const events: WatchEvent[] = [];
  let cursor = from;
  let text = shown;
  const ended = (async () => {
    for await (const event of run.watch({ ...from, signal: abort.signal })) {
      events.push(event);
      cursor = cursorAfter(cursor, event);
      if (event.type === "asked") text = "";
      else if (event.type === "delta") text += event.text;
    }
  })();
  return {
    events,
    text: () => text,
    ended,
    leave: async () => {
      abort.abort();
      await ended;
      return cursor;
    },
  };
}

/** Waits until he was shown this. */
export function sees(watcher: Watching, text: string): Promise<void> {
  return until(() => watcher.text() === text, `"${text}" (there is "${watcher.text()}")`);
}
