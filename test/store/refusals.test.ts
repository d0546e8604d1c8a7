// What stores and histories refuse: each error names the place, the value and the cure, and nothing is recorded.

import { defineHistory, defineStore, InputError, type Kindling, memoryLedger } from "kindling";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";

const schema = z.object({ name: z.string() });
const people = defineStore("people", { schema, indexes: { name: ({ name }) => name } });
const visits = defineHistory("visits", { schema, partitionBy: ({ name }) => name });

let kindling: Kindling;
beforeEach(async () => {
  kindling = await openKindling({ contracts: [] });
});

/** Whatever a caller without types passes. */
const wild = <T>(value: unknown): T => value as T;

describe("a definition is refused", () => {
  it.each<[string, () => unknown, string]>([
    [
      "without a fit name",
      () => defineStore("People!", { schema }),
      'store "People!": its name is "People!", and names are 1 to 64 lower case letters',
    ],
    ["with a name that is no text", () => defineStore(wild(undefined), { schema }), "store undefined: its name is undefined"],
    ["without a schema", () => defineHistory("people", wild<{ schema: typeof schema }>({})), 'store "people": has no schema'],
    ["with half a version", () => defineStore("people", { schema, version: 1.5 }), 'store "people": version is 1.5'],
    [
      "with a step that is missing",
      () => defineStore("people", { schema, version: 3, upcast: { 2: (value) => value } }),
      "nothing makes values of version 1 to ones of version 2",
    ],
    [
      "with a step that is never used",
      () => defineStore("people", { schema, upcast: { 1: (value) => value } }),
      "upcast[1] is never used: version is 1",
    ],
    [
      "with an index that is no function",
      () => defineStore("people", { schema, indexes: { name: wild<() => string>("name") } }),
      'the index "name" is no function',
    ],
    [
      "with an index of a bad name",
      () => defineStore("people", { schema, indexes: { "By Name": () => "x" } }),
      'the name of an index is "By Name"',
    ],
    [
      "with parts by the name of a member",
      () => defineHistory("visits", { schema, partitionBy: wild<() => string>("name") }),
      "partitionBy is no function",
    ],
  ])("%s", (_case, define, message) => {
    expect(define).toThrow(InputError);
    expect(define).toThrow(message);
    expect(caught(define)).toMatchObject({ code: "bad_store", fix: expect.stringMatching(/\w/) });
  });
});

describe("a change is refused", () => {
  it.each<[string, string, () => Promise<unknown>, string]>([
    ["with an empty key", "bad_key", () => kindling.store(people).write("", { name: "a" }), "people: the key is empty"],
    [
      "with a key of a megabyte",
      "bad_key",
      () => kindling.store(people).write("x".repeat(1_000_000), { name: "a" }),
      'the key "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…" has 1000000 characters',
    ],
    [
      "with a key that a terminal would not show",
      "bad_key",
      () => kindling.store(people).write("a\u0000b", { name: "a" }),
      "has a control character",
    ],
    ["with half a character as its key", "bad_key", () => kindling.store(people).get("\ud800"), "is no well-formed text"],
    ["with a number as its key", "bad_key", () => kindling.store(people).write(wild(7), { name: "a" }), "the key is a number"],
    [
      "with a part that is no text",
      "bad_key",
      () => kindling.history(defineHistory("visits", { schema, partitionBy: () => wild<string>(undefined) })).append({ name: "a" }),
      "visits: the partition is a undefined",
    ],
    [
      "with a value of another shape",
      "bad_value",
      () => kindling.store(people).write("a", wild({ name: 7 })),
      "people: name: Invalid input",
    ],
    [
      "with a value that is no JSON",
      "bad_value",
      () => kindling.store(defineStore("people", { schema: z.object({ at: z.date() }) })).write("a", { at: new Date() }),
      "people: $.at is a Date",
    ],
    [
      "with a member that would change what an object is",
      "bad_value",
      () => kindling.store(defineStore("any", { schema: z.any() })).write("a", JSON.parse('{"__proto__":{"x":1}}')),
      "__proto__",
    ],
    [
      "with a value that cannot stand in its index",
      "bad_index_value",
      () => kindling.store(people).write("a", { name: "x".repeat(300) }),
      'cannot stand in the index "name"',
    ],
    [
      "with a time that is none",
      "bad_valid_time",
      () => kindling.store(people).write("a", { name: "a" }, { validFrom: "next Tuesday" }),
      'people: validFrom is "next Tuesday"',
    ],
    [
      "with a day that there is not",
      "bad_valid_time",
      () => kindling.store(people).write("a", { name: "a" }, { validFrom: "2026-02-30" }),
      "2026-02-30",
    ],
    [
      "with a time without its zone",
      "bad_valid_time",
      () => kindling.store(people).write("a", { name: "a" }, { validFrom: "2026-02-03T10:00" }),
      "2026-02-03T10:00",
    ],
    [
      "with a date that is none",
      "bad_valid_time",
      () => kindling.store(people).get("a", { validAt: new Date(Number.NaN) }),
      "validAt is an invalid date",
    ],
    [
      "with a cause that there is not",
      "unknown_cause",
      () => kindling.history(visits).append({ name: "a" }, { causedBy: ["store:people:b@1#0123456789abcdef"] }),
      'there is no fact "store:people:b@1#0123456789abcdef"',
    ],
    [
      "with causes without end",
      "bad_causes",
      () => kindling.history(visits).append({ name: "a" }, { causedBy: Array.from({ length: 101 }, (_, index) => `run_x:${index}`) }),
      "visits: 101 causes",
    ],
    [
      "with an expectation that is none",
      "bad_expectation",
      () => kindling.store(people).write("a", { name: "a" }, { expect: wild(3) }),
      "people: expect is number",
    ],
    [
      "with an idempotency key that is none",
      "bad_idempotency_key",
      () => kindling.store(people).write("a", { name: "a" }, { idempotencyKey: "" }),
      "a text of 0 characters",
    ],
    [
      "with too many others",
      "too_many_changes",
      () => kindling.record(Array.from({ length: 1_001 }, (_, index) => people.write(`${index}`, { name: "a" }))),
      "1001 changes were to be one",
    ],
    [
      "with more than is atomic",
      "changes_too_large",
      () =>
        kindling.record(
          Array.from({ length: 40 }, (_, index) =>
            visits.append({ name: `${index}` }, { producer: { kind: "program", name: "x".repeat(20_000) } }),
          ),
        ),
      "bytes, besides values over 32768 bytes",
    ],
  ])("%s", async (_case, code, act, message) => {
    const error: unknown = await act().then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ code, fix: expect.stringMatching(/\w/) });
    expect(String(error)).toContain(message);
    expect((await kindling.store(people).list()).items).toEqual([]);
    expect((await kindling.history(visits).partitions()).items).toEqual([]);
  });
});

