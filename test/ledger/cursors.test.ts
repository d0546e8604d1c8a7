// Cursors of consumers: kept by name beside the log, and refused where they mean nothing.

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { fileLedger } from "../../src/ledger/file.ts";
import { memoryLedger } from "../../src/ledger/memory.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const PLACES = [
  ["memory", async () => memoryLedger()],
  ["file", async () => fileLedger(await temporaryFolder())],
] as const;

async function append(ledger: Ledger, count: number): Promise<void> {
  for (let expected = 0; expected < count; expected++) await ledger.append([{ run: "one", expected, facts: [{ type: "noted" }] }]);
}

describe.each(PLACES)("a cursor of the %s ledger", (_name, makePlace) => {
  it("is not there before it is kept, and is there afterwards, also for who opens the ledger later", async () => {
    const place = await makePlace();
    {
      await using ledger = await place.open({ access: "write" });
      await append(ledger, 3);
      expect(await ledger.cursors.get("mail")).toBeUndefined();
      await ledger.cursors.put("mail", 2);
      expect(await ledger.cursors.get("mail")).toBe(2);
      expect(await ledger.cursors.all()).toEqual([{ cursor: "mail", position: 2 }]);
      expect(await ledger.cursors.get("other")).toBeUndefined();
    }
    await using ledger = await place.open({ access: "write" });
    expect(await ledger.cursors.get("mail")).toBe(2);
  });

  it("is kept by a reader, too", async () => {
    const place = await makePlace();
    await using ledger = await place.open({ access: "write" });
    await append(ledger, 1);
    await using reader = await place.open({ access: "read" });
    await reader.cursors.put("mail", 1);
    expect(await ledger.cursors.get("mail")).toBe(1);
    expect(reader.oldest).toBe(1);
  });

  it.each(["", "../mail", "a/b", "a\\b", ".mail", "Mail", "a".repeat(65), "a b", "a\n"])("cannot be named %j", async (name) => {
    await using ledger = await (await makePlace()).open({ access: "write" });
    await expect(ledger.cursors.get(name)).rejects.toMatchObject({ code: "bad_cursor_name" });
    await expect(ledger.cursors.put(name, 0)).rejects.toMatchObject({ code: "bad_cursor_name" });
  });

  it("beyond the end is refused, and says how far the ledger goes", async () => {
    await using ledger = await (await makePlace()).open({ access: "write" });
    await append(ledger, 2);
    await ledger.cursors.put("mail", 3);
    await expect(ledger.cursors.get("mail")).rejects.toMatchObject({
      code: "cursor_ahead",
      details: { oldest: 1, newest: 2, position: 3 },
    });
  });

  it("before the oldest commit there is is refused", async () => {
    await using ledger = await (await makePlace()).open({ access: "write" });
    await ledger.cursors.put("mail", -1);
    await expect(ledger.cursors.get("mail")).rejects.toMatchObject({ code: "cursor_too_old", details: { oldest: 1, newest: 0 } });
  });
});

describe("the file of a cursor", () => {
  it("of another ledger is refused: a position there means nothing here", async () => {
    const folder = await temporaryFolder();
    const [one, other] = [join(folder, "one"), join(folder, "other")];
    await using first = await fileLedger(one).open({ access: "write" });
    await using second = await fileLedger(other).open({ access: "write" });
    await append(first, 1);
    await append(second, 1);
    await first.cursors.put("mail", 1);
    await mkdir(join(other, "cursors"));
    await writeFile(join(other, "cursors", "mail.json"), await readFile(join(one, "cursors", "mail.json")));
    await expect(second.cursors.get("mail")).rejects.toMatchObject({
      code: "cursor_too_old",
      details: { oldest: 1, newest: 1, cursor: "mail" },
    });
  });

  it("that was changed by hand is damage, with what to do about it", async () => {
    const folder = await temporaryFolder();
    await using ledger = await fileLedger(folder).open({ access: "write" });
    await append(ledger, 1);
    await ledger.cursors.put("mail", 1);
    const path = join(folder, "cursors", "mail.json");
    await writeFile(path, (await readFile(path, "utf8")).replace('"position":1', '"position":0'));
    await expect(ledger.cursors.get("mail")).rejects.toMatchObject({
      code: "ledger_damaged",
      fix: expect.stringContaining("Remove") as unknown,
    });
    await rm(path);
    expect(await ledger.cursors.get("mail")).toBeUndefined();
  });
});
