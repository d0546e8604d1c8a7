// `kindling store`, looking: what people read and what programs get, in this process over a real ledger.

import { beforeAll, describe, expect, it } from "vitest";
import { storeActivity } from "../../src/cli/commands/store/activity.ts";
import { getFact } from "../../src/cli/commands/store/get.ts";
import { storeHistory } from "../../src/cli/commands/store/history.ts";
import { storeLineage } from "../../src/cli/commands/store/lineage.ts";
import { listStores } from "../../src/cli/commands/store/list.ts";
import { queryStore } from "../../src/cli/commands/store/query.ts";
import { AGO } from "./command-line.ts";
import { filledStores } from "./filled-stores.ts";
import { projectHere } from "./in-process.ts";

const steady = (text: string) =>
  text
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/g, "<date>")
    .replaceAll(AGO, (_, gap?: string) => (gap === undefined ? "<ago>" : "<ago>  "))
    .replaceAll(/#[0-9a-f]{16}/g, "#<digest>")
    .replaceAll(/[0-9a-f]{64}/g, "<hash>");

describe("looking", () => {
  let project: Awaited<ReturnType<typeof filledStores>>;
  beforeAll(async () => {
    project = await filledStores();
  });

  it("list tells what the ledger holds and what the config knows, with versions, indexes and sizes", async () => {
    const { text, result } = await project.call((shell) => listStores(shell, {}));
    expect(steady(text)).toMatchInlineSnapshot(`
      "calls      history  2 parts, 2 facts  changed <ago>  version 1
      reminders  store    3 keys, 6 facts   changed <ago>  version 2          by open, done
      notes      history  1 part, 1 fact    changed <ago>  version 1
      drafts     store    1 key, 1 fact     changed <ago>  not in the config"
    `);
    expect(result["stores"]).toMatchObject([
      { kind: "history", name: "calls", isConfigured: true, version: 1, size: { keys: 2, facts: 2, isWhole: true } },
      {
        kind: "store",
        name: "reminders",
        version: 2,
        indexes: ["open", "done"],
        size: { keys: 4, present: 3, facts: 6 },
        schema: { type: "object" },
      },
      { kind: "history", name: "notes", size: { keys: 1 } },
      { kind: "store", name: "drafts", isConfigured: false, version: null, indexes: null, schema: null, size: { keys: 1 } },
    ]);
  });

  it("get tells a value as the definition reads it, and with --raw or without a definition as it was recorded, and says which", async () => {
    const { text, result } = await project.call((shell) => getFact(shell, "reminders", "r1", {}));
    expect(steady(text)).toMatchInlineSnapshot(`
      "● written reminders r1  #1, version 1
        {"owner":"ada","text":"send the offer","done":false}
        id          store:reminders:r1@1#<digest>
        recorded    <date>, <ago>, at position 4
        valid from  2026-11-01T00:00:00.000Z
        rests on    history:calls:ada@1#<digest>"
    `);
    expect(result).toMatchObject({ shape: "current", fact: { value: { owner: "ada", done: false }, version: 1 } });
    const raw = await project.call((shell) => getFact(shell, "reminders", "r1", { raw: true }));
    expect(raw.result).toMatchObject({ shape: "recorded", fact: { value: { owner: "ada", text: "send the offer" } } });
    expect(raw.text).toMatch(/as recorded$/);
    const unknown = await project.call((shell) => getFact(shell, "drafts", "d1", {}));
    expect(unknown.result).toMatchObject({ shape: "recorded", fact: { value: "of another program" } });
    expect(unknown.text).toContain("this config does not know drafts");
  });

  it("get tells what was recorded by a position, and what held at a time", async () => {
    const { result } = await project.call((shell) => storeHistory(shell, "reminders", "r2", {}));
    const [before] = result["facts"] as { position: number }[];
    const then = await project.call((shell) => getFact(shell, "reminders", "r2", { asOf: String(before?.position) }));
    expect(then.result).toMatchObject({ fact: { number: 1, value: { done: false } } });
    expect(await project.call((shell) => getFact(shell, "reminders", "r1", { validAt: "2026-11-02" }))).toMatchObject({ code: 0 });
    expect(await project.call((shell) => getFact(shell, "reminders", "r1", { validAt: "2026-11-03 10:00" }))).toMatchObject({ code: 0 });
    expect(await project.call((shell) => getFact(shell, "reminders", "r1", { validAt: "2026-10-01" }))).toMatchObject({ code: 3 });
  });

  it("query finds by an index: text as it stands, and JSON where it is a number, true, false or null", async () => {
    const { text, result } = await project.call((shell) => queryStore(shell, "reminders", "open", "ada", {}));
    expect(steady(text)).toMatchInlineSnapshot(`
      "r1  {"owner":"ada","text":"send the offer","done":false}  <ago>
      r4  {"owner":"ada","text":"buy paper","done":false}       <ago>"
    `);
    expect(result).toMatchObject({ facts: [{ key: "r1" }, { key: "r4" }], cursor: null, shape: "current" });
    expect((await project.call((shell) => queryStore(shell, "reminders", "done", "true", {}))).result).toMatchObject({
      facts: [{ key: "r2" }],
    });
    const part = await project.call((shell) =>
      queryStore(shell, "reminders", "open", undefined, { from: "ada", below: "b", descending: true }),
    );
    expect(part.result).toMatchObject({ facts: [{ key: "r4" }, { key: "r1" }] });
    expect((await project.call((shell) => queryStore(shell, "reminders", "open", undefined, { startsWith: "x" }))).text).toContain(
      "nothing in reminders",
    );
    expect((await project.call((shell) => queryStore(shell, "reminders", "done", '"true"', {}))).result).toMatchObject({ facts: [] });
  });

  it("history tells all that a key was, a part of a history, or which there are", async () => {
    const { text } = await project.call((shell) => storeHistory(shell, "reminders", "r3", {}));
    expect(steady(text)).toMatchInlineSnapshot(`
      "12  <date>  #1  {"owner":"ada","text":"gone","done":false}
      14  <date>  #2  removed"
    `);
    const newest = await project.call((shell) => storeHistory(shell, "reminders", "r2", { newestFirst: true, limit: "1" }));
    expect(newest.result).toMatchObject({ facts: [{ number: 2 }], cursor: expect.stringMatching(/^[\w-]+$/) as unknown });
    expect(newest.text).toContain(`--cursor ${String(newest.result["cursor"])}`);
    const next = await project.call((shell) =>
      storeHistory(shell, "reminders", "r2", { newestFirst: true, limit: "1", cursor: String(newest.result["cursor"]) }),
    );
    expect(next.result).toMatchObject({ facts: [{ number: 1 }], cursor: null });
    expect(steady((await project.call((shell) => storeHistory(shell, "calls", undefined, {}))).text)).toMatchInlineSnapshot(`
      "ada  1 fact  changed <ago>
      bob  1 fact  changed <ago>"
    `);
    expect((await project.call((shell) => storeHistory(shell, "calls", "ada", {}))).result).toMatchObject({
      facts: [{ value: { minutes: 7 } }],
    });
    expect((await project.call((shell) => storeHistory(shell, "notes", undefined, {}))).result).toMatchObject({
      facts: [{ value: "a note" }],
    });
    expect((await project.call((shell) => storeHistory(shell, "drafts", undefined, {}))).result).toMatchObject({
      keys: [{ key: "d1", facts: 1 }],
    });
  });

  it("lineage is a tree, in which a fact that stands twice is drawn once", async () => {
    const { last = "", call = "" } = project.ids;
    const { text, result } = await project.call((shell) => storeLineage(shell, last, { values: true }));
    expect(steady(text)).toMatchInlineSnapshot(`
      "store:reminders:r2@2#<digest>  ● written  <date>
      │  {"owner":"bob","text":"call back","done":true}
      ├─ store:reminders:r2@1#<digest>  ● written  <date>
      │  │  {"owner":"bob","text":"call back","done":false}
      │  └─ history:calls:ada@1#<digest>  ● written  <date>  program phone
      │        {"owner":"ada","minutes":7}
      └─ history:calls:ada@1#<digest>  (above)

      3 facts; below each: what it rests on
      proof sha256 <hash>"
    `);
    expect(result).toMatchObject({ lineage: { subject: last, isWhole: true }, values: { [call]: { minutes: 7 } } });
    const effects = await project.call((shell) => storeLineage(shell, call, { effects: true, depth: "1" }));
    expect(effects.text).toContain("followed from it");
    expect(effects.result).toMatchObject({ lineage: { direction: "effects" } });
    expect(effects.result).not.toHaveProperty("values");
  });

  it("activity tells what was recorded last, over all stores or some", async () => {
    const { text, result } = await project.call((shell) => storeActivity(shell, { limit: "3" }));
    expect(steady(text)).toMatchInlineSnapshot(`
      "17  <ago>  ● written  drafts     d1  #1
      15  <ago>  ● written  notes          #1
      14  <ago>  ○ removed  reminders  r3  #2

      more: the same with --cursor 14"
    `);
    const rest = await project.call((shell) => storeActivity(shell, { limit: "100", cursor: String(result["cursor"]) }));
    expect((rest.result["facts"] as unknown[]).length).toBe(7);
    expect(rest.result["cursor"]).toBeNull();
    const some = await project.call((shell) => storeActivity(shell, { store: ["calls"] }));
    expect(some.result["facts"]).toMatchObject([{ key: "bob" }, { key: "ada" }]);
  });

  it.each([
    ["a store that there is not", 3, (shell: never) => getFact(shell, "remainders", "r1", {}), 'Did you mean "reminders"?'],
    ["a key that there is not", 3, (shell: never) => getFact(shell, "reminders", "r9", {}), 'Did you mean "r'],
    ["a key that was removed", 3, (shell: never) => getFact(shell, "reminders", "r3", {}), "store history reminders r3"],
    ["an index that there is not", 2, (shell: never) => queryStore(shell, "reminders", "opn", "ada", {}), 'Did you mean "open"?'],
    ["a value and a part", 2, (shell: never) => queryStore(shell, "reminders", "open", "ada", { from: "a" }), "the one or the other"],
    ["a query of a store nobody knows", 2, (shell: never) => queryStore(shell, "drafts", "open", "ada", {}), "stores: [ … ]"],
    ["a query of a history", 2, (shell: never) => queryStore(shell, "calls", "open", "ada", {}), "store history calls"],
    ["a key of a history", 2, (shell: never) => getFact(shell, "calls", "ada", {}), "store history calls ada"],
    ["an id that is none", 2, (shell: never) => storeLineage(shell, "r1", {}), "store:NAME:KEY"],
    ["a fact that there is not", 3, (shell: never) => storeLineage(shell, "store:reminders:r9@1#0123456789abcdef", {}), "erased"],
    ["a limit that is none", 2, (shell: never) => storeActivity(shell, { limit: "many" }), "whole number"],
    ["a moment that is none", 2, (shell: never) => getFact(shell, "reminders", "r1", { validAt: "yesterday" }), "2026-11-21"],
  ])("%s is told with what to do", async (_name, code, action, fix) => {
    const told = await project.call(action as Parameters<typeof project.call>[0]);
    expect({ code: told.code, fix: told.problem.fix }).toEqual({ code, fix: expect.stringContaining(fix) });
  });

  it("a project without a ledger says so, and knows the stores of its config", async () => {
    const empty = await projectHere("stores.config.ts");
    expect(await empty.call((shell) => storeActivity(shell, {}))).toMatchObject({ code: 3, problem: { code: "nothing_recorded" } });
    expect((await empty.call((shell) => listStores(shell, {}))).text).toMatch(/^reminders +store +empty/m);
  });

  it("what is not there, or was not there then, is told as it is", async () => {
    const { call } = project;
    expect((await call((shell) => getFact(shell, "reminders", "r2", { asOf: "1" }))).problem).toMatchObject({
      code: "key_not_found",
      message: 'reminders: "r2" had no value then',
      fix: expect.stringContaining("store history reminders r2"),
    });
    expect((await call((shell) => getFact(shell, "calls", "it's", {}))).problem.fix).toContain("store history calls 'it'");
    expect((await call((shell) => queryStore(shell, "reminders", "open", undefined, { from: "z" }))).text).toBe(
      'nothing in reminders stands in "open" under {"from":"z"}',
    );
    expect((await call((shell) => queryStore(shell, "reminders", "open", "\u009B", {}))).text).toContain("<U+009B>");
  });
});
