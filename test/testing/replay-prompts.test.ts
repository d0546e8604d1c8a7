// Recorded conversations whose prompt is kept elsewhere: a replay asks with the text as it was, and never looks there.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, createRuntime } from "../../src/index.ts";
import { parsePrompt, type Prompt } from "../../src/model/prompt.ts";
import { memoryLedger, recordRun, scripted, seededChance } from "../../src/testing.ts";
import { replay, updateRecording } from "../../src/testing/replay.ts";
import { runRecordingIn, runRecordingText } from "../../providers/recorded/run-recording-file.ts";

const read = (text: string): Prompt =>
  parsePrompt(`---\nname: greet\ninputs:\n  name: string\n---\n${text}\n`, { name: "greet", file: "greet.prompt.md" });

/** How often it was looked for. */
let looks = 0;

function greeting(text: string) {
  const from = { store: "langfuse", name: "greet", version: 7 };
  const prompt: Prompt = {
    ...read("Stand-in for {{name}}."),
    origin: { store: "langfuse", name: "greet" },
    resolve: () => {
      looks += 1;
      return Promise.resolve({ prompt: read(text), from });
    },
  };
  return contract("greeting", {
    inputs: { name: z.string() },
    define: (g, { name }) => ({ text: g.llm("text", { needs: { name }, prompt, model: "real:small" }) }),
  });
}

async function recorded() {
  const kindling = await createRuntime({
    contracts: [greeting("Greet {{name}}.")],
    ledger: memoryLedger(),
    models: [scripted(["Hello."], { id: "real" })],
    chance: seededChance(2),
  });
  const run = await kindling.start("greeting", { name: "Ada" });
  await run.result();
  const report = await recordRun(kindling, run.id);
  await kindling.close();
  return report;
}

describe("a prompt that is kept elsewhere", () => {
  it("stands in the recording as it was, and is not looked for again, whatever it says there now", async () => {
    looks = 0;
    const { recording, doubts, unmade } = await recorded();
    expect([doubts, unmade, looks]).toEqual([[], [], 1]);
    expect(recording.nodes["text"]?.prompt).toMatchObject({
      from: { store: "langfuse", version: 7 },
      text: expect.stringContaining("Greet {{name}}."),
    });
    const file = runRecordingIn(JSON.parse(runRecordingText(recording)), "it");
    expect((await replay(file, greeting("Say something else to {{name}}."))).lines).toEqual(["the run is as it was recorded"]);
    const { asked, recording: updated } = await updateRecording(file, greeting("Say something else to {{name}}."), {});
    expect([asked, updated.nodes["text"]?.prompt, looks]).toEqual([[], recording.nodes["text"]?.prompt, 1]);
  });

  it("asks to be recorded where the recording does not have it", async () => {
    const { recording } = await recorded();
    const { altered } = await replay({ ...recording, nodes: {} }, greeting("Greet {{name}}."));
    expect(altered.map(({ path, what, of }) => [path, what, of])).toEqual([["text", "new", "model"]]);
  });
});
