import { join } from "node:path";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { matchers } from "kindling/testing/vitest";
import type { Run } from "../../src/index.ts";
import { recordRun, replayRun, scripted, writeRunRecording } from "../../src/testing.ts";
import { endedRun, inputs, press, pressRoom } from "./press.ts";

expect.extend(matchers);

const golden = (name: string) => new URL(`./golden/${name}`, import.meta.url).pathname;

/** What an assertion says when it fails. */
async function said(assertion: Promise<void>): Promise<string> {
  return assertion.then(
    () => "it holds",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

let waiting: Run;
let ended: Run;
let failed: Run;
beforeAll(async () => {
  const room = await pressRoom();
  waiting = await room.kindling.start("press", inputs);
  await waiting.settled();
  const { kindling, run } = await endedRun();
  ended = await kindling.run(run);
  const broken = await pressRoom({}, [scripted([], { id: "real" })]);
  failed = await broken.kindling.start("press", inputs);
  await failed.settled();
});

describe("what is expected of a run", () => {
  it("holds where it is so, and where it is not expected and not so", async () => {
    await expect(ended).toHaveSucceeded();
    await expect(waiting).not.toHaveSucceeded();
    await expect(failed).toHaveFailed("unknown_request");
    await expect(failed).not.toHaveFailed("refused");
    await expect(waiting).toBeWaitingFor("draft.reviewed", { path: "review" });
    await expect(waiting).not.toBeWaitingFor("draft.reviewed", { path: "elsewhere" });
    await expect(ended).toHaveOutput({ sent: { key: expect.stringContaining("send"), many: 2 }, review: { decision: "ok" } });
    await expect(ended).not.toHaveOutput({});
    await expect(ended).toHaveRun("posts[de]/translate");
    await expect(waiting).not.toHaveRun("posts");
    await expect(ended).toHaveCalledModel("posts", { times: 2, model: "real:small" });
    await expect(ended).toHaveCalledModel("draft");
    await expect(ended).not.toHaveCalledModel("draft", { model: "real:small" });
    await expect(ended).toHaveSpentAtMost({ calls: 3, tokens: 1_000 });
    // Nobody knows what it cost.
    await expect(ended).not.toHaveSpentAtMost({ usd: 100 });
  });

  it("says what is wrong and how the run stands in a few lines", async () => {
    const texts = [
      await said(expect(waiting).toHaveSucceeded()),
      await said(expect(failed).toHaveSucceeded()),
      await said(expect(ended).toBeWaitingFor("draft.reviewed")),
      await said(expect(ended).toHaveOutput({ sent: 2 })),
      await said(expect(waiting).toHaveRun("posts[de]/translate")),
      await said(expect(ended).toHaveCalledModel("draft", { times: 2 })),
      await said(expect(ended).toHaveSpentAtMost({ calls: 1 })),
      await said(expect(ended).not.toHaveSucceeded()),
      await said(expect("run").toHaveSucceeded()),
    ];
    await expect(`${texts.join("\n\n")}\n`.replaceAll(/run_[0-9a-z]{26}/g, "run_…")).toMatchFileSnapshot(golden("matchers.txt"));
  });
});

/** Never called: what the compiler refuses. */
export async function mistakes(): Promise<void> {
  // @ts-expect-error the option is called times
  await expect(ended).toHaveCalledModel("draft", { time: 2 });
  // @ts-expect-error a limit is a number
  await expect(ended).toHaveSpentAtMost({ usd: "1" });
  // @ts-expect-error the event is named
  await expect(ended).toBeWaitingFor();
}

describe("a recording", () => {
  let folder = "";
  beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), "kindling-matchers-"))));
  afterAll(() => rm(folder, { recursive: true }));

  it("is matched by a contract that goes as it was recorded, and its replay can be expected of", async () => {
    const { kindling, run } = await endedRun();
    const { recording } = await recordRun(kindling, run);
    const file = join(folder, "press.recording.json");
    await writeRunRecording(file, recording);
    await expect(press()).toMatchRecording(file);
    await expect(press({ draft: "Sing of" })).not.toMatchRecording(file);
    expect(await said(expect(press({ draft: "Sing of" })).toMatchRecording(file))).toMatch(
      /- Write about dogs\n\s+\+ Sing of dogs[\s\S]*record --update/,
    );
    const replayed = await replayRun(recording, { contract: press() });
    await expect(replayed).toHaveSucceeded();
    await expect(replayed).toHaveOutput({ sent: { key: expect.any(String), many: 2 }, review: { decision: "ok" } });
  });
});
