// Notes of what followed from facts, when those are given up: they go with them, and what is still asked of them is told as before.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { defineHistory, defineStore, derive, fileLedger, type Kindling } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { orderOf } from "../../src/store/change.ts";
import { effectNotes } from "../../src/store/effects.ts";
import { restingOn } from "../../src/store/erase-facts.ts";
import { FactKeeper } from "../../src/store/fact-keeper.ts";
import { FactWriter } from "../../src/store/fact-writer.ts";
import { lineageOf } from "../../src/store/lineage.ts";
import { encryptedPlace } from "../host/erasable.ts";
import { openKindling } from "../host/open-host.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

const calls = defineHistory("calls", { schema: z.number(), retention: { last: 3 } });
const people = defineStore("people", { schema: z.number() });
const CALLS = "history:calls:";

interface World {
  readonly ledger: Ledger;
  readonly writer: FactWriter;
  readonly call: (n: number) => Promise<string>;
  readonly person: (key: string, cause: string) => Promise<string>;
  readonly compact: () => Promise<unknown>;
}

async function world(): Promise<World> {
  const ledger = await fileLedger(await temporaryFolder()).open({ access: "write" });
  const writer = new FactWriter(ledger);
  const keeper = new FactKeeper(ledger, writer, () => 0);
  const record = async (change: Parameters<typeof orderOf>[0]): Promise<string> =>
    (await writer.record({ orders: [await orderOf(change)] })).facts[0]?.id ?? "";
  const { kind, name, retention } = calls;
  return {
    ledger,
    writer,
    call: (n) => record(calls.append(n)),
    person: (key, cause) => record(people.write(key, 1, { causedBy: [cause] })),
    compact: () => keeper.keep({ verb: "compact", rules: [{ kind, store: name, retention }] }),
  };
}

async function notes(ledger: Ledger): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { cause, effect } of effectNotes(ledger, CALLS)) found.push([cause, effect].map((id) => id.split("#")[0]).join(" > "));
  return found;
}

describe("notes of what followed from facts that are compacted", () => {
  it("are as many as facts that stay and keys that rest on them, however many there were", async () => {
    const { ledger, call, person, compact } = await world();
    for (let year = 0; year < 3; year++) {
      for (let n = 0; n < 8; n++) await person(n === 0 ? "zoe" : "ada", await call(n));
      await compact();
      const last = 8 * (year + 1);
      expect(await notes(ledger)).toEqual([
        `${CALLS}@${last - 2} > store:people:ada@${7 * (year + 1) - 2}`,
        `${CALLS}@${last - 1} > store:people:ada@${7 * (year + 1) - 1}`,
        `${CALLS}@${last} > store:people:ada@${7 * (year + 1)}`,
        `${CALLS}@1 > store:people:zoe@1`,
      ]);
    }
    await ledger.close();
  });

  it("tell the same of facts that stay, and an erasure all keys that ever rested on the key", async () => {
    const { ledger, call, person, compact } = await world();
    for (const key of ["zoe", "bob", "ada", "ada", "ada"]) await person(key, await call(1));
    const [kept = ""] = (await ledger.read(CALLS, { from: 4 })).flatMap(({ facts }) => facts).map(({ id }) => String(id));
    const before = await lineageOf(ledger, kept, { direction: "effects" });
    const resting = await restingOn(ledger, CALLS);
    await compact();
    expect(await lineageOf(ledger, kept, { direction: "effects" })).toEqual(before);
    expect([...(await restingOn(ledger, CALLS)).streams].sort()).toEqual([...resting.streams].sort());
    const next = await person("eve", kept);
    expect((await lineageOf(ledger, kept, { direction: "effects" })).links).toContainEqual({ cause: kept, effect: next });
    await ledger.close();
  });

  it("that are many stand beside the log, and none is lost to those that come meanwhile", async () => {
    const { ledger, writer, call, person, compact } = await world();
    await person("once", await call(1));
    for (let n = 0; n < 2; n++) await call(n);
    const cause = await call(3);
    const orders = await Promise.all(Array.from({ length: 900 }, (_, n) => orderOf(people.write(`k${n}`, n, { causedBy: [cause] }))));
    for (let first = 0; first < orders.length; first += 300) await writer.record({ orders: orders.slice(first, first + 300) });
    let [isOver, late] = [false, 0];
    const writes = async (): Promise<void> => {
      for (; !isOver || late < 20; late++) await person(`late-${late}`, cause);
    };
    await Promise.all([compact().finally(() => (isOver = true)), writes(), writes()]);
    const { links } = await lineageOf(ledger, cause, { direction: "effects" });
    expect(new Set(links.map(({ effect }) => effect)).size).toBe(900 + late);
    expect(await notes(ledger)).toContain(`${CALLS}@1 > store:people:once@1`);
    expect(await ledger.verify()).toMatchObject({ ok: true, blobs: 1 });
    await ledger.close();
  });
});

const visits = defineHistory("visits", { schema: z.number(), retention: { last: 10 } });
const sums = derive("sums", {
  schema: z.number(),
  from: visits,
  key: (visit) => (visit % 2 === 0 ? "even" : "odd"),
  reduce: { initial: 0, add: (sum, visit) => sum + visit },
  retention: { last: 1 },
});
const marks = defineStore("marks", { schema: z.number() });

/** As many visits, and a mark that rests on the first of them. */
async function visited(kindling: Kindling, count: number): Promise<void> {
  const { facts } = await kindling.record(Array.from({ length: count }, (_, n) => visits.append(n)));
  await kindling.store(marks).write("first", 1, { causedBy: [facts[0]?.id ?? ""] });
  await kindling.derivations.settle();
}

describe("notes of what is derived", () => {
  it("of a history that is kept for a while are as many as what is derived from it, and go off the disk with a purge", async () => {
    const folder = await temporaryFolder();
    const place = fileLedger(folder, { segmentBytes: 20_000 });
    const count = async () => {
      const ledger = await fileLedger(folder).open({ access: "read" });
      const notes = await Array.fromAsync(effectNotes(ledger, "history:visits:"));
      await ledger.close();
      return notes.length;
    };
    await using kindling = await openKindling({ contracts: [], ledger: place, stores: [visits, sums] });
    await visited(kindling, 900);
    expect(await count()).toBe(901);
    await kindling.compactFacts();
    // Ten visits that stay, with both sums; the mark rests on one that has gone.
    expect(await count()).toBe(11);
    await visited(kindling, 100);
    expect(await count()).toBe(112);
    await kindling.compactFacts();
    expect(await count()).toBe(11);
    const logged = async () => {
      const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(".jsonl"));
      const texts = await Promise.all(files.map((name) => readFile(join(folder, name), "utf8")));
      return texts.join("").split('"store.effect"').length - 1;
    };
    expect(await logged()).toBeGreaterThan(900);
    await kindling.purgeFacts();
    expect(await logged()).toBeLessThan(200);
    expect((await kindling.verify()).ok).toBe(true);
  });

  it("lead who erases to all that rests on the key, also on what is gone of it", async () => {
    const { place } = await encryptedPlace();
    await using kindling = await openKindling({ contracts: [], ledger: place, stores: [visits, sums] });
    await visited(kindling, 100);
    await kindling.compactFacts();
    const { blocked } = await kindling.eraseFacts({ store: visits, key: "", reason: "asked for", dryRun: true });
    expect(blocked.map(({ store, key }) => `${store} ${key}`).sort()).toEqual(["marks first", "sums even", "sums odd"]);
  });
});
