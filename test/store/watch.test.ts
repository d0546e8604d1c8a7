// Watching a part of an index: what comes into it, changes in it and leaves it, none left out, from where a consumer was.

import { defineStore, type Feed, fileLedger, type IndexChange, memoryLedger } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

const reminders = defineStore("reminders", {
  schema: z.object({ owner: z.string(), text: z.string(), done: z.boolean() }),
  indexes: { open: ({ owner, done }) => (done ? undefined : owner), length: ({ text }) => text.length },
});
const others = defineStore("others", { schema: z.object({ owner: z.string() }), indexes: { open: ({ owner }) => owner } });
type Reminder = { owner: string; text: string; done: boolean };

const open = (owner: string, text = "call"): Reminder => ({ owner, text, done: false });

async function told(feed: Feed<IndexChange<Reminder>>): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const { type, key, fact, before } of feed)
    lines.push([type, key, before?.value.text ?? "-", fact.act === "written" ? fact.value.text : "removed"].join(" "));
  return lines;
}

describe("a watch", () => {
  it("tells what enters, what changes inside and what leaves, and of nothing else", async () => {
    await using kindling = await openKindling({ contracts: [], ledger: memoryLedger() });
    const store = kindling.store(reminders);
    await store.write("r1", open("ada", "one"));
    await store.write("r2", open("bob", "two"));
    await kindling.store(others).write("r1", { owner: "ada" });
    await store.write("r1", open("ada", "one, later"));
    await store.write("r1", { ...open("ada", "one, later"), done: true });
    await store.write("r1", { ...open("ada", "one, noted"), done: true });
    await store.write("r1", open("ada", "one again"));
    await store.write("r2", open("ada", "two"));
    await store.write("r2", open("bob", "two"));
    await store.remove("r1");
    await store.remove("r1");
    await store.write("r1", open("ada", "new"));
    expect(await told(store.watch("open", "ada"))).toEqual([
      "enter r1 - one",
      "update r1 one one, later",
      "leave r1 one, later one, later",
      "enter r1 one, noted one again",
      "enter r2 two two",
      "leave r2 two two",
      "leave r1 one again removed",
      "enter r1 - new",
    ]);
    expect(await told(store.watch("length", { above: 8 }))).toEqual([
      "enter r1 one one, later",
      "update r1 one, later one, later",
      "update r1 one, later one, noted",
      "update r1 one, noted one again",
      "leave r1 one again removed",
    ]);
  });

  it("goes on behind what was done, in a later process too, and live", async () => {
    const place = fileLedger(await temporaryFolder());
    {
      await using kindling = await openKindling({ contracts: [], ledger: place });
      const store = kindling.store(reminders);
      await kindling.record([reminders.write("r1", open("ada", "one")), reminders.write("r2", open("ada", "two"))]);
      const feed = store.watch("open", "ada", { cursor: "screen" });
      for await (const { key } of feed) {
        expect(key).toBe("r1");
        await feed.commit();
        break;
      }
    }
    await using kindling = await openKindling({ contracts: [], ledger: place });
    await using other = await openKindling({ contracts: [], ledger: place, access: "shared" });
    const enough = new AbortController();
    const live = other.store(reminders).watch("open", "ada", { cursor: "screen", live: true, signal: enough.signal });
    const lines: string[] = [];
    const listening = (async () => {
      for await (const { type, key, fact } of live) {
        lines.push(`${type} ${key}`);
        if (fact.act === "removed") enough.abort();
      }
    })();
    await kindling.store(reminders).write("r1", open("ada", "one, later"));
    await other.store(reminders).write("r2", { ...open("ada"), done: true });
    await kindling.store(reminders).remove("r1");
    await listening;
    expect(lines).toEqual(["enter r2", "update r1", "leave r2", "leave r1"]);
  });

  it("reads values of older versions as the newest", async () => {
    await using kindling = await openKindling({ contracts: [], ledger: memoryLedger() });
    const old = defineStore("people", { schema: z.string() });
    const people = defineStore("people", {
      version: 2,
      schema: z.object({ name: z.string() }),
      upcast: { 1: (name) => ({ name }) },
      indexes: { initial: ({ name }) => name.charAt(0) },
    });
    await kindling.store(old).write("p", "Ada");
    await kindling.store(people).write("p", { name: "Bob" });
    const types: unknown[] = [];
    for await (const { type, before } of kindling.store(people).watch("initial", "A")) types.push([type, before?.value.name]);
    expect(types).toEqual([
      ["enter", undefined],
      ["leave", "Ada"],
    ]);
  });

  it("says that something left when what was before it was given up", async () => {
    await using kindling = await openKindling({ contracts: [], ledger: memoryLedger() });
    const store = kindling.store(reminders);
    const first = await store.write("r1", open("ada"));
    const second = await store.write("r1", open("bob"));
    await kindling.pruneFacts({ ids: [first.id], reason: "no longer needed" });
    expect(await told(store.watch("open", "ada", { after: second.position - 1 }))).toEqual(["leave r1 - call"]);
    expect(await told(store.watch("open", "bob"))).toEqual(["enter r1 - call"]);
  });

  it("is refused about what there is not, when the first change is asked for", async () => {
    await using kindling = await openKindling({ contracts: [], ledger: memoryLedger() });
    const store = kindling.store(reminders);
    const wild = <T>(value: unknown) => value as T;
    await expect(told(store.watch(wild("closed"), "ada"))).rejects.toMatchObject({ code: "unknown_index" });
    await expect(told(store.watch("open", wild({ until: 7 })))).rejects.toMatchObject({ code: "bad_range" });
    await expect(told(store.watch("open", "ada", { after: 99 }))).rejects.toMatchObject({ code: "cursor_ahead" });
  });
});
