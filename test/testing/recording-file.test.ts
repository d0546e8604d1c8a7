import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fc } from "../fast-check.ts";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as z from "zod";
import { recorded } from "../../providers/recorded.ts";
import { jsonText } from "../../providers/recorded/json-text.ts";
import { fromReadable, toReadable } from "../../providers/recorded/readable-json.ts";
import { runFile } from "../../providers/recorded/recording-schema.ts";
import { runRecordingIn, runRecordingText } from "../../providers/recorded/run-recording-file.ts";
import type { JsonValue } from "../../src/index.ts";
import { generate, textOf } from "../../src/model/model.ts";
import { readRunRecording, recordRun, replayRun, type RunRecording, scripted, writeRunRecording } from "../../src/testing.ts";
import { endedRun, press } from "./press.ts";

const SCHEMA = new URL("../../schema/recording.schema.json", import.meta.url);
const golden = (name: string) => new URL(`./golden/${name}`, import.meta.url).pathname;

let folder = "";
let file = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "kindling-recording-"));
  file = join(folder, "deep", "press.recording.json");
});
afterEach(() => rm(folder, { recursive: true }));

async function recordedPress(): Promise<RunRecording> {
  const { kindling, run } = await endedRun();
  const { recording } = await recordRun(kindling, run);
  await kindling.close();
  return recording;
}

describe("the file of a recorded run", () => {
  it("is readable, the same each time, and gives back what was written", async () => {
    const recording = await recordedPress();
    await writeRunRecording(file, recording);
    const text = readFileSync(file, "utf8");
    await expect(text.replaceAll(/[0-9a-f]{64}/g, "<hash>")).toMatchFileSnapshot(golden("press.recording.json"));
    expect(await readRunRecording(file)).toEqual(recording);
    expect(runRecordingText(await readRunRecording(file))).toBe(text);
  });

  it("shows of a conversation only what came since the call before, and long texts once", async () => {
    const recording = await recordedPress();
    const [call] = recording.nodes["draft"]?.calls ?? [];
    if (call?.request === undefined || call.reply === undefined) throw new Error("the draft was not recorded");
    const long = "a long line of a document\n".repeat(400);
    const first = {
      ...call.request,
      messages: [...call.request.messages, { role: "user" as const, content: [{ type: "text" as const, text: long }] }],
    };
    const more = { role: "assistant" as const, content: call.reply.content };
    const second = { ...call, turn: 2, request: { ...first, messages: [...first.messages, more] } };
    const longer: RunRecording = {
      ...recording,
      inputs: { topic: long },
      nodes: { draft: { calls: [{ ...call, request: first }, second] } },
    };
    const text = runRecordingText(longer);
    expect(text.match(/a long line of a document/g)?.length).toBe(400);
    expect(text).toContain('"more": [');
    expect(runRecordingIn(JSON.parse(text), "it")).toEqual(longer);
  });

  it("is refused with every place that is wrong, and when a long text is missing", async () => {
    await expect(readRunRecording(file)).rejects.toMatchObject({ code: "recording_not_found" });
    const spoilt = join(folder, "spoilt.json");
    await writeFile(
      spoilt,
      JSON.stringify({ format: "kindling-run-recording", version: 1, nodes: { draft: { calls: [{ turn: "one" }] } } }),
    );
    const error = await readRunRecording(spoilt).catch((thrown: unknown) => thrown as Error);
    expect((error as Error).message).toMatch(/no recorded run:[\s\S]*startedAt[\s\S]*nodes\.draft\.calls\.0\.turn/);
    const cut = JSON.parse(runRecordingText({ ...(await recordedPress()), inputs: { topic: "x".repeat(5_000) } })) as Record<
      string,
      unknown
    >;
    expect(() => runRecordingIn({ ...cut, texts: {} }, "it")).toThrow(/is not among the texts/);
  });

  it("can be given to recorded() as a provider of its exchanges", async () => {
    const recording = await recordedPress();
    await writeRunRecording(file, recording);
    const request = recording.nodes["posts[fr]/translate"]?.calls?.[0]?.request;
    if (request === undefined) throw new Error("it was not recorded");
    expect(textOf(await generate(recorded(file, { id: "real" }), request, { signal: new AbortController().signal }))).toBe("Salut");
  });

  it("is brought up to date in place where a test is told to", async () => {
    await writeRunRecording(file, await recordedPress());
    const changed = press({ translate: "Into" });
    await expect(replayRun(file, { contract: changed })).rejects.toMatchObject({
      code: "replay_differs",
      fix: expect.stringContaining(`npx kindling record --update ${file}`),
    });
    vi.stubEnv("KINDLING_RECORD", "1");
    const { updated } = await replayRun(file, { contract: changed, models: [scripted(["A", "B"], { id: "real" })] });
    expect(updated).toEqual(["posts[de]/translate", "posts[fr]/translate", "send"]);
    await replayRun(file, { contract: changed });
  });

  it("has the published schema (UPDATE_GOLDEN=1 rewrites it)", () => {
    const text = `${JSON.stringify(z.toJSONSchema(runFile), null, 2)}\n`;
    if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(SCHEMA, text);
    expect(existsSync(SCHEMA) ? readFileSync(SCHEMA, "utf8") : "").toBe(text);
  });
});

describe("readable JSON", () => {
  const awkward = fc.oneof(fc.constantFrom("$lines", "$text", "$object", "a\nb", "x".repeat(4_001)), fc.string());
  const values = fc.letrec<{ value: JsonValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, 0, -1.5),
      awkward,
      fc.array(tie("value"), { maxLength: 4 }),
      fc.dictionary(
        awkward.filter((key) => key !== "__proto__"),
        tie("value"),
        { maxKeys: 3, noNullPrototype: true },
      ),
    ),
  })).value;

  it("gives back any value, also one that looks like its own marks", () => {
    fc.assert(
      fc.property(values, (value) => {
        const texts: Record<string, readonly string[]> = {};
        const readable = JSON.parse(jsonText(toReadable(value, texts))) as JsonValue;
        expect(fromReadable(readable, texts)).toEqual(value);
      }),
      { numRuns: 300 },
    );
  });
});
