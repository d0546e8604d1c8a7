// `kindling store`, changing: what is recorded from the command line, and one ledger that follows another; one story through the real launcher.

import { cp, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { storeActivity } from "../../src/cli/commands/store/activity.ts";
import { exportStores } from "../../src/cli/commands/store/export.ts";
import { getFact } from "../../src/cli/commands/store/get.ts";
import { importStores } from "../../src/cli/commands/store/import.ts";
import { storeLineage } from "../../src/cli/commands/store/lineage.ts";
import { appendEvent, putValue, removeValue } from "../../src/cli/commands/store/put.ts";
import { queryStore, reindexStore } from "../../src/cli/commands/store/query.ts";
import { createRuntime, defineStore, fileLedger } from "../../src/index.ts";
import { testProject } from "./command-line.ts";
import { filledStores } from "./filled-stores.ts";
import { projectHere } from "./in-process.ts";

describe("changing", () => {
  it("put, append and remove record what the definition lets through, with who said it", async () => {
    const { call, folder } = await projectHere("stores.config.ts");
    const put = await call((shell) =>
      putValue(shell, "reminders", { key: "r1", json: '{"owner":"ada","text":"x","done":false}' }, { key: "once", expect: "absent" }),
    );
    expect(put).toMatchObject({
      code: 0,
      result: { receipt: { number: 1, repeated: false, producer: { kind: "person", name: "cli:ada" } } },
    });
    const again = await call((shell) =>
      putValue(shell, "reminders", { key: "r1", json: '{"owner":"ada","text":"x","done":false}' }, { key: "once", expect: "absent" }),
    );
    expect(again).toMatchObject({ code: 0, result: { receipt: { number: 1, repeated: true } } });
    await writeFile(join(folder, "call.json"), '{"owner":"ada","minutes":2}');
    const { id } = put.result["receipt"] as { id: string };
    expect(await call((shell) => appendEvent(shell, "calls", undefined, { file: "call.json", cause: [id], by: "ops" }))).toMatchObject({
      code: 0,
      result: { receipt: { store: "calls", key: "ada", causes: [id], producer: { name: "ops" } } },
    });
    expect(await call((shell) => appendEvent(shell, "notes", "-", {}), '"from standard input"')).toMatchObject({ code: 0 });
    const removed = await call((shell) => removeValue(shell, "reminders", "r1", { expect: id }));
    expect(removed).toMatchObject({ code: 0, result: { receipt: { act: "removed" } } });
  });

  it.each([
    ["a value that does not fit", 2, "bad_value", (shell: never) => putValue(shell, "reminders", { key: "r1", json: "{}" }, {})],
    ["what is no JSON", 2, "bad_option", (shell: never) => putValue(shell, "reminders", { key: "r1", json: "{" }, {})],
    ["no value", 2, "no_value", (shell: never) => putValue(shell, "reminders", { key: "r1", json: undefined }, {})],
    ["two values", 2, "no_value", (shell: never) => putValue(shell, "reminders", { key: "r1", json: "1" }, { file: "x" })],
    ["a history as a store", 2, "not_a_store", (shell: never) => putValue(shell, "notes", { key: "r1", json: '"x"' }, {})],
    ["a store as a history", 2, "not_a_history", (shell: never) => appendEvent(shell, "reminders", '"x"', {})],
    ["another state than expected", 4, "write_conflict", (shell: never) => removeValue(shell, "reminders", "r1", { expect: "store:x" })],
    [
      "another end of a part than expected",
      4,
      "write_conflict",
      (shell: never) => appendEvent(shell, "notes", '"x"', { expect: "history:x" }),
    ],
    ["a store that there is not", 3, "store_not_found", (shell: never) => appendEvent(shell, "note", '"x"', {})],
  ])("%s is refused", async (_name, code, problem, action) => {
    const { call } = await projectHere("stores.config.ts");
    const told = await call(action as Parameters<typeof call>[0]);
    expect({ code: told.code, problem: told.problem.code }).toEqual({ code, problem });
  });
});

it("a command that writes leaves what is derived up to date, and nobody puts into that", async () => {
  const { call } = await projectHere("derived.config.ts");
  for (const minutes of [2, 3]) await call((shell) => appendEvent(shell, "calls", JSON.stringify({ owner: "ada", minutes }), {}));
  expect((await call((shell) => getFact(shell, "minutes", "ada", {}))).result).toMatchObject({ fact: { value: 5 } });
  const put = await call((shell) => putValue(shell, "minutes", { key: "ada", json: "7" }, {}));
  expect(put.problem.code).toBe("store_is_derived");
});

it("an index that is not whole says by which command it becomes so", async () => {
  const { folder, call } = await projectHere("stores.config.ts");
  const older = defineStore("reminders", { schema: z.object({ owner: z.string(), text: z.string() }) });
  await using kindling = await createRuntime({ contracts: [], ledger: fileLedger(join(folder, ".kindling", "ledger")) });
  await kindling.store(older).write("r1", { owner: "ada", text: "send the offer" });
  const refused = await call((shell) => queryStore(shell, "reminders", "open", "ada", {}));
  expect(refused.problem).toMatchObject({ code: "index_incomplete", fix: "Record them anew once: kindling store reindex reminders" });
  expect((await call((shell) => reindexStore(shell, "reminders", {}))).result).toEqual({ recorded: 1 });
  expect((await call((shell) => queryStore(shell, "reminders", "open", "ada", {}))).result).toMatchObject({ facts: [{ key: "r1" }] });
  expect((await call((shell) => reindexStore(shell, "reminders", {}))).text).toContain("every value stands in all indexes");
});

it("what was given up is told in activity and in lineages, with its receipt", async () => {
  const { folder, call } = await projectHere("stores.config.ts");
  await using kindling = await createRuntime({ contracts: [], ledger: fileLedger(join(folder, ".kindling", "ledger")) });
  const short = defineStore("short", { schema: z.string(), retention: { last: 1 } });
  const first = await kindling.store(short).write("k", "one");
  const second = await kindling.store(short).write("k", "two", { causedBy: [first.id] });
  const { receipts } = await kindling.compactFacts({ stores: [short], reason: "monthly" });
  const activity = await call((shell) => storeActivity(shell, {}));
  expect(activity.result["receipts"]).toMatchObject([{ kind: "compact", store: "short", facts: 1, reason: "monthly" }]);
  expect(activity.text).toMatch(/compact +short +1 key, 1 fact +monthly store-receipt:/);
  const lineage = await call((shell) => storeLineage(shell, second.id, { values: true }));
  expect(lineage.result).toMatchObject({ values: { [second.id]: "two" }, left: { [first.id]: `given up: ${receipts[0]?.id}` } });
  expect(lineage.text).toContain(`${first.id}  given up: store-receipt:`);
});

it("the parts of activity tell each fact and each receipt once, wherever a part ends", async () => {
  const { folder, call } = await projectHere("stores.config.ts");
  await using kindling = await createRuntime({ contracts: [], ledger: fileLedger(join(folder, ".kindling", "ledger")) });
  const short = defineStore("short", { schema: z.number(), retention: { last: 1 } });
  const [facts, receipts]: [string[], string[]] = [[], []];
  for (let value = 0; value < 12; value++) {
    facts.unshift((await kindling.store(short).write("k", value)).id);
    if (value % 3 > 0) receipts.unshift(...(await kindling.compactFacts({ stores: [short] })).receipts.map(({ id }) => id));
  }
  expect(receipts).toHaveLength(8);
  for (const limit of ["1", "2", "5", "12"]) {
    const told: Record<"facts" | "receipts", string[]> = { facts: [], receipts: [] };
    let cursor: string | undefined;
    do {
      const { result } = await call((shell) => storeActivity(shell, { limit, ...(cursor === undefined ? {} : { cursor }) }));
      const page = result as Record<"facts" | "receipts", { readonly id: string }[]> & { readonly cursor: string | null };
      for (const which of ["facts", "receipts"] as const) told[which].push(...page[which].map(({ id }) => id));
      cursor = page.cursor ?? undefined;
    } while (cursor !== undefined);
    expect(told).toEqual({ facts, receipts });
  }
});

describe("one ledger follows another", () => {
  it("an export is taken in, tells from where to go on, and is taken twice without a trace", async () => {
    const [there, here] = [await filledStores(), await projectHere("stores.config.ts")];
    const { out, code } = await there.call((shell) => exportStores(shell, {}));
    expect(code).toBe(0);
    expect(out).toMatch(/exported 10 facts; go on with --after 18\n$/);
    const lines = out.split("\n").slice(0, -2).join("\n");
    await writeFile(join(here.folder, "facts.ndjson"), lines);
    const planned = await here.call((shell) => importStores(shell, "facts.ndjson", { dryRun: true }));
    expect(await readdir(here.folder), "who only asks makes no ledger").not.toContain(".kindling");
    expect(planned.text).toContain("would take in 10 facts; nothing was done");
    // What is called next is called in the other project, whose config is another one.
    const taken = await here.call((shell) => importStores({ ...shell, program: "kindling --config here.ts" }, "facts.ndjson", {}));
    expect(taken.text).toContain("there: kindling store export --after");
    expect(taken).toMatchObject({ code: 0, result: { recorded: 10, known: 0, next: 18, isWhole: true } });
    expect(taken.text).toContain("store export --after 18");
    expect((await here.call((shell) => importStores(shell, "-", {}), lines)).text).toContain("0 facts, 10 facts known already");
    expect((await here.call((shell) => importStores(shell, undefined, {}))).result).toMatchObject({
      imports: [{ next: 18, stores: null }],
    });
    expect((await here.call((shell) => getFact(shell, "reminders", "r2", {}))).result).toMatchObject({ fact: { id: there.ids["last"] } });
    const some = await there.call((shell) => exportStores(shell, { store: ["calls,notes"], after: "3" }));
    expect(some.out).toMatch(/"stores":\["calls","notes"\][^]*exported 1 fact; /);
  });

  it.each([
    ["a file that there is not", 2, "unreadable_file", (shell: never) => importStores(shell, "none.ndjson", {})],
    ["what is no export", 2, "bad_export", (shell: never) => importStores(shell, "kindling.config.ts", {})],
    ["a position that is none", 2, "bad_option", (shell: never) => exportStores(shell, { after: "-1" })],
    ["--json beside an export", 2, "no_json", (shell: never) => exportStores(shell, { json: true })],
  ])("%s is refused", async (_name, code, problem, action) => {
    const { call } = await projectHere("stores.config.ts");
    const told = await call(async (shell) => (action as Parameters<typeof call>[0])(shell));
    expect({ code: told.code, problem: told.problem.code }).toEqual({ code, problem });
  });
});

it("the launcher: a value is put and read by processes of their own, and one shape of --json", async () => {
  const { folder, kindling, json } = await testProject();
  await cp(new URL("./fixtures/stores.config.ts", import.meta.url), join(folder, "kindling.config.ts"));
  expect(await kindling("store", "put", "reminders", "r1", '{"owner":"ada","text":"x","done":false}')).toMatchObject({ code: 0 });
  expect(await json("store", "get", "reminders", "r1")).toMatchObject({
    ok: true,
    command: "store get",
    result: { shape: "current", fact: { key: "r1" } },
  });
  expect(await json("store", "get", "reminders", "r7")).toMatchObject({
    ok: false,
    command: "store get",
    error: { code: "key_not_found" },
  });
  expect(await kindling("store", "lst")).toMatchObject({ code: 2, err: expect.stringContaining("list") as unknown });
});
