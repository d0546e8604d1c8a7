// A week of technicians: its README tells what it prints, the ledger holds what it says, and a story that is killed ends as one that is not.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { compile, createRuntime, type Kindling } from "kindling";
import { memoryLedger } from "kindling/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { availability, days } from "../../examples/availability/availability.ts";
import { book } from "../../examples/availability/book.ts";
import { closing, teamOn } from "../../examples/availability/closing.ts";
import { settings } from "../../examples/availability/kindling.config.ts";
import { bookings, invoices, schedules, slotOf, supplements } from "../../examples/availability/stores.ts";
import { supplement } from "../../examples/availability/supplement.ts";
import { fileLedger } from "../../src/index.ts";
import { openKindling, until } from "../host/open-host.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { paste, ROOT, startExample } from "./example-process.ts";

const MAIN = "availability/main.ts";
const README = join(ROOT, "examples/availability/README.md");
const CONFIG = join(ROOT, "examples/availability/kindling.config.ts");
/** Several processes, one after the other, on a machine that may be busy. */
const TIMEOUT_MS = 60_000;
const TUESDAY = "2025-11-25";
const BLOCK = /(?<=^```text\n)[\s\S]*?(?=^```$)/gm;

const chaptersOf = (output: string): readonly string[] => output.trimEnd().split(/\n\n(?=[^\n]+\n─)/);
const told = (): readonly string[] => (readFileSync(README, "utf8").match(BLOCK) ?? []).map((block) => block.trimEnd());

/** The ledger of a story, as it was left. */
async function left(folder: string): Promise<Kindling> {
  const kindling = await createRuntime({ ...settings, ledger: fileLedger(join(folder, ".kindling/availability/ledger")), access: "read" });
  onTestFinished(() => kindling.close());
  return kindling;
}

describe("the program", () => {
  it("prints what its README tells, and leaves a ledger that says the same", { timeout: TIMEOUT_MS }, async () => {
    const folder = await temporaryFolder();
    const { code, output, errors } = await startExample(folder, MAIN).ended;
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    const chapters = chaptersOf(output);
    if (process.env["UPDATE_GOLDEN"] === "1") {
      const printed = chapters.values();
      writeFileSync(
        README,
        readFileSync(README, "utf8").replace(BLOCK, () => `${printed.next().value ?? ""}\n`),
      );
    }
    expect(told()).toEqual(chapters);
    await expectTheEnd(await left(folder));

    const ask = (words: string) => paste(folder, `node ${join(ROOT, "bin/kindling.js")} store ${words} --config ${CONFIG}`);
    const [again, full, then, receipts] = await Promise.all([
      startExample(folder, MAIN).ended,
      ask("query days full true"),
      ask(`get days ${TUESDAY} --as-of 2025-11-24T09:00Z`),
      ask("receipts"),
    ]);
    expect(again.output).toBe("12 of 12 chapters had been told before; --new tells them all again.\n");
    expect(full, full.errors).toMatchObject({ code: 0, output: expect.stringContaining(`${TUESDAY}  {"hours":20,"free":-1,"full":true}`) });
    expect(then.output).toContain('{"hours":24,"free":5,"full":false}');
    expect(receipts.output).toMatch(/purge[\s\S]*compact {2}tracks[\s\S]*prune[\s\S]*late/);
  });

  it("ends the same when it is killed on the way, again and again", { timeout: TIMEOUT_MS }, async () => {
    const folder = await temporaryFolder();
    for (const chapter of ["The week is planned", "Tuesday is closed", "A booking comes late"]) {
      const { child, ended } = startExample(folder, MAIN);
      // It is in the middle of the next chapter by then.
      child.stdout?.on("data", (text: string) => text.includes(chapter) && child.kill("SIGKILL"));
      expect((await ended).signal).toBe("SIGKILL");
    }
    const { code, output, errors } = await startExample(folder, MAIN).ended;
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    expect(output).toContain(told().at(-1) ?? "?");
    await expectTheEnd(await left(folder));
  });
});

async function expectTheEnd(kindling: Kindling): Promise<void> {
  expect((await kindling.verify()).faults).toEqual([]);
  // What was derived of details that are gone stands, and goes on.
  expect((await kindling.derivations.status()).map(({ name, failed }) => [name, failed])).toEqual([
    ["booked", 0],
    ["availability", 0],
    ["days", 0],
  ]);
  const closed = await kindling.boundaries(closing).get(teamOn(TUESDAY));
  expect(closed).toMatchObject({
    status: "compacted",
    result: { hours: 20, usd: 1_800, bookings: { "b-1": 5, "b-2": 8, "b-3": 3, "b-4": 4 } },
  });
  expect(closed.inputs).toHaveLength(9);
  expect(closed.late.map(({ subject }) => subject)).toEqual([expect.stringContaining(`history:bookings:${TUESDAY}@6#`)]);
  expect((await kindling.store(supplements).list()).items.map(({ value }) => value)).toMatchObject([{ booking: "b-2", hours: 1, usd: 90 }]);
  expect((await kindling.store(days).query("full", true)).items.map(({ key }) => key)).toEqual([TUESDAY]);
  const [line] = (await kindling.store(invoices).get(TUESDAY))?.value.lines ?? [];
  expect(await kindling.resolve(line?.event ?? "")).toMatchObject({ status: "detail_unavailable", boundary: closed.fact?.id });
  expect(await kindling.resolve(line?.event ?? "", { fidelity: "boundary" })).toMatchObject({ status: "redirected" });
}

