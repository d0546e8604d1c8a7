import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Exchange, recorded, recording, writeRecording } from "../../providers/recorded.ts";
import { scripted } from "../../providers/scripted.ts";
import { generate, type ModelRequest, textOf } from "../../src/model/model.ts";
import { failureOf, REQUEST } from "../conformance/provider.ts";

const context = { signal: new AbortController().signal };
const asking = (text: string): ModelRequest => ({
  ...REQUEST,
  messages: [...REQUEST.messages.slice(0, 1), { role: "user", content: [{ type: "text", text }] }],
});

let folder = "";
let file = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kindling-recorded-"));
  file = join(folder, "deep", "one.recording.json");
});
afterEach(() => rm(folder, { recursive: true }));

async function record(requests: readonly ModelRequest[], replies: readonly string[]): Promise<readonly Exchange[]> {
  const exchanges: Exchange[] = [];
  const model = recording(scripted(replies, { id: "real" }), (exchange) => exchanges.push(exchange));
  for (const request of requests) await generate(model, request, { ...context, headers: { authorization: "Bearer secret" } });
  await writeRecording(file, exchanges);
  return exchanges;
}

describe("recorded", () => {
  it("replays what was recorded, with deltas", async () => {
    await record([asking("a"), asking("b")], ["to a", "to b"]);
    const model = recorded(file, { id: "real" });
    const deltas: string[] = [];
    expect(textOf(await generate(model, asking("b"), context, ({ delta }) => deltas.push(delta)))).toBe("to b");
    expect(textOf(await generate(model, asking("a"), context))).toBe("to a");
    expect(deltas).toEqual(["to b"]);
  });

  it("the same request replays in order, the last reply for ever after", async () => {
    await record([asking("a"), asking("a")], ["first", "second"]);
    const model = recorded(file);
    const texts = [];
    for (let call = 0; call < 3; call++) texts.push(textOf(await generate(model, asking("a"), context)));
    expect(texts).toEqual(["first", "second", "second"]);
  });

  it("the order of keys and undefined members do not make another request", async () => {
    await record([asking("a")], ["ok"]);
    const { model, messages, maxOutputTokens } = asking("a");
    const reordered = { maxOutputTokens, messages, model, tools: undefined } as unknown as ModelRequest;
    expect(textOf(await generate(recorded(file), reordered, context))).toBe("ok");
  });

  it("an unknown request is refused with what differs from the nearest one", async () => {
    await record([asking("Sort the ticket.\nBe kind.\nBe short."), asking("Something else.")], ["x", "y"]);
    const error = await failureOf(recorded(file), { ...asking("Sort the ticket.\nBe kind!\nBe short."), maxOutputTokens: 50 });
    expect(error.code).toBe("unknown_request");
    expect(error.message).toBe(
      [
        "recorded: this request was not recorded. The nearest of 2 recorded requests is number 1:",
        "  message 2 (user)",
        "      Sort the ticket.",
        "    - Be kind.",
        "    + Be kind!",
        "      Be short.",
        "  maxOutputTokens",
        "    - 100",
        "    + 50",
      ].join("\n"),
    );
  });

  it("a message more is told as one", async () => {
    await record([asking("a")], ["x"]);
    const { messages } = asking("a");
    const error = await failureOf(recorded(file), { ...asking("a"), messages: [...messages, { role: "assistant", content: [] }] });
    expect(error.message).toContain("message 3 (assistant), not in the recording\n    + (empty)");
  });

  it("nothing of the headers is in the file, and no draft is left beside it", async () => {
    await record([asking("a")], ["x"]);
    const text = await readFile(file, "utf8");
    expect(text).not.toContain("secret");
    expect(JSON.parse(text)).toMatchObject({ version: 1, exchanges: [{ request: asking("a") }] });
    expect(text).toMatch(/"hash": "[0-9a-f]{64}"/);
    expect(await readdir(join(folder, "deep"))).toEqual(["one.recording.json"]);
  });

  it("a missing file is told before and at the call, a spoilt one at the call", async () => {
    expect(recorded(file).readiness()).toMatchObject({ ready: false });
    expect(await failureOf(recorded(file))).toMatchObject({ code: "not_configured" });
    const spoilt = join(folder, "spoilt.json");
    await writeFile(spoilt, '{"version":2}');
    expect((await failureOf(recorded(spoilt))).message).toContain("is not a recording of version 1");
  });

  it("a failed call leaves nothing", async () => {
    expect(await record([], [])).toEqual([]);
    const exchanges: Exchange[] = [];
    await failureOf(recording(scripted([]), (exchange) => exchanges.push(exchange)));
    expect(exchanges).toEqual([]);
  });
});
