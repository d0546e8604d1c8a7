// Many runs that change one key at the same time.

import { contract, defineStore } from "kindling";
import { expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";

it("runs of one process that change one key take turns: each of them counts, however many they are", async () => {
  const counters = defineStore("counters", { schema: z.number() });
  const count = contract("count", {
    inputs: {},
    define: (g) => ({ counted: g.change("counted", counters, { key: "all", change: (current) => (current ?? 0) + 1 }) }),
  });
  const kindling = await openKindling({ contracts: [count] });
  const runs = await Promise.all(Array.from({ length: 40 }, () => kindling.start(count, {})));
  for (const run of runs) expect((await run.settled()).status).toBe("succeeded");
  expect((await kindling.store(counters).get("all"))?.value).toBe(40);
});
