// Who asks for a run that is being loaded.

import { expect, it } from "vitest";
import { z } from "zod";
import { planOf } from "../../src/compile/plan.ts";
import { ActiveRun } from "../../src/host/active-run.ts";
import { Residents } from "../../src/host/residents.ts";
import { contract } from "../../src/index.ts";
import { newRunState } from "../../src/run/state.ts";
import { nextTurn, openBareHost, until } from "./open-host.ts";

const asks = contract("asks", {
  inputs: { n: z.number() },
  define: (g, { n }) => g.await("go", { event: "go", schema: z.null(), show: { n } }),
});

it("whoever asks first for a run is first to have it, also when the other asks as it has just come into memory", async () => {
  const host = await openBareHost([asks]);
  const residents = new Residents(async (id) => {
    const run = new ActiveRun(newRunState(id, planOf(asks.graph)), host, false);
    residents.add(run);
    await nextTurn(3);
    return run;
  });
  const order: string[] = [];
  const first = residents.use("run_1", () => order.push("first"));
  await until(() => residents.get("run_1") !== undefined);
  const second = residents.use("run_1", () => order.push("second"));
  await Promise.all([first, second]);
  expect(order).toEqual(["first", "second"]);
});
