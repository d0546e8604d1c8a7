// The changefeed of stores and histories: nothing is left out, and who comes again goes on where it was.

import {
  contract,
  defineHistory,
  defineStore,
  type FactChangesQuery,
  type Feed,
  fileLedger,
  type Kindling,
  memoryLedger,
  type RawFact,
} from "kindling";
import { cp } from "node:fs/promises";
import { join } from "node:path";
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

  it("are those of a kind, an act, a key or a part, and a run with its children", async () => {
    await using kindling = await openKindling({ contracts: [next], ledger: memoryLedger() });
    const run = await kindling.start(next, { n: 1 });
    await run.result();
    const [first] = await run.facts();
    await kindling.record([
      notes.write("a", "1", { causedBy: [first?.id ?? ""] }),
      notes.write("b", "2", { producer: { kind: "run", name: run.id } }),
      calls.append(7, { causedBy: ["run_other:1"] }),
      notes.remove("a"),
    ]);
    expect(await taken(kindling.factChanges({ kinds: ["history"] }))).toEqual(["calls  7"]);
    expect(await taken(kindling.factChanges({ acts: ["removed"] }))).toEqual(["notes a removed"]);
    expect(await taken(kindling.factChanges({ keys: ["a"], acts: ["written"] }))).toEqual(["notes a 1"]);
    expect(await taken(kindling.factChanges({ keys: [""] }))).toEqual(["calls  7"]);
    expect(await taken(kindling.factChanges({ run: run.id }))).toEqual(["notes a 1", "notes b 2"]);
    expect(await taken(kindling.factChanges({ run: run.id, keys: ["b"] }))).toEqual(["notes b 2"]);
  });

  it("are refused for what there is not, with what there is", async () => {
    await using kindling = await openKindling({ contracts: [next], ledger: memoryLedger(), stores: [calls] });
    await kindling.store(notes).write("a", "1");
    expect(await taken(kindling.factChanges({ stores: ["calls", "notes"] }))).toEqual(["notes a 1"]);
    const wild = <T>(value: unknown) => value as T;
    const refused: readonly [FactChangesQuery, string, string][] = [
      [{ stores: ["note"] }, "unknown_store", 'Did you mean "notes"?'],
      [{ stores: ["call"] }, "unknown_store", "createRuntime({ stores })"],
      [{ kinds: wild(["stores"]) }, "unknown_kind", 'Did you mean "store"?'],
      [{ acts: wild(["write"]) }, "unknown_act", 'Known: "written", "removed"'],
      [{ run: "run_none" }, "run_not_found", "kindling.list()"],
    ];
    for (const [query, code, fix] of refused)
      await expect(taken(kindling.factChanges(query)), code).rejects.toMatchObject({ code, fix: expect.stringContaining(fix) });
  });

  it("are not gone on with by a cursor of another ledger", async () => {
    const folder = await temporaryFolder();
    {
      await using kindling = await openKindling({ contracts: [], ledger: fileLedger(join(folder, "one")) });
      await kindling.store(notes).write("a", "1");
      const feed = kindling.factChanges({ cursor: "mailer" });
      await taken(feed);
      await feed.commit();
    }
    await (await openKindling({ contracts: [], ledger: fileLedger(join(folder, "two")) })).close();
    await cp(join(folder, "one", "cursors"), join(folder, "two", "cursors"), { recursive: true });
    await using other = await openKindling({ contracts: [], ledger: fileLedger(join(folder, "two")) });
    await expect(taken(other.factChanges({ cursor: "mailer" }))).rejects.toMatchObject({
      code: "cursor_too_old",
      message: expect.stringContaining("was kept for another ledger"),
    });
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

  it("of what comes from now on leave out what was there", async () => {
    await using kindling = await openKindling({ contracts: [] });
    await kindling.history(calls).append(1);
    expect(await taken(kindling.factChanges({ after: "end" }))).toEqual([]);
    const enough = new AbortController();
    const feed = kindling.factChanges({ after: "end", live: true, signal: enough.signal })[Symbol.asyncIterator]();
    const next = feed.next();
    await kindling.history(calls).append(2);
    expect((await next).value).toMatchObject({ value: 2 });
    enough.abort();
    expect(await feed.next()).toMatchObject({ done: true });
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
