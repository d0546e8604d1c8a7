// What a project leaves out of its ledger, in facts of stores and histories: in values, in what they are found by, in what is derived.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { contract, defineHistory, defineStore, derive, fileLedger, type Kindling } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

const SECRET = "4111-1111";

const cards = defineStore("cards", {
  schema: z.object({ holder: z.string(), number: z.string() }),
  indexes: { number: ({ number }) => number },
});
const charges = defineHistory("charges", {
  schema: z.object({ number: z.string(), usd: z.number() }),
  partitionBy: ({ number }) => number,
});
const last = derive("last", {
  schema: z.object({ number: z.string(), charges: z.number() }),
  from: charges,
  key: () => "last",
  compute: (all) => ({ number: SECRET, charges: all.length }),
  indexes: { number: ({ number }) => number },
});
const pay = contract("pay", {
  inputs: {},
  define: (g) => ({
    card: g.write("card", cards, { needs: {}, key: "run", value: () => ({ holder: "run", number: SECRET }) }),
    charge: g.append("charge", charges, { needs: {}, event: () => ({ number: SECRET, usd: 1 }) }),
  }),
});

async function opened(folder: string): Promise<Kindling> {
  const redact = { recorded: ["number"] };
  return openKindling({ contracts: [pay], stores: [cards, charges, last], ledger: fileLedger(folder), redact });
}

/** Everything that lies in a folder, as text. */
async function written(folder: string): Promise<string> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return (await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), "latin1")))).join("\n");
}

describe("members that are not recorded", () => {
  it("stand nowhere in the ledger: values, indexes and parts have the replacement, whoever recorded them", async () => {
    const folder = `${await temporaryFolder()}/ledger`;
    const kindling = await opened(folder);
    await kindling.store(cards).write("call", { holder: "call", number: SECRET });
    await kindling.record([cards.write("list", { holder: "list", number: SECRET })]);
    await (await kindling.start(pay, {})).result();
    await kindling.derivations.settle();
    const found = await kindling.store(cards).query("number", "[redacted]");
    expect(found.items.map(({ key, value }) => [key, value.number])).toEqual([
      ["call", "[redacted]"],
      ["list", "[redacted]"],
      ["run", "[redacted]"],
    ]);
    expect((await kindling.history(charges).read({ partition: "[redacted]" })).items).toHaveLength(1);
    expect((await kindling.store(last).query("number", "[redacted]")).items.map(({ value }) => value)).toEqual([
      { number: "[redacted]", charges: 1 },
    ]);
    await kindling.close();
    expect(await written(folder)).not.toContain(SECRET);
  });

  it("leave a derived value that comes out the same as it is", async () => {
    const kindling = await opened(`${await temporaryFolder()}/ledger`);
    await kindling.history(charges).append({ number: SECRET, usd: 1 });
    await kindling.derivations.settle();
    await kindling.derivations.rebuild();
    await kindling.derivations.settle();
    expect((await kindling.store(last).history("last")).items).toHaveLength(1);
  });

  it("are replaced before the schema looks at them", async () => {
    const pins = defineStore("pins", { schema: z.object({ number: z.literal("[redacted]") }) });
    const strict = defineStore("strict", { schema: z.object({ number: z.number() }) });
    const kindling = await openKindling({ contracts: [], redact: { recorded: ["number"] } });
    const given: unknown = { number: 7 };
    await kindling.store(pins).write("p1", given as { number: "[redacted]" });
    await expect(kindling.store(strict).write("p1", { number: 7 })).rejects.toMatchObject({ code: "bad_value" });
  });
});
