// The changefeed of stores and histories: nothing is left out, and who comes again goes on where it was.

import { contract, defineHistory, defineStore, type Feed, fileLedger, type Kindling, memoryLedger, type RawFact } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

const notes = defineStore("notes", { schema: z.string() });
const calls = defineHistory("calls", { schema: z.number() });
const next = contract("next", { inputs: { n: z.number() }, define: (g, { n }) => g.map("next", n, (n) => n + 1) });

async function taken(feed: Feed<RawFact>): Promise<readonly unknown[]> {
  const facts: unknown[] = [];
  for await (const { store, key, act, value } of feed)
    facts.push(act === "removed" ? `${store} ${key} removed` : `${store} ${key} ${String(value)}`);
  return facts;
}

async function story(kindling: Kindling): Promise<void> {
  await kindling.record([notes.write("a", "1"), calls.append(7, { causedBy: ["run_x:1"] })], { idempotencyKey: "k" });
  await (await kindling.start(next, { n: 1 })).result();
  await kindling.store(notes).write("a", "2");
  await kindling.store(notes).remove("a");
}

describe("the changes of facts", () => {
  it("are those of stores and histories in the order of the ledger, and of those that are asked for", async () => {
    await using kindling = await openKindling({ contracts: [next], ledger: memoryLedger() });
    await story(kindling);
    expect(await taken(kindling.factChanges())).toEqual(["notes a 1", "calls  7", "notes a 2", "notes a removed"]);
    expect(await taken(kindling.factChanges({ stores: ["calls"] }))).toEqual(["calls  7"]);
    expect(await taken(kindling.factChanges({ stores: [] }))).toEqual([]);
    const [first] = (await kindling.store(notes).history("a")).items;
    expect(await taken(kindling.factChanges({ stores: ["notes"], after: first?.position ?? 0 }))).toEqual(["notes a 2", "notes a removed"]);
  });

  it("go on behind what was done, in a later process too", async () => {
    const place = fileLedger(await temporaryFolder());
    {
      await using kindling = await openKindling({ contracts: [next], ledger: place });
      await story(kindling);
      const feed = kindling.factChanges({ cursor: "mailer" });
      for await (const fact of feed) {
        if (fact.store !== "calls") continue;
        await feed.commit();
        break;
      }
    }
    await using kindling = await openKindling({ contracts: [next], ledger: place });
    const feed = kindling.factChanges({ cursor: "mailer" });
    expect(await taken(feed)).toEqual(["notes a 2", "notes a removed"]);
    await feed.commit();
    expect(await taken(kindling.factChanges({ cursor: "mailer" }))).toEqual([]);
    await expect(kindling.factChanges().commit()).rejects.toMatchObject({ code: "no_cursor" });
    await expect(taken(kindling.factChanges({ after: 10_000 }))).rejects.toMatchObject({ code: "cursor_ahead" });
  });

  it("come while they are recorded, by whatever process, until the one who listens has enough", async () => {
    const place = fileLedger(await temporaryFolder());
    await using kindling = await openKindling({ contracts: [], ledger: place });
    await using other = await openKindling({ contracts: [], ledger: place, access: "shared" });
    const enough = new AbortController();
    const seen: unknown[] = [];
    const listening = (async () => {
      for await (const { value } of other.factChanges({ live: true, signal: enough.signal })) {
        seen.push(value);
        if (seen.length === 50) enough.abort();
      }
    })();
    for (let n = 0; n < 25; n++) {
      await kindling.history(calls).append(n);
      await other.history(calls).append(n + 100);
    }
    await listening;
    expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => [n, n + 100]).flat());
  });
});
