// Text of replies while they come: whoever looks late, or was away, sees it without a gap and without repetition; nobody who looks slows a run down.

import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { REPLY_LIMIT } from "../../src/host/live/reply-text.ts";
import type { WatchEvent } from "../../src/index.ts";
import { nextTurn, openKindling, until } from "./open-host.ts";
import { sees, streamingModel, talk, watching } from "./streaming.ts";

async function started() {
  const { provider, streams } = streamingModel();
  const kindling = await openKindling({ contracts: [talk], models: [provider] });
  const run = await kindling.start(talk, { topic: "t" });
  await until(() => streams.length === 1);
  const [stream] = streams;
  if (stream === undefined) throw new Error("nothing was asked");
  return { kindling, run, streams, stream };
}

function deltasOf(events: readonly WatchEvent[]) {
  return events.filter((event) => event.type === "delta");
}

describe("the text of a reply", () => {
  it("is shown from its beginning to whoever comes late, and then goes on", async () => {
    const { run, stream } = await started();
    stream.say("Once ", "upon ");
    await nextTurn();
    const late = watching(run);
    await sees(late, "Once upon ");
    stream.say("a time");
    await sees(late, "Once upon a time");
    expect(deltasOf(late.events)).toMatchObject([
      { path: "draft", attempt: 1, turn: 1, kind: "text", tool: undefined, offset: 0, text: "Once upon " },
      { offset: 10, text: "a time" },
    ]);
    stream.end("Once upon a time");
    await late.ended;
  });

  it("goes on in the middle for whoever was away, wherever he left", async () => {
    const words = Array.from({ length: 12 }, (_, index) => `word${index} `);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 4, maxLength: 12 }), async (steps) => {
        const { run, stream, kindling } = await started();
        let said = 0;
        let watcher = watching(run);
        for (const step of steps) {
          if (step === 0) {
            const cursor = await watcher.leave();
            watcher = watching(run, cursor, watcher.text());
          } else {
            stream.say(...words.slice(said, said + step));
            said += step;
            if (step > 1) await nextTurn();
          }
        }
        await sees(watcher, words.slice(0, said).join(""));
        stream.end("done");
        await watcher.ended;
        await kindling.close();
      }),
      { numRuns: 25 },
    );
  });

  it("tells what is thought and what goes to tools apart from what is said", async () => {
    const { run, stream } = await started();
    const watcher = watching(run);
    stream.send({ type: "reasoning-delta", delta: "Let me " });
    stream.send({ type: "reasoning-delta", delta: "see" });
    stream.send({ type: "text-delta", delta: "I look." });
    stream.send({ type: "tool-delta", id: "1", name: "search", delta: "" });
    stream.send({ type: "tool-delta", id: "1", name: "search", delta: '{"q":' });
    stream.send({ type: "tool-delta", id: "1", name: "search", delta: '"x"}' });
    stream.send({ type: "tool-delta", id: "2", name: "search", delta: "{}" });
    await until(() => watcher.text().endsWith("}{}"));
    const late = watching(run);
    await sees(late, 'Let me seeI look.{"q":"x"}{}');
    expect(deltasOf(late.events).map(({ kind, tool, offset, text }) => [kind, tool?.id, tool?.name, offset, text])).toEqual([
      ["reasoning", undefined, undefined, 0, "Let me see"],
      ["text", undefined, undefined, 10, "I look."],
      ["tool-input", "1", "search", 17, '{"q":"x"}'],
      ["tool-input", "2", "search", 26, "{}"],
    ]);
    stream.end("done");
  });

  it("begins anew with the next attempt, which says so", async () => {
    const { run, streams, stream } = await started();
    const watcher = watching(run);
    stream.say("half of ");
    await sees(watcher, "half of ");
    const cursor = await watcher.leave();
    const text = watcher.text();
    stream.cut();
    await until(() => streams.length === 2);
    streams[1]?.say("all");
    // His cursor is that of the first try: it says nothing about the second.
    const back = watching(run, cursor, text);
    await sees(back, "all");
    expect(back.events.filter(({ type }) => type === "asked")).toMatchObject([{ attempt: 2, turn: 1, model: "scripted:x", path: "draft" }]);
    streams[1]?.end("all");
    await back.ended;
  });

  it("is gone when the reply is on record: the fact has it all", async () => {
    const { run, stream } = await started();
    const watcher = watching(run);
    stream.say("the answer");
    await sees(watcher, "the answer");
    stream.end("the answer");
    await watcher.ended;
    const types = watcher.events.map((event) => (event.type === "fact" ? event.fact.type : event.type));
    expect(types.indexOf("delta")).toBeLessThan(types.indexOf("model.replied"));
    expect(types.slice(types.indexOf("model.replied"))).not.toContain("delta");
    const late = watching(run);
    await late.ended;
    expect(late.events.every(({ type }) => type === "fact")).toBe(true);
  });

  it("of a very long reply is kept at its end, and the offset says how much is gone", async () => {
    const { run, stream } = await started();
    const line = `${"x".repeat(999)}\n`;
    for (let count = 0; count < 1_000; count++) stream.say(line);
    stream.say("the end");
    await nextTurn(20);
    const late = watching(run);
    await until(() => late.text().endsWith("the end"));
    const [first] = deltasOf(late.events);
    const gone = 1_000_007 - late.text().length;
    expect(first?.offset).toBe(gone);
    expect(late.text().length).toBeGreaterThanOrEqual(REPLY_LIMIT);
    expect(late.text().length).toBeLessThan(REPLY_LIMIT * 1.1);
    stream.say("y".repeat(REPLY_LIMIT * 2));
    await until(() => late.text().endsWith("y"));
    expect(deltasOf(late.events).at(-1)).toMatchObject({ offset: 1_000_007 + REPLY_LIMIT });
    stream.end("done");
  });

  it("is shown without secrets", async () => {
    const { provider, streams } = streamingModel();
    const kindling = await openKindling({ contracts: [talk], models: [provider], redact: { patterns: [/tiger\d+/g] } });
    const run = await kindling.start(talk, { topic: "t" });
    const watcher = watching(run);
    await until(() => streams.length === 1);
    streams[0]?.say("The password is tiger77", ".");
    await until(() => watcher.text().endsWith("."));
    expect(watcher.text()).not.toContain("tiger");
    streams[0]?.end("ok");
  });
});

