// A compaction whose process is stopped or killed: what was given up stays so, everything else is as it was, and the next one does the rest.

import { join } from "node:path";
import { expect, it } from "vitest";
import { createRuntime, fileLedger, type Kindling } from "../../src/index.ts";
import { ended, quick } from "../host/compactable.ts";
import { testProject, type TestProject } from "./command-line.ts";

const RUNS = 1_000;

const open = ({ folder }: TestProject, access: "read" | "write"): Promise<Kindling> =>
  createRuntime({ contracts: [quick], ledger: fileLedger(join(folder, ".kindling", "ledger")), access });

const receipts = async (kindling: Kindling) => (await kindling.compacted({ limit: RUNS })).items.length;

it.each(["SIGINT", "SIGKILL"] as const)("by %s", async (signal) => {
  const project = await testProject();
  {
    await using kindling = await open(project, "write");
    await Promise.all(Array.from({ length: RUNS }, (_, n) => ended(kindling, n)));
  }
  await using reader = await open(project, "read");
  const compacting = project.start("compact", "--keep", "0s");
  await expect.poll(() => receipts(reader), { interval: 10 }).toBeGreaterThan(0);
  compacting.child.kill(signal);
  const { code, err } = await compacting.ended;
  if (signal === "SIGINT")
    expect([code, err]).toEqual([
      130,
      "stopped; what was given up so far stays so, and all else is as it was; go on with: kindling compact\n",
    ]);
  const given = await receipts(reader);
  expect(given).toBeLessThan(RUNS);
  expect((await project.kindling("verify")).code).toBe(0);
  const rest = await project.kindling("compact", "--keep", "0s");
  expect(rest).toMatchObject({ code: 0, out: expect.stringContaining(`gave up ${RUNS - given} run`) });
  await expect.poll(() => receipts(reader)).toBe(RUNS);
  expect((await project.kindling("verify")).code).toBe(0);
});
