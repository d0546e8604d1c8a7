import { createRuntime } from "kindling";
import { memoryLedger, replayRun, scripted } from "kindling/testing";
import { matchers } from "kindling/testing/vitest";
import { expect, it } from "vitest";
import { letter } from "./letter.ts";

expect.extend(matchers);
const recording = new URL("letter.recording.json", import.meta.url);

it("waits for a person before anything is sent", async () => {
  const models = [scripted(["Dear Ada, thank you."], { id: "house" })];
  await using kindling = await createRuntime({ contracts: [letter], ledger: memoryLedger(), models });
  const run = await kindling.start(letter, { to: "Ada" });
  await run.settled();
  await expect(run).toBeWaitingFor("letter.approved", { path: "approved" });
  await expect(run).toHaveRun("text");
  await expect(run).not.toHaveRun("send");
  await expect(run).toHaveCalledModel("text", { times: 1, model: "house:small" });
  await expect(run).toHaveSpentAtMost({ calls: 1, tokens: 500 });
});

it("goes as it was recorded", async () => {
  await expect(letter).toMatchRecording(recording);
});

it("gives what it gave", async () => {
  const run = await replayRun(recording, { contract: letter });
  await expect(run).toHaveSucceeded();
  await expect(run).toHaveOutput({ sent: expect.objectContaining({ text: "Dear Ada, thank you for seven years." }) });
});
