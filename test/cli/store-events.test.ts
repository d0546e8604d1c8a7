// Events from the command line: the runs that they start or answer are followed, and what a command that has ended left behind is taken by the next one.

import { describe, expect, it } from "vitest";
import { join } from "node:path";
import { resume } from "../../src/cli/commands/resume.ts";
import { getFact } from "../../src/cli/commands/store/get.ts";
import { appendEvent } from "../../src/cli/commands/store/put.ts";
import { start } from "../../src/cli/commands/start.ts";
import { createRuntime, defineHistory, fileLedger } from "../../src/index.ts";
import { z } from "zod";
import { type ProcessProject, projectHere } from "./in-process.ts";

const payment = (order: string, usd: number): string => JSON.stringify({ order, usd });

/** An event of a program that knows no contracts. */
async function recordedElsewhere({ folder }: ProcessProject, order: string, usd: number): Promise<void> {
  const payments = defineHistory("payments", { schema: z.object({ order: z.string(), usd: z.number() }) });
  await using kindling = await createRuntime({ contracts: [], ledger: fileLedger(join(folder, ".kindling", "ledger")) });
  await kindling.history(payments).append({ order, usd });
}

describe("store append", () => {
  it("follows the runs that the event starts and answers, and says how they stand", async () => {
    const { call } = await projectHere("events.config.ts");
    await call((shell) => start(shell, "ship", { input: ["order=o1"] }, false));
    const told = await call((shell) => appendEvent(shell, "payments", payment("o1", 20), {}));
    expect(told).toMatchObject({
      code: 0,
      result: {
        receipt: { store: "payments" },
        runs: [{ run: { contract: "book", status: "succeeded" } }, { run: { contract: "ship", status: "succeeded" } }],
      },
    });
    expect(told.text).toContain("o1 20");
    expect(told.text).toContain("o1 paid 20");
    const none = await call((shell) => appendEvent(shell, "payments", payment("o1", 1), {}));
    expect(none.result["runs"]).toEqual([]);
    expect(await call((shell) => getFact(shell, "paid", "o1", {}))).toMatchObject({ result: { fact: { value: 21 } } });
  });

  it("has recorded the event, whatever becomes of the run", async () => {
    const { call } = await projectHere("events.config.ts");
    const told = await call((shell) => appendEvent(shell, "payments", payment("o1", 200), {}));
    expect(told).toMatchObject({ code: 0, result: { runs: [{ run: { status: "failed" } }] } });
    expect(told.text).toContain("too much to book");
  });

  it("with --no-follow tells the receipt alone", async () => {
    const { call } = await projectHere("events.config.ts");
    const told = await call((shell) => appendEvent(shell, "payments", payment("o1", 20), { follow: false }));
    expect(Object.keys(told.result)).toEqual(["receipt"]);
  });
});

describe("resume", () => {
  it("takes events that came while no process was there, before it looks for what was interrupted", async () => {
    const project = await projectHere("events.config.ts");
    const { call } = project;
    await call((shell) => start(shell, "ship", { input: ["order=o1"] }, false));
    await recordedElsewhere(project, "o1", 5);
    expect((await call((shell) => resume(shell, undefined, {}))).code).toBe(0);
    await using reader = await createRuntime({
      contracts: [],
      ledger: fileLedger(join(project.folder, ".kindling", "ledger")),
      access: "read",
    });
    expect((await reader.list()).items).toMatchObject([{ contract: "ship", status: "succeeded" }]);
    await recordedElsewhere(project, "o2", 5);
    const again = await call((shell) => resume(shell, undefined, {}));
    expect(again.text).toBe("nothing was interrupted");
    expect((await call((shell) => getFact(shell, "paid", "o2", {}))).result).toMatchObject({ fact: { value: 5 } });
  });
});
