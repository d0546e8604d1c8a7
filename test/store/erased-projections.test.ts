// What is one value over everything, after some of it was erased: made anew of what is left, wherever it was made and kept before.

import { defineStore, project } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { encryptedPlace, NAME } from "../host/erasable.ts";
import { openKindling } from "../host/open-host.ts";

const people = defineStore("people", { schema: z.object({ name: z.string() }) });
const names = project("names", {
  from: { people },
  schema: z.record(z.string(), z.string()),
  initial: {},
  fold: { people: (all, fact) => (fact.act === "written" ? { ...all, [fact.key]: fact.value.name } : all) },
});

describe("a projection", () => {
  it("does not know what was erased: where it was made, in one that only reads, and in the next process", async () => {
    const { place } = await encryptedPlace();
    {
      await using kindling = await openKindling({ contracts: [], ledger: place });
      await using reader = await openKindling({ contracts: [], ledger: place, access: "read" });
      await kindling.store(people).write("p1", { name: NAME });
      await kindling.store(people).write("p2", { name: "Ada" });
      // It is kept with the ledger, too.
      expect((await kindling.projection(names).rebuild()).state).toEqual({ p1: NAME, p2: "Ada" });
      expect((await reader.projection(names).get()).state).toEqual({ p1: NAME, p2: "Ada" });
      await kindling.eraseFacts({ store: people, key: "p1", reason: "she asked" });
      for (const each of [kindling, reader]) expect((await each.projection(names).get()).state).toEqual({ p2: "Ada" });
      expect((await kindling.stats()).projections).toEqual([]);
      await kindling.projection(names).rebuild();
      expect((await kindling.stats()).projections).toMatchObject([{ name: "names" }]);
      await kindling.store(people).write("p3", { name: "Eve" });
      for (const each of [kindling, reader]) expect((await each.projection(names).get()).state).toEqual({ p2: "Ada", p3: "Eve" });
    }
    await using next = await openKindling({ contracts: [], ledger: place });
    expect((await next.projection(names).get()).state).toEqual({ p2: "Ada", p3: "Eve" });
  });

  it("that was kept and not asked for since knows nothing of it in the next process, either", async () => {
    const { place } = await encryptedPlace();
    {
      await using kindling = await openKindling({ contracts: [], ledger: place });
      await kindling.store(people).write("p1", { name: NAME });
      await kindling.projection(names).rebuild();
      await kindling.eraseFacts({ store: people, key: "p1", reason: "she asked" });
    }
    await using next = await openKindling({ contracts: [], ledger: place });
    expect((await next.projection(names).get()).state).toEqual({});
  });
});
