// How far what is derived is said to be when the beginning of the log has moved beyond it, and nothing has come for it since.

import { defineHistory, defineStore, derive, fileLedger } from "kindling";
import { expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

const calls = defineHistory("calls", { schema: z.number(), retention: { last: 1 } });
const places = defineStore("places", { schema: z.string(), retention: { last: 1 } });
const minutes = derive("minutes", {
  schema: z.number(),
  from: calls,
  key: () => "all",
  reduce: { initial: 0, add: (sum, minutes) => sum + minutes },
});
const stores = [calls, places, minutes];

it("is not behind when only what it has taken in was purged, by the word of each process", async () => {
  const ledger = fileLedger(`${await temporaryFolder()}/ledger`);
  const kindling = await openKindling({ contracts: [], stores, ledger });
  for (const length of [1, 2, 3]) await kindling.history(calls).append(length);
  for (let round = 0; round < 3; round++) await kindling.record(Array.from({ length: 400 }, () => places.write("ada", "Bonn")));
  await kindling.compactFacts();
  expect((await kindling.purgeFacts()).ledger?.removed.commits).toBeGreaterThan(1_000);
  await kindling.derivations.settle();
  expect((await kindling.stats()).derivations).toMatchObject([{ behind: 0 }]);
  await using reader = await openKindling({ contracts: [], stores, ledger, access: "read" });
  expect(await reader.derivations.status()).toMatchObject([{ behind: 0 }]);
  await kindling.history(calls).append(4);
  await kindling.derivations.settle();
  expect((await reader.store(minutes).get("all"))?.value).toBe(10);
});

it("is not behind for a thousand changes of other stores, by the word of a process that only reads", async () => {
  const ledger = fileLedger(`${await temporaryFolder()}/ledger`);
  const kindling = await openKindling({ contracts: [], stores, ledger });
  await kindling.history(calls).append(1);
  await kindling.derivations.settle();
  for (let round = 0; round < 3; round++) await kindling.record(Array.from({ length: 400 }, () => places.write("ada", "Bonn")));
  await kindling.derivations.settle();
  await using reader = await openKindling({ contracts: [], stores, ledger, access: "read" });
  expect(await reader.derivations.status()).toMatchObject([{ behind: 0 }]);
});