describe("a question is refused", () => {
  it.each<[string, string, () => Promise<unknown>, string]>([
    [
      "about an index that there is not",
      "unknown_index",
      () => kindling.store(people).query(wild("city"), "Bonn"),
      'people has no index "city"',
    ],
    [
      "about an index that every object has",
      "unknown_index",
      () => kindling.store(people).query(wild("constructor"), "Bonn"),
      'people has no index "constructor"',
    ],
    [
      "with a list as the value of an index",
      "bad_index_value",
      () => kindling.store(people).query("name", wild(["a"])),
      "people: object cannot stand",
    ],
    [
      "with a cursor of another list",
      "bad_cursor",
      async () => {
        await using other = await openKindling({ contracts: [], ledger: memoryLedger() });
        await other.record([people.write("a", { name: "a" }), people.write("b", { name: "b" })]);
        const { cursor = "" } = await other.store(people).list({ limit: 1 });
        expect((await other.store(people).list({ limit: 1, cursor })).items.map(({ key }) => key)).toEqual(["b"]);
        return await kindling.store(people).list({ limit: 1, cursor });
      },
      "belongs to another question, or to another ledger",
    ],
    ["without end", "bad_limit", () => kindling.store(people).list({ limit: 100_000 }), "limit is 100000"],
    [
      "with a cursor of its own making",
      "bad_cursor",
      () => kindling.store(people).list({ cursor: "; drop table" }),
      "the cursor is none of a page",
    ],
    [
      "about the future",
      "as_of_ahead",
      () =>
        kindling
          .store(people)
          .write("a", { name: "a" })
          .then(() => kindling.store(people).get("a", { asOf: { position: 99 } })),
      "position 99 is in the future",
    ],
    [
      "about no moment",
      "bad_as_of",
      () =>
        kindling
          .store(people)
          .write("a", { name: "a" })
          .then(() => kindling.store(people).get("a", { asOf: wild({ day: 3 }) })),
      "asOf is no moment: it has no time and no position",
    ],
  ])("%s", async (_case, code, ask, message) => {
    await expect(ask()).rejects.toMatchObject({ code, message: expect.stringContaining(message), fix: expect.stringMatching(/\w/) });
  });
});

describe("a value that an upcast cannot make new", () => {
  it("is told with its id, and harms nothing else", async () => {
    const old = defineStore("people", { schema: z.any() });
    await kindling.store(old).write("a", { name: "Ada" });
    await kindling.store(old).write("b", 7);
    const now = defineStore("people", {
      schema,
      version: 2,
      upcast: { 1: (value) => ({ name: (value as { name: string }).name.trim() }) },
    });
    expect((await kindling.store(now).get("a"))?.value).toEqual({ name: "Ada" });
    await expect(kindling.store(now).get("b")).rejects.toMatchObject({
      code: "upcast_failed",
      message: expect.stringMatching(/^store:people:b@1#[0-9a-f]{16}: upcast\[1\] threw: /),
    });
    const strict = defineStore("people", { schema, version: 2, upcast: { 1: () => ({}) } });
    await expect(kindling.store(strict).get("a")).rejects.toMatchObject({
      code: "upcast_failed",
      message: expect.stringContaining("name: Invalid input"),
    });
  });
});

function caught(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
