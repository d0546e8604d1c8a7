// Recording facts of the application inside contracts: once, with what they rest on, and taken back where the author says so.

import { type AnyContract, contract, DefinitionError, defineStore, memoryLedger } from "kindling";
import { toDocument } from "kindling/document";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { ledgerWith, logOf } from "../host/ledgers.ts";
import { openKindling, until } from "../host/open-host.ts";
import { calls, customers, log, notes } from "./shop.ts";

describe("a node that records", () => {
  const remind = contract("remind", {
    inputs: { id: z.string(), text: z.string() },
    define(g, { id, text }) {
      const customer = g.read("customer", customers, { key: id });
      const note = g.write("note", notes, { needs: { customer, text }, key: ({ customer }) => customer.name, value: ({ text }) => text });
      const event = g.append("event", calls, { needs: { id }, event: ({ id }) => ({ customer: id, minutes: 1 }), after: [note] });
      return { note, event };
    },
  });

  it("gives the receipt; the fact says which run made it, and what that rested on", async () => {
    const kindling = await openKindling({ contracts: [remind] });
    const customer = await kindling.store(customers).write("c1", { name: "Ada", city: null });
    const run = await kindling.start(remind, { id: "c1", text: "call back" });
    const { note, event } = await run.result();
    const fact = await kindling.store(notes).get("Ada");
    expect(fact).toMatchObject({ id: note.id, value: "call back", producer: { kind: "run", name: run.id } });
    expect(note).toEqual({ id: fact?.id, store: "notes", key: "Ada", number: 1, position: fact?.position });
    const facts = await kindling.facts(run.id);
    const read = facts.find(({ type, path }) => type === "node.succeeded" && path === "customer");
    expect(fact?.causes).toEqual([read?.id, facts[0]?.id, customer.id]);
    const written = facts.find(({ type, path }) => type === "node.succeeded" && path === "note");
    expect((await kindling.fact(event.id))?.causes).toEqual([facts[0]?.id, written?.id, customer.id]);
    expect(facts.filter(({ type }) => type === "facts.recorded")).toMatchObject([{ facts: [note.id] }, { facts: [event.id] }]);
  });

  it("records once over a crash behind the write, even where its code gives something else then", async () => {
    let made = 0;
    const numbered = contract("numbered", {
      inputs: { id: z.string() },
      define: (g, { id }) =>
        g.write("note", notes, {
          needs: { id },
          key: ({ id }) => id,
          value: () => {
            made += 1;
            return `text ${made}`;
          },
        }),
    });
    const place = memoryLedger();
    const first = await openKindling({ contracts: [numbered], ledger: place });
    const run = await first.start(numbered, { id: "n1" });
    const receipt = await run.result();
    const facts = await first.facts(run.id);
    const cut = facts.findIndex(({ type }) => type === "facts.recorded");
    // As far as the disk had it when the write was durable, and nothing behind it.
    const again = await openKindling({
      contracts: [numbered],
      ledger: await ledgerWith(await logOf(place), (facts[cut]?.position ?? 0) - 1),
    });
    await until(async () => (await again.get(run.id))?.endedAt !== undefined);
    expect(made).toBe(2);
    expect((await again.store(notes).history("n1")).items).toMatchObject([{ value: "text 1", id: receipt.id }]);
    expect(await (await again.run(run.id)).result()).toEqual(receipt);
  });

  it("writes only what nobody has changed since it was read", async () => {
    const rename = contract("rename", {
      inputs: { id: z.string(), name: z.string(), go: z.boolean() },
      define(g, { id, name }) {
        const before = g.read("before", customers, { key: id, optional: true });
        const ready = g.await("ready", { event: "ready", schema: z.null() });
        return g.write("after", customers, {
          needs: { before, name, ready },
          key: id,
          value: ({ before, name }) => ({ name, city: before?.city ?? null }),
          expect: before,
        });
      },
    });
    const kindling = await openKindling({ contracts: [rename] });
    const store = kindling.store(customers);
    const begin = async (id: string, name: string) => {
      const run = await kindling.start(rename, { id, name, go: true });
      await run.settled();
      return run;
    };
    const go = (run: string) => kindling.deliver({ event: "ready", run, payload: null });

    // Nobody had it, and nobody has it.
    const fresh = await begin("c1", "Ada");
    await go(fresh.id);
    const first = await fresh.result();
    expect(first).toMatchObject({ key: "c1", number: 1 });

    const [mine, late] = [await begin("c1", "Ada L."), await begin("c1", "Ada Byron")];
    await go(mine.id);
    const second = await mine.result();
    await go(late.id);
    await expect(late.result()).rejects.toMatchObject({ details: { error: { code: "write_conflict" } } });
    const failed = (await kindling.facts(late.id)).flatMap((fact) => (fact.type === "node.failed" ? [fact.error] : []));
    expect(failed).toMatchObject([{ details: { current: second.id, expected: first.id } }]);
    expect((await store.get("c1"))?.value.name).toBe("Ada L.");

    // What was taken over from another run was read there.
    const waiting = await begin("c1", "Ada King");
    const fork = await kindling.fork(waiting.id);
    await fork.settled();
    await go(fork.id);
    expect(await fork.result()).toMatchObject({ number: 3 });
    await go(waiting.id);
    await expect(waiting.result()).rejects.toMatchObject({ details: { error: { code: "write_conflict" } } });
  });

  it("adds an event only behind those it has read, from whichever end they were read", async () => {
    const booking = (newestFirst: boolean) =>
      contract(newestFirst ? "newest" : "oldest", {
        inputs: { customer: z.string() },
        define(g, { customer }) {
          const seen = g.events("seen", calls, { partition: customer, limit: 10, newestFirst });
          const ready = g.await("ready", { event: "ready", schema: z.null() });
          return g.append("call", calls, {
            needs: { customer, seen, ready },
            event: ({ customer, seen }) => ({ customer, minutes: seen.length }),
            expect: seen,
          });
        },
      });
    const [newest, oldest] = [booking(true), booking(false)];
    const kindling = await openKindling({ contracts: [newest, oldest] });
    const begin = async (book: typeof newest) => {
      const run = await kindling.start(book, { customer: "ada" });
      await run.settled();
      return run;
    };
    const go = (run: string) => kindling.deliver({ event: "ready", run, payload: null });
    for (const book of [oldest, newest, oldest, newest]) {
      const run = await begin(book);
      await go(run.id);
      await run.result();
    }
    const [mine, late] = [await begin(newest), await begin(oldest)];
    await go(mine.id);
    const { id } = await mine.result();
    await go(late.id);
    await expect(late.result()).rejects.toMatchObject({ details: { error: { code: "write_conflict" } } });
    const failed = (await kindling.facts(late.id)).flatMap((fact) => (fact.type === "node.failed" ? [fact.error] : []));
    expect(failed).toMatchObject([{ details: { current: id } }]);
    const { items } = await kindling.history(calls).read({ partition: "ada" });
    expect(items.map(({ value }) => value.minutes)).toEqual([0, 1, 2, 3, 4]);
  });

  it("is tried again as often as its author says", async () => {
    const stubborn = contract("stubborn", {
      inputs: { id: z.string() },
      define: (g, { id }) => {
        const value = g.const("value", "mine");
        return g.write("note", notes, { key: id, value, expect: "absent", retry: { attempts: 3, backoff: 1 } });
      },
    });
    const kindling = await openKindling({ contracts: [stubborn] });
    await kindling.store(notes).write("n1", "theirs");
    const run = await kindling.start(stubborn, { id: "n1" });
    await expect(run.result()).rejects.toMatchObject({ details: { error: { code: "write_conflict" } } });
    expect((await kindling.facts(run.id)).filter(({ type }) => type === "node.failed")).toHaveLength(3);
    await kindling.store(notes).remove("n1");
    await kindling.retry(run.id);
    expect(await (await kindling.run(run.id)).result()).toMatchObject({ number: 3 });
  });

  it("takes back what it did when the run is lost: the value before, or none, unless it was written since", async () => {
    const trip = contract("trip", {
      inputs: { a: z.string(), b: z.string(), c: z.string() },
      define(g, { a, b, c }) {
        const value = g.const("value", "booked");
        const first = g.write("first", notes, { key: a, value, takeBack: true });
        const second = g.write("second", notes, { key: b, value, takeBack: true, after: [first] });
        const third = g.remove("third", notes, { key: c, takeBack: true, after: [second] });
        return g.await("paid", { event: "paid", schema: z.null(), after: [third] });
      },
    });
    const kindling = await openKindling({ contracts: [trip] });
    const store = kindling.store(notes);
    const before = await store.write("b", "free");
    await store.write("c", "kept");
    const run = await kindling.start(trip, { a: "a", b: "b", c: "c" });
    await run.settled();
    expect([await store.get("a"), await store.get("b"), await store.get("c")]).toMatchObject([
      { value: "booked" },
      { value: "booked" },
      undefined,
    ]);
    const written = await store.get("b");
    await store.write("a", "somebody else");
    await kindling.cancel(run.id);
    await until(async () => (await kindling.get(run.id))?.status === "cancelled");
    expect([await store.get("a"), await store.get("b"), await store.get("c")]).toMatchObject([
      { value: "somebody else" },
      { value: "free", causes: [written?.id, before.id], producer: { kind: "run", name: run.id } },
      { value: "kept" },
    ]);
  });

  it("stands when its needs change, or is recorded again where its author says so", async () => {
    const twice = contract("twice", {
      inputs: { text: z.string() },
      define: (g, { text }) => ({
        kept: g.append("kept", log, { event: text }),
        again: g.write("again", notes, { key: "n", value: text, onUpdate: "again" }),
      }),
    });
    const kindling = await openKindling({ contracts: [twice] });
    const run = await kindling.start(twice, { text: "one" });
    const first = await run.result();
    await kindling.update(run.id, { text: "two" });
    const second = await (await kindling.run(run.id)).result();
    expect(second).toMatchObject({ kept: first.kept, again: { number: 2 } });
    expect((await kindling.store(notes).get("n"))?.value).toBe("two");
    // Another run is another action.
    const fork = await kindling.fork(run.id, { inputs: { text: "three" } });
    expect(await fork.result()).toMatchObject({ kept: first.kept, again: { number: 3 } });
    await (await kindling.start(twice, { text: "one" })).result();
    expect((await kindling.history(log).read()).items).toHaveLength(2);
  });

  it("refuses what the schema refuses, and says when it holds since", async () => {
    const dated = contract("dated", {
      inputs: { name: z.string(), since: z.string(), cause: z.string() },
      define: (g, { name, since, cause }) =>
        g.write("customer", customers, {
          needs: { name, cause },
          key: "c1",
          value: ({ name }) => ({ name, city: null }),
          validFrom: since,
          causedBy: ({ cause }) => [cause],
        }),
    });
    const kindling = await openKindling({ contracts: [dated] });
    const cause = await kindling.store(notes).write("why", null);
    await (await kindling.start(dated, { name: "Ada", since: "2026-11-01", cause: cause.id })).result();
    const fact = await kindling.store(customers).get("c1");
    expect(fact?.validFrom).toBe(Date.UTC(2026, 10, 1));
    expect(fact?.causes[0]).toBe(cause.id);
    const late = await kindling.start(dated, { name: "Ada", since: "soon", cause: cause.id });
    await expect(late.result()).rejects.toMatchObject({ details: { error: { code: "bad_valid_time" } } });
    const strange = await kindling.start(dated, { name: "Ada", since: "2026-11-01", cause: "store:notes:why@9#0123456789abcdef" });
    await expect(strange.result()).rejects.toMatchObject({ details: { error: { code: "unknown_cause" } } });
    expect((await kindling.store(customers).history("c1")).items).toHaveLength(1);
  });

  it("says that it cannot expect what was read in a run that is gone", async () => {
    const touch = contract("touch", {
      inputs: { text: z.string() },
      define(g, { text }) {
        const before = g.read("before", notes, { key: "n", optional: true });
        const go = g.await("go", { event: "go", schema: z.null() });
        return g.write("after", notes, { key: "n", value: text, expect: before, after: [go] });
      },
    });
    const kindling = await openKindling({ contracts: [touch] });
    const first = await kindling.start(touch, { text: "one" });
    await first.settled();
    const fork = await kindling.fork(first.id);
    await fork.settled();
    await kindling.cancel(first.id);
    await kindling.compact({ retention: [{ keep: 0 }] });
    await kindling.deliver({ event: "go", run: fork.id, payload: null });
    await expect(fork.result()).rejects.toMatchObject({ details: { error: { code: "read_unknown" } } });
    expect(await kindling.store(notes).get("n")).toBeUndefined();
  });

  it("changes what is there with nobody between, however many do it at once", async () => {
    const counters = defineStore("counters", { schema: z.number() });
    const count = contract("count", {
      inputs: { by: z.number() },
      define: (g, { by }) =>
        g.change("counted", counters, { needs: { by }, key: "all", change: (current, { by }) => (current ?? 0) + by, takeBack: true }),
    });
    const kindling = await openKindling({ contracts: [count] });
    const runs = await Promise.all([1, 2, 3, 4, 5].map((by) => kindling.start(count, { by })));
    const receipts = await Promise.all(runs.map((run) => run.result()));
    const counter = await kindling.store(counters).get("all");
    expect(counter).toMatchObject({ number: 5, value: 15, causes: [expect.stringMatching(/^store:counters:all@4#/), expect.any(String)] });
    expect(new Set(receipts.map(({ number }) => number)).size).toBe(5);
    expect(toDocumentFindings(count)).toContainEqual(expect.stringContaining("change is a function"));
  });
});

function toDocumentFindings(of: AnyContract): readonly string[] {
  try {
    toDocument(of);
    return [];
  } catch (error) {
    return error instanceof DefinitionError ? error.findings.map(({ message }) => message) : [];
  }
}
