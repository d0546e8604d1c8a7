// Erasing while something is derived from what goes: nothing that is derived then is left behind.

import { defineStore, derive } from "kindling";
import { expect, it } from "vitest";
import { z } from "zod";
import { encryptedPlace, NAME } from "../host/erasable.ts";
import { openKindling } from "../host/open-host.ts";

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