describe("a booking", () => {
  const request = { technician: "ada", day: TUESDAY, customer: "Ms Roth", work: "a leaking boiler" } as const;

  async function open() {
    const kindling = await openKindling({ ...settings, ledger: memoryLedger() });
    await kindling.store(schedules).write(slotOf("ada", TUESDAY), { technician: "ada", day: TUESDAY, hours: 8 });
    await kindling.derivations.settle();
    return kindling;
  }

  it("is recorded while there is room, with what was read as its cause", async () => {
    const kindling = await open();
    const slot = await kindling.store(availability).get(slotOf("ada", TUESDAY));
    const { id } = await (await kindling.start(book, { ...request, booking: "b-1", hours: 5 })).result();
    expect((await kindling.fact(id))?.causes).toContain(slot?.id);
    await kindling.derivations.settle();
    const after = await kindling.store(availability).get(slotOf("ada", TUESDAY));
    expect(after?.value).toMatchObject({ free: 3, bookings: ["b-1"] });
    // From the run into the facts that followed from it.
    const followed = await kindling.lineage(slot?.id ?? "", { direction: "effects" });
    expect(followed.facts.map((fact) => fact.id)).toContain(after?.id);
  });

  it("is refused when there is none, by a reason that names the fact", async () => {
    const kindling = await open();
    await (await kindling.start(book, { ...request, booking: "b-1", hours: 5 })).result();
    await kindling.derivations.settle();
    const slot = await kindling.store(availability).get(slotOf("ada", TUESDAY));
    const { status, error } = await (await kindling.start(book, { ...request, booking: "b-2", hours: 4 })).settled();
    expect({ status, code: error?.code }).toEqual({ status: "failed", code: "guard_failed" });
    expect(error?.message).toContain(`4 h are too much: of ada's 8 h on ${TUESDAY} 3 are free, after b-1, says ${slot?.id}`);
    expect((await kindling.history(bookings).read({ partition: TUESDAY })).items).toHaveLength(1);
  });

  it("never takes more than there is, however many are made at once", async () => {
    const kindling = await open();
    const made = Array.from({ length: 8 }, (_, number) => kindling.start(book, { ...request, booking: `b-${number}`, hours: 3 }));
    const ends = await Promise.all((await Promise.all(made)).map((run) => run.settled()));
    const booked = ends.filter(({ status }) => status === "succeeded").length;
    expect(booked).toBeGreaterThan(0);
    expect(booked).toBeLessThan(3);
    const refusals = ends.flatMap(({ error }) => (error === undefined ? [] : error.code));
    expect(refusals.every((code) => code === "write_conflict" || code === "guard_failed")).toBe(true);
    expect((await kindling.history(bookings).read({ partition: TUESDAY })).items).toHaveLength(booked);
  });

  it("of a whole day is a person's to agree to", async () => {
    const kindling = await open();
    const run = await kindling.start(book, { ...request, booking: "b-1", hours: 8 });
    expect((await run.settled()).status).toBe("waiting");
    const { event, shown, values } = await kindling.awaiting(run.id);
    expect(values).toEqual({ technician: "ada", day: TUESDAY, hours: 8, work: "a leaking boiler" });
    await kindling.deliver({
      event,
      run: run.id,
      payload: { decision: "reject" },
      shown,
      actor: { id: "cli:ada", assurance: "outOfBand" },
    });
    expect((await run.settled()).error?.message).toContain("agreed");
    expect((await kindling.history(bookings).partitions()).items).toEqual([]);
  });

  it("that lowers a booking after the day was closed is paid back, and one that the day was closed with is not", async () => {
    const kindling = await open();
    const history = kindling.history(bookings);
    await history.append({ ...request, booking: "b-1", hours: 5 });
    await kindling.boundaries(closing).close(teamOn(TUESDAY));
    const late = await history.append({ ...request, booking: "b-1", hours: 3 });
    await until(async () => (await kindling.list({ contract: supplement.name, status: "succeeded" })).items.length === 2);
    const { items } = await kindling.store(supplements).list();
    expect(items).toMatchObject([{ key: late.id, value: { booking: "b-1", hours: -2, usd: -180 } }]);
  });
});

it.each([book, supplement])("the contract $name has no findings", (contract) => {
  expect(compile(contract).findings).toEqual([]);
});
