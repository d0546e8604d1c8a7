// Facts in stores and histories of this project, over a ledger in a folder.

import { z } from "zod";
import { createRuntime, defineHistory, defineStore, derive, fileLedger, type Kindling } from "../src/index.ts";
import type { FactSubject } from "./facts-subject.ts";

const items = defineStore("items", {
  schema: z.object({ owner: z.string(), due: z.number(), text: z.string() }),
  indexes: { owner: ({ owner }) => owner, due: ({ due }) => due },
});
const visits = defineHistory("visits", { schema: z.object({ part: z.string(), minutes: z.number() }), partitionBy: ({ part }) => part });
const sums = derive("sums", {
  schema: z.number(),
  from: visits,
  key: ({ part }) => part,
  reduce: { initial: 0, add: (sum, { minutes }) => sum + minutes },
});

/** Opens or makes one. */
export async function kindlingFacts(folder: string): Promise<FactSubject> {
  let kindling: Kindling = await createRuntime({ contracts: [], stores: [items, visits], ledger: fileLedger(folder) });
  const end = async (): Promise<number> => (await kindling.activity({ limit: 1 })).items[0]?.position ?? 1;
  let last: number | undefined;
  return {
    fill: (some, events) => {
      last = undefined;
      return kindling.record([...some.map(([key, item]) => items.write(key, item)), ...events.map((event) => visits.append(event))]);
    },
    write: (key, item) => kindling.store(items).write(key, item),
    get: async (key) => (await kindling.store(items).get(key))?.value,
    getThen: async (key, permille) => {
      last ??= await end();
      const position = Math.max(1, Math.floor((last * permille) / 1_000));
      return (await kindling.store(items).get(key, { asOf: { position } }))?.value;
    },
    part: async (partition) => (await kindling.history(visits).read({ partition })).items.length,
    ofOwner: async (owner) => (await kindling.store(items).query("owner", owner, { limit: 20 })).items.length,
    dueFrom: async (due) => (await kindling.store(items).query("due", { from: due }, { limit: 20 })).items.length,
    deriveSums: async () => {
      await kindling.close();
      kindling = await createRuntime({ contracts: [], stores: [items, visits, sums], ledger: fileLedger(folder) });
      await kindling.derivations.settle();
    },
    visit: async (event) => {
      await kindling.history(visits).append(event);
      await kindling.derivations.settle();
    },
    sum: async (part) => (await kindling.store(sums).get(part))?.value,
    close: () => kindling.close(),
  };
}