describe("a watcher who is slow", () => {
  it("keeps no run waiting, and is told the text of many pieces as one", async () => {
    const { run, stream } = await started();
    const events = run.watch()[Symbol.asyncIterator]();
    for (let event = await next(events); event?.type !== "asked"; event = await next(events));
    for (let count = 0; count < 5_000; count++) stream.say("word ");
    stream.end("done");
    expect(await run.result()).toBe("done");
    const event = await next(events);
    expect(event).toMatchObject({ type: "delta", offset: 0 });
    // Pieces were added while he looked for the first: the rest came in one.
    const second = await next(events);
    const shown = [event, second].flatMap((each) => (each?.type === "delta" ? [each.text] : [])).join("");
    expect(shown.length === 25_000 || second?.type === "fact").toBe(true);
    for (let more = await next(events); more !== undefined; more = await next(events)) expect(more.type).toBe("fact");
  });

  it("of very many replies is told the facts of all", async () => {
    const { provider, streams } = streamingModel();
    const kindling = await openKindling({ contracts: [talk], models: [provider] });
    const run = await kindling.start(talk, { topic: "t" });
    await until(() => streams.length === 1);
    const events = run.watch()[Symbol.asyncIterator]();
    await next(events);
    for (let count = 0; count < 3_000; count++)
      streams[0]?.send({ type: count % 2 === 0 ? "text-delta" : "reasoning-delta", delta: `${count} ` });
    streams[0]?.end("done");
    await run.result();
    const seen: string[] = [];
    for (let event = await next(events); event !== undefined; event = await next(events))
      if (event.type === "fact") seen.push(event.fact.type);
    expect(seen).toContain("model.replied");
    expect(seen.at(-1)).toBe("run.succeeded");
  });
});

async function next(events: AsyncIterator<WatchEvent>): Promise<WatchEvent | undefined> {
  const step = await events.next();
  return step.done === true ? undefined : step.value;
}
