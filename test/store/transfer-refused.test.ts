// What a ledger that follows another does not take: facts that do not follow, that were changed, and what is no export.

import type { ExportRecord, Kindling } from "kindling";
import { describe, expect, it } from "vitest";
import { all, code, notes, open } from "./transferred.ts";

describe("what does not follow is refused with the fact and its place, and nothing of its part is recorded", () => {
  async function pair(): Promise<{ readonly source: Kindling; readonly follower: Kindling; readonly records: ExportRecord[] }> {
    const [source, follower] = [await open(), await open()];
    for (const text of ["x", "y"]) await source.store(notes).write("n", { text, by: "ada" });
    return { source, follower, records: await all(source.exportFacts()) };
  }

  it("a follower that was written to by itself has diverged", async () => {
    const { follower, records } = await pair();
    const own = await follower.store(notes).write("n", { text: "mine", by: "bob" });
    const refused = await code(follower.importFacts(records));
    expect(refused).toMatchObject({
      code: "facts_diverged",
      details: { store: "notes", key: "n", number: 1, reason: "other", found: own.id },
    });
    expect((await follower.store(notes).history("n")).items).toHaveLength(1);
  });

  it("a fact of its own behind those that it took is a fork as well", async () => {
    const { source, follower, records } = await pair();
    await follower.importFacts(records);
    await follower.store(notes).write("n", { text: "mine", by: "bob" });
    await source.store(notes).write("n", { text: "theirs", by: "ada" });
    const { next } = (await follower.factImports())[0] ?? { next: 0 };
    expect(await code(follower.importFacts(source.exportFacts({ after: next })))).toMatchObject({
      code: "facts_diverged",
      details: { number: 3 },
    });
  });

  it("a gap", async () => {
    const { follower, records } = await pair();
    const [start, , second, end] = records;
    expect(await code(follower.importFacts([start, second, end]))).toMatchObject({
      code: "facts_diverged",
      details: { number: 2, reason: "gap", found: null },
    });
    expect(await follower.storeNames()).toEqual([]);
  });

  it("a fact that rests on another one than is here", async () => {
    const { follower, records } = await pair();
    const own = await follower.store(notes).write("n", { text: "mine", by: "bob" });
    const [start, , second, end] = records;
    const refused = await code(follower.importFacts([start, second, end]));
    expect(refused).toMatchObject({ code: "facts_diverged", details: { number: 2, reason: "other", found: own.id } });
    expect(await code(follower.importFacts([start, second, end], { dryRun: true }))).toMatchObject({ code: "facts_diverged" });
    expect((await follower.store(notes).history("n")).items).toHaveLength(1);
  });

  it("a part that begins behind what was taken", async () => {
    const { source, follower } = await pair();
    expect(await code(follower.importFacts(source.exportFacts({ after: 1 })))).toMatchObject({
      code: "facts_missing",
      details: { after: 1, taken: 0 },
    });
  });

  it("a part of some stores goes on behind what was taken of all, and not the other way round", async () => {
    const { source, follower, records } = await pair();
    await follower.importFacts(records);
    const { next } = (await follower.factImports())[0] ?? { next: 0 };
    await source.store(notes).write("n", { text: "z", by: "ada" });
    expect(await follower.importFacts(source.exportFacts({ after: next, stores: ["notes"] }))).toMatchObject({ recorded: 1 });
    const other = await open();
    await other.importFacts(source.exportFacts({ stores: ["notes"] }));
    expect(await code(other.importFacts(source.exportFacts({ after: next })))).toMatchObject({ code: "facts_missing" });
  });

  it.each([
    ["another value", (fact: Record<string, unknown>) => ({ ...fact, value: { text: "changed", by: "ada" } }), "fact_differs"],
    ["another hash", (fact: Record<string, unknown>) => ({ ...fact, hash: "0".repeat(64) }), "fact_differs"],
    [
      "no value, as if it was removed",
      ({ value: _value, ...fact }: Record<string, unknown>) => ({ ...fact, act: "removed" }),
      "fact_differs",
    ],
    ["another cause", (fact: Record<string, unknown>) => ({ ...fact, causes: ["run:1"] }), "fact_differs"],
    ["another key", (fact: Record<string, unknown>) => ({ ...fact, id: String(fact["id"]).replace(":n@", ":m@") }), "fact_differs"],
    ["no causes", ({ causes: _causes, ...fact }: Record<string, unknown>) => fact, "bad_export"],
    ["no id", ({ id: _id, ...fact }: Record<string, unknown>) => fact, "bad_export"],
  ])("a fact that was given %s", async (_name, change, expected) => {
    const { follower, records } = await pair();
    const changed = records.map((record) => ("fact" in record ? { ...record, fact: change(record.fact) } : record));
    expect(await code(follower.importFacts(changed))).toMatchObject({ code: expected });
    expect(await follower.storeNames()).toEqual([]);
  });

  it.each([
    ["nothing", []],
    ["something else", [{ kindling: "runs" }]],
    ["a later format", [{ kindling: "facts", format: 2, ledger: "x" }]],
    ["a record that is none", [{ kindling: "facts", format: 1, ledger: "x" }, 7]],
  ])("%s", async (_name, records) => {
    await using follower = await open();
    expect(await code(follower.importFacts(records))).toMatchObject({ code: "bad_export" });
  });

  it("what is to be found in the index of another store", async () => {
    const { follower, records } = await pair();
    const changed = records.map((record) =>
      "fact" in record ? { ...record, found: { headKeys: [], ranks: [{ list: "store-index:others:by", place: "x" }] } } : record,
    );
    expect(await code(follower.importFacts(changed))).toMatchObject({ code: "bad_export" });
  });
});
