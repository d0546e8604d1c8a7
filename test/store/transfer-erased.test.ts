// Keys that were erased in one of two ledgers or in both, and written anew: what the one that follows takes, and what it says where it cannot.

import { defineStore, type Kindling } from "kindling";
import { describe, expect, it } from "vitest";
import { encryptedPlace } from "../host/erasable.ts";
import { openKindling } from "../host/open-host.ts";
import { all, code, notes, open } from "./transferred.ts";

const sealed = async (): Promise<Kindling> => openKindling({ contracts: [], stores: [notes], ledger: (await encryptedPlace()).place });
const erase = (kindling: Kindling) => kindling.eraseFacts({ store: notes, key: "n", reason: "she asked" });
const write = (kindling: Kindling, text: string) => kindling.store(notes).write("n", { text, by: "ada" });

/** What stands in a ledger of the key. */
async function told(kindling: Kindling): Promise<unknown> {
  const store = kindling.store(notes);
  const ids = async (found: Promise<{ readonly items: readonly { readonly id: string }[] }>) => (await found).items.map(({ id }) => id);
  return [(await store.get("n"))?.value, await ids(store.history("n")), await ids(store.query("by", "ada")), await ids(store.list())];
}

describe("a key that was erased where it comes from", () => {
  it("is taken from where it was written anew, by a ledger that never had it, and by one that follows that", async () => {
    await using source = await sealed();
    await using follower = await open();
    await using third = await open();
    await write(source, "x");
    await erase(source);
    await write(source, "anew");
    expect(await follower.importFacts(source.exportFacts(), { dryRun: true })).toMatchObject({ recorded: 1 });
    expect(await follower.importFacts(source.exportFacts())).toMatchObject({ recorded: 1, known: 0, isWhole: true });
    await write(source, "once more");
    expect(await follower.importFacts(source.exportFacts())).toMatchObject({ recorded: 1, known: 1 });
    await third.importFacts(follower.exportFacts());
    for (const each of [follower, third]) {
      expect(await told(each)).toEqual(await told(source));
      expect(await each.verify()).toMatchObject({ ok: true });
    }
  });

  it("is taken by one that had not come as far when it was erased there, and can be erased again", async () => {
    await using source = await sealed();
    await using follower = await sealed();
    await write(source, "x");
    await follower.importFacts(source.exportFacts());
    for (const text of ["y", "z"]) await write(source, text);
    for (const each of [source, follower]) await erase(each);
    await write(source, "anew");
    expect(await follower.importFacts(source.exportFacts(), { dryRun: true })).toMatchObject({ recorded: 1 });
    expect(await follower.importFacts(source.exportFacts())).toMatchObject({ recorded: 1, known: 0 });
    await write(source, "once more");
    await follower.importFacts(source.exportFacts());
    expect(await told(follower)).toEqual(await told(source));
    expect((await erase(follower)).receipts).toMatchObject([{ facts: 2 }]);
    expect(await told(follower)).toEqual([undefined, [], [], []]);
    expect(await follower.verify()).toMatchObject({ ok: true });
  });

  it("is refused while it stands here, with the cure", async () => {
    await using source = await sealed();
    await using follower = await sealed();
    await write(source, "x");
    await follower.importFacts(source.exportFacts());
    await erase(source);
    await write(source, "anew");
    const refused = { code: "facts_diverged", details: { key: "n", reason: "erased_there" } };
    expect(await code(follower.importFacts(source.exportFacts()))).toMatchObject(refused);
    await erase(follower);
    await follower.importFacts(source.exportFacts());
    expect(await told(follower)).toEqual(await told(source));
  });
});

it.each(["compacted", "erased"])(
  "a key whose beginning was %s before it was taken, and that is erased here, does not come back with an export that has it",
  async (how) => {
    const brief = defineStore("notes", { schema: notes.schema, indexes: notes.indexes, retention: { last: 1 } });
    await using source = await openKindling({ contracts: [], stores: [brief], ledger: (await encryptedPlace()).place });
    await using follower = await sealed();
    for (let number = 0; number < 12; number++) await write(source, `text ${number}`);
    if (how === "erased") await erase(source);
    if (how === "erased") await write(source, "anew");
    else await source.compactFacts();
    const { items } = await source.store(brief).history("n");
    const records = (await all(source.exportFacts())).filter((each) => !("fact" in each) || each.fact["id"] === items.at(-1)?.id);
    expect(await follower.importFacts(records)).toMatchObject({ recorded: 1 });
    await erase(follower);
    expect(await follower.importFacts(records, { dryRun: true })).toMatchObject({ recorded: 0, known: 1 });
    expect(await follower.importFacts(records)).toMatchObject({ recorded: 0, known: 1 });
    expect(await told(follower)).toEqual([undefined, [], [], []]);
  },
);

it("a key that was erased here only is refused when it goes on there, until it is erased there, too", async () => {
  await using source = await sealed();
  await using follower = await sealed();
  await write(source, "x");
  await follower.importFacts(source.exportFacts());
  await erase(follower);
  for (const text of ["2", "3", "4"]) await write(source, text);
  expect(await code(follower.importFacts(source.exportFacts()))).toMatchObject({
    code: "facts_diverged",
    details: { reason: "erased_here" },
  });
  await erase(source);
  await write(source, "anew");
  await follower.importFacts(source.exportFacts());
  expect(await told(follower)).toEqual(await told(source));
});
