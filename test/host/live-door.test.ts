// Text of replies as another process on the same ledger sees it: through the door of the one that writes.

import { connect, createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { memoryLedger } from "../../src/testing.ts";
import { doorPath } from "../../src/host/door-path.ts";
import { createRuntime } from "../../src/index.ts";
import { nextTurn, openKindling, temporaryLedger, until } from "./open-host.ts";
import { sees, streamingModel, talk, talkAndWait, watching } from "./streaming.ts";

describe("a watcher in another process", () => {
  it("sees the text through the door of the one that writes, from the beginning and without a gap after being away", async () => {
    const { provider, streams } = streamingModel();
    const ledger = await temporaryLedger();
    const writer = await createRuntime({ contracts: [talk], models: [provider], ledger });
    const reader = await openKindling({ contracts: [talk], models: [provider], ledger, access: "read" });
    const { id } = await writer.start(talk, { topic: "t" });
    await until(() => streams.length === 1);
    streams[0]?.say("Once ", "upon ");
    const run = await reader.run(id);
    const first = watching(run);
    await sees(first, "Once upon ");
    streams[0]?.say("a ");
    await sees(first, "Once upon a ");
    const cursor = await first.leave();
    streams[0]?.say("time");
    const second = watching(run, cursor, first.text());
    const third = watching(run);
    await sees(second, "Once upon a time");
    await sees(third, "Once upon a time");
    expect(second.events.filter(({ type }) => type === "asked")).toEqual([]);
    streams[0]?.end("Once upon a time");
    await second.ended;
    await third.ended;
    expect(second.events.some((event) => event.type === "fact" && event.fact.type === "model.replied")).toBe(true);
    await writer.close();
  });

  it("is not shown what is on record already, however long another one has watched", async () => {
    const { provider, streams } = streamingModel();
    const ledger = await temporaryLedger();
    const writer = await createRuntime({ contracts: [talkAndWait], models: [provider], ledger });
    const reader = await openKindling({ contracts: [talkAndWait], models: [provider], ledger, access: "read" });
    const { id } = await writer.start(talkAndWait, { topic: "t" });
    await until(() => streams.length === 1);
    streams[0]?.say("over soon");
    const run = await reader.run(id);
    const first = watching(run);
    await sees(first, "over soon");
    streams[0]?.end("over soon");
    await until(() => first.events.some((event) => event.type === "fact" && event.fact.type === "run.waiting"));
    const late = watching(run);
    await until(() => late.events.some((event) => event.type === "fact" && event.fact.type === "run.waiting"));
    await nextTurn(20);
    expect(late.events.every(({ type }) => type === "fact")).toBe(true);
    await Promise.all([first.leave(), late.leave()]);
    await writer.close();
  });

  it("who reads slowly keeps nobody waiting, and is told many pieces as one, to the end", async () => {
    const { provider, streams } = streamingModel();
    const ledger = await temporaryLedger();
    const writer = await openKindling({ contracts: [talk], models: [provider], ledger });
    const run = await writer.start(talk, { topic: "t" });
    await until(() => streams.length === 1);
    const socket = connect(doorPath(ledger.folder ?? ""));
    socket.write(`${JSON.stringify({ call: "live", request: { root: run.id } })}\n`);
    socket.pause();
    const piece = "x".repeat(9_999);
    for (let count = 0; count < 1_000; count++) {
      streams[0]?.say(`${piece}\n`);
      if (count % 100 === 0) await nextTurn();
    }
    streams[0]?.end("done");
    expect(await run.result()).toBe("done");
    let heard = "";
    socket.on("data", (chunk: Buffer) => (heard += chunk.toString("utf8")));
    socket.resume();
    await until(() => heard.includes('"type":"ended"'));
    const lines = heard.trim().split("\n");
    expect(lines.length).toBeLessThan(500);
    const last = JSON.parse(lines.at(-2) ?? "") as { readonly offset: number; readonly text: string };
    expect(last.offset + last.text.length).toBe(10_000_000);
    socket.destroy();
  });

  it("loses nothing when the writer goes, and sees the text of the next one", async () => {
    const { provider, streams } = streamingModel();
    const ledger = await temporaryLedger();
    const writer = await createRuntime({ contracts: [talk], models: [provider], ledger });
    const reader = await openKindling({ contracts: [talk], models: [provider], ledger, access: "read" });
    const { id } = await writer.start(talk, { topic: "t" });
    await until(() => streams.length === 1);
    streams[0]?.say("first ");
    const watcher = watching(await reader.run(id));
    await sees(watcher, "first ");
    await writer.close();
    await until(async () => {
      // What the one who is gone had said is not shown to anybody new.
      const late = watching(await reader.run(id));
      await nextTurn(5);
      await late.leave();
      return late.text() === "";
    });
    const next = await openKindling({ contracts: [talk], models: [provider], ledger });
    await until(() => streams.length === 2);
    streams[1]?.say("second");
    await sees(watcher, "second");
    streams[1]?.end("second");
    await (await next.run(id)).result();
    await watcher.ended;
  });

  it("goes on when the one who told is cut off in the middle of a line, or answers something else", async () => {
    const { provider, streams } = streamingModel();
    const ledger = await temporaryLedger();
    const models = [provider];
    const writer = await createRuntime({ contracts: [talk], models, ledger });
    const { id } = await writer.start(talk, { topic: "t" });
    await until(() => streams.length === 1);
    await writer.close();
    const reader = await openKindling({ contracts: [talk], models, ledger, access: "read" });
    let asked = 0;
    const answers = [
      '{"ok":false,"name":"InputError"}\n',
      '{"type":"asked","path":"draft","attempt":1,"turn":1,"model":"m","call":"x"}\n{"type":"delta","pa',
    ];
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.once("data", () => socket.end(answers[asked++ % 2] ?? ""));
    });
    await new Promise<void>((resolve) => server.listen(doorPath(ledger.folder ?? ""), resolve));
    const first = watching(await reader.run(id));
    await until(() => asked === 1);
    await first.leave();
    const second = watching(await reader.run(id));
    await until(() => second.events.some(({ type }) => type === "asked"));
    await nextTurn(10);
    await second.leave();
    await new Promise((resolve) => server.close(resolve));
    expect(second.text()).toBe("");
    const next = await openKindling({ contracts: [talk], models, ledger });
    await until(() => streams.length === 2);
    streams[1]?.end("done");
    expect(await (await next.run(id)).result()).toBe("done");
  });

  it("who takes over himself goes on seeing", async () => {
    const { provider, streams } = streamingModel();
    const ledger = await temporaryLedger();
    const writer = await createRuntime({ contracts: [talk], models: [provider], ledger });
    const other = await openKindling({ contracts: [talk], models: [provider], ledger, access: "shared" });
    const { id } = await writer.start(talk, { topic: "t" });
    await until(() => streams.length === 1);
    streams[0]?.say("theirs");
    const before = watching(await other.run(id));
    await sees(before, "theirs");
    await writer.close();
    const run = await other.start(talk, { topic: "u" });
    await until(() => streams.length === 3);
    const watcher = watching(run);
    for (const stream of streams.slice(1)) stream.say("mine, ", "all mine");
    await Promise.all([sees(watcher, "mine, all mine"), sees(before, "mine, all mine")]);
    // Through a door of its own it would hear itself again.
    await nextTurn(50);
    expect([before.text(), watcher.text()]).toEqual(["mine, all mine", "mine, all mine"]);
    expect(before.events.filter(({ type }) => type === "asked")).toHaveLength(2);
    for (const stream of streams.slice(1)) stream.end("mine");
    await Promise.all([watcher.ended, before.ended]);
  });
});

it("a ledger in memory has no door, and is watched all the same", async () => {
  const { provider, streams } = streamingModel();
  const kindling = await openKindling({ contracts: [talk], models: [provider], ledger: memoryLedger(), access: "shared" });
  const watcher = watching(await kindling.start(talk, { topic: "t" }));
  await until(() => streams.length === 1);
  streams[0]?.say("here");
  await sees(watcher, "here");
  streams[0]?.end("here");
  await watcher.ended;
});
