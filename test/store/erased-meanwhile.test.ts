// Erasing while something is made of what goes: nothing of it is left behind.

import { defineStore, derive } from "kindling";
import { expect, it } from "vitest";
import { z } from "zod";
import { orderOf } from "../../src/store/change.ts";
import { FactKeeper } from "../../src/store/fact-keeper.ts";
import { FactWriter } from "../../src/store/fact-writer.ts";
import { keptProjections } from "../../src/store/projection-log.ts";
import { encryptedPlace, NAME } from "../host/erasable.ts";
import { openBareHost, openKindling } from "../host/open-host.ts";

const people = defineStore("people", { schema: z.object({ name: z.string(), town: z.string() }) });

it("what is derived from a key while it is erased goes with it", async () => {
  const { place } = await encryptedPlace();
  const [asked, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const names = derive("names", {
    schema: z.array(z.string()),
    from: people,
    key: ({ town }) => town,
    compute: async (all) => {
      asked.resolve();
      await answer.promise;
      return all.map(({ value }) => value.name);
    },
  });
  await using kindling = await openKindling({ contracts: [], ledger: place, stores: [people, names] });
  await kindling.store(people).write("p1", { name: NAME, town: "Vienna" });
  await asked.promise;
  const erasing = kindling.eraseFacts({ store: people, key: "p1", reason: "she asked", derived: true });
  // As far as it comes before there is an answer.
  for (let turn = 0; turn < 100; turn++) await new Promise(setImmediate);
  answer.resolve();
  await erasing;
  await kindling.derivations.settle();
  const left = await kindling.recordedStore({ kind: "store", name: "names" }).history("Vienna");
  expect(JSON.stringify(left.items)).not.toContain(NAME);
});

it("a projection that was made before a key is erased is not kept while it is", async () => {
  const { place } = await encryptedPlace();
  const host = await openBareHost([], place);
  const { ledger } = host;
  await host.facts.record({ orders: [await orderOf(people.write("p1", { name: NAME, town: "Vienna" }))] });
  const lost = async (): Promise<void> => {
    await host.facts.project({ name: "names", version: 1, since: 1, upTo: ledger.position, state: [NAME] });
  };
  const keeper = new FactKeeper(ledger, new FactWriter(ledger), () => 0, { takenUpTo: () => ledger.position, lost });
  await keeper.keep({ verb: "erase", kind: "store", store: "people", key: "p1", derived: false, reason: "she asked" });
  expect(keptProjections(ledger)).toEqual([]);
});
