// The changefeed: everything in order, as fast as it is taken, from where a consumer was done; and what it refuses.

import { type Change, contract, type Kindling, type LedgerPlace, memoryLedger } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import type { Entry } from "../../src/ledger/ledger.ts";
import { openKindling, temporaryLedger, until } from "./open-host.ts";
import { overridden } from "./ledgers.ts";

const order = contract("order", {
  inputs: { id: z.string(), pieces: z.array(z.string()).default([]) },
  correlate: ["id"],
  define(g, { pieces }) {
    const paid = g.await("paid", { event: "paid", schema: z.number(), show: { pieces } });
    const packed = g.collection("packed", {
      over: pieces,
      as: "piece",
      key: (piece) => piece,
      with: { paid },
      each: (inner, { piece }) => inner.await("scanned", { event: "scanned", schema: z.string(), show: { piece } }),
    });
    return { paid, packed };
  },
});

const note = contract("note", {
  inputs: { text: z.string() },
  define: (g, { text }) => g.lookup("kept", { needs: { text }, run: ({ text }) => text.length }),
});

const contracts = [order, note];

async function all(changes: AsyncIterable<Change>): Promise<Change[]> {
  const list: Change[] = [];
  for await (const change of changes) list.push(change);
  return list;
}

/** Two orders, one of them paid with a scanned piece, and a note. */
async function filled(place: LedgerPlace): Promise<{ kindling: Kindling; a: string; b: string; c: string }> {
  const kindling = await openKindling({ contracts, ledger: place });
  const a = await kindling.start("order", { id: "a", pieces: ["x"] });
  const b = await kindling.start("order", { id: "b" });
  const c = await kindling.start("note", { text: "hello" });
  await c.result();
  await a.settled();
  await kindling.deliver({ event: "paid", correlation: { id: "a" }, payload: 7 });
  await a.settled();
  await kindling.deliver({ event: "scanned", run: a.id, payload: "ok" });
  await a.result();
  return { kindling, a: a.id, b: b.id, c: c.id };
}

const PLACES = [
  ["memory", async () => memoryLedger()],
  ["file", temporaryLedger],
] as const;

describe.each(PLACES)("the changes of the %s ledger", (_name, makePlace) => {
  it("are the facts of all runs, each once, in the order of the ledger", async () => {
    const { kindling, a, b, c } = await filled(await makePlace());
    const changes = await all(kindling.changes());
    const positions = changes.map(({ position }) => position);
    expect(positions).toEqual([...new Set(positions)].sort((x, y) => x - y));
    const told = changes.flatMap(({ facts }) => facts);
    const recorded = (await Promise.all([a, b, c].map((id) => kindling.facts(id)))).flat();
    expect(told).toEqual(recorded.sort((x, y) => x.position - y.position));
    expect(new Set(changes.map(({ run, contract: name }) => `${run} ${name}`))).toEqual(new Set([`${a} order`, `${b} order`, `${c} note`]));
  });

  it("are those asked for: of a contract, of a run, of kinds, of a correlation", async () => {
    const { kindling, a, b, c } = await filled(await makePlace());
    const runs = async (query: Parameters<Kindling["changes"]>[0]) => new Set((await all(kindling.changes(query))).map(({ run }) => run));
    expect(await runs({ contract: "order" })).toEqual(new Set([a, b]));
    expect(await runs({ run: c })).toEqual(new Set([c]));
    expect(await runs({ correlation: { id: "b" } })).toEqual(new Set([b]));
    expect(await runs({ correlation: { id: "b", other: 1 } })).toEqual(new Set());
    const kinds = (await all(kindling.changes({ kinds: ["run.succeeded", "event.delivered"] }))).flatMap(({ facts }) => facts);
    expect(new Set(kinds.map(({ type }) => type))).toEqual(new Set(["run.succeeded", "event.delivered"]));
    expect(kinds.filter(({ type }) => type === "event.delivered").map(({ path }) => path)).toEqual(["paid", "packed[x]/scanned"]);
    const item = await all(kindling.changes({ correlation: { id: "a", piece: "x" } }));
    expect(item.length).toBeGreaterThan(0);
    expect(item.every(({ run, facts }) => run === a && facts.every(({ path }) => path.startsWith("packed[x]")))).toBe(true);
  });

  it("begin behind a position, and end at the last one there was", async () => {
    const { kindling } = await filled(await makePlace());
    const changes = await all(kindling.changes());
    const middle = changes[2]?.position ?? 0;
    const feed = kindling.changes({ after: middle });
    expect((await all(feed)).map(({ position }) => position)).toEqual(changes.slice(3).map(({ position }) => position));
    expect(feed.position).toBeGreaterThanOrEqual(changes.at(-1)?.position ?? 0);
  });

  it("go on behind what was committed, also in another process later, and never leave anything out", async () => {
    const place = await makePlace();
    const { kindling } = await filled(place);
    const changes = await all(kindling.changes());
    const seen: number[] = [];
    let reader = kindling;
    // Each consumer does two, commits the first one, and dies.
    for (;;) {
      const feed = reader.changes({ cursor: "mail" });
      const two: number[] = [];
      for await (const { position } of feed) {
        two.push(position);
        if (two.length === 2) break;
        await feed.commit(position);
      }
      if (two.length === 0) break;
      seen.push(...two);
      reader = await openKindling({ contracts, ledger: place, access: "read" });
    }
    expect([...new Set(seen)]).toEqual(changes.map(({ position }) => position));
    expect(seen.length).toBe(2 * changes.length - 1);
  });

  it("that are live wait for what follows, and end with the signal", async () => {
    const place = await makePlace();
    const { kindling } = await filled(place);
    const reader = await openKindling({ contracts, ledger: place, access: "read" });
    const abort = new AbortController();
    const told: string[] = [];
    const before = await all(kindling.changes({ kinds: ["run.started"] }));
    const reading = (async () => {
      for await (const { run } of reader.changes({ kinds: ["run.started"], live: true, signal: abort.signal })) told.push(run);
    })();
    await until(() => told.length === before.length, "what was there");
    const next = await kindling.start("note", { text: "later" });
    await until(() => told.length > before.length, "what followed");
    expect(told.at(-1)).toBe(next.id);
    abort.abort();
    await reading;
  });

  it("need no commit for what was passed over: the end is a place to go on from", async () => {
    const { kindling, b } = await filled(await makePlace());
    const feed = kindling.changes({ cursor: "rare", kinds: ["run.cancelled"] });
    expect(await all(feed)).toEqual([]);
    const end = feed.position;
    expect(end).toBeGreaterThan(5);
    await feed.commit();
    await kindling.cancel(b);
    const again = kindling.changes({ cursor: "rare", kinds: ["run.cancelled"] });
    expect((await all(again)).map(({ run }) => run)).toEqual([b]);
    expect(again.position).toBeGreaterThan(end);
  });
});

describe("what a changefeed refuses", () => {
  it("is a place that is not there, with how far the ledger goes", async () => {
    const { kindling } = await filled(memoryLedger());
    const feed = kindling.changes();
    await all(feed);
    const newest = feed.position;
    await expect(all(kindling.changes({ after: newest + 1 }))).rejects.toMatchObject({
      code: "cursor_ahead",
      details: { oldest: 1, newest },
    });
    await expect(all(kindling.changes({ after: -1 }))).rejects.toMatchObject({ code: "cursor_too_old", details: { oldest: 1, newest } });
    await expect(all(kindling.changes({ after: 0.5 }))).rejects.toMatchObject({ code: "bad_position" });
  });

  it("is a kind, a run and a name that there is not", async () => {
    const { kindling } = await filled(memoryLedger());
    await expect(all(kindling.changes({ kinds: ["run.suceeded" as never] }))).rejects.toMatchObject({
      code: "unknown_kind",
      fix: 'Did you mean "run.succeeded"?',
    });
    await expect(all(kindling.changes({ run: "run_nothing" }))).rejects.toMatchObject({ code: "run_not_found" });
    await expect(all(kindling.changes({ cursor: "../mail" }))).rejects.toMatchObject({ code: "bad_cursor_name" });
  });

  it("is to commit without a name, or what was not given yet", async () => {
    const { kindling } = await filled(memoryLedger());
    await expect(kindling.changes().commit(0)).rejects.toMatchObject({ code: "no_cursor" });
    const feed = kindling.changes({ cursor: "mail" });
    for await (const { position } of feed) {
      await expect(feed.commit(position + 1)).rejects.toMatchObject({
        code: "not_read_yet",
        details: { position: position + 1, read: position },
      });
      break;
    }
  });

  it("is a run that cannot be read here, and says how to step over it", async () => {
    const place = memoryLedger();
    const { kindling, a, b } = await filled(place);
    await kindling.close();
    {
      await using ledger = await place.open({ access: "write" });
      await ledger.append([{ run: b, tree: b, expected: ledger.head(b)?.version ?? 0, facts: [{ type: "run.dreaming" }] }]);
    }
    const reader = await openKindling({ contracts, ledger: place, access: "read" });
    const feed = reader.changes();
    const error: unknown = await all(feed).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "fact_too_new", details: { run: b, position: feed.position + 1 } });
    expect(await all(reader.changes({ after: feed.position + 1 }))).toEqual([]);
    expect((await all(reader.changes({ kinds: ["run.succeeded"] }))).map(({ run }) => run)).toContain(a);
  });
});

describe("a slow consumer", () => {
  it("is not run ahead of: only what it takes is taken from the log", async () => {
    const place = memoryLedger();
    let read = 0;
    const counted: LedgerPlace = {
      location: place.location,
      open: async (options) => {
        const ledger = await place.open(options);
        const counting = async function* (entries: AsyncIterable<Entry>): AsyncGenerator<Entry> {
          for await (const entry of entries) {
            read += 1;
            yield entry;
          }
        };
        return overridden(ledger, { changes: (range) => counting(ledger.changes(range)) });
      },
    };
    const { kindling } = await filled(counted);
    read = 0;
    let taken = 0;
    for await (const _ of kindling.changes()) {
      taken += 1;
      await new Promise((resolve) => setImmediate(resolve));
      expect(read).toBe(taken);
      if (taken === 5) break;
    }
    expect(read).toBe(5);
  });
});
