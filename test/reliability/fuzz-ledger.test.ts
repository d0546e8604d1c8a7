// R15: ledgers that were damaged at random are opened, read, verified and written to: each is used or refused by name, and nothing hangs, grows or throws otherwise.

import { cp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { contract, createRuntime, fileLedger, verifyFolder } from "../../src/index.ts";
import { seededRandom } from "../ledger/seeded-random.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { figure } from "./figure.ts";
import { below, damaged, noise } from "./mutation.ts";
import { sample, SEED } from "./seed.ts";
import { nothingSeen, residentMib, watch } from "./watchful.ts";

const DAMAGES = sample(150, 3_000);
const GROWTH_LIMIT_MIB = 64;

const asked = contract("asked", {
  inputs: { id: z.string(), text: z.string() },
  correlate: ["id"],
  define(g, { text }) {
    const answers = g.collection("answers", {
      over: g.const("langs", ["en", "de"]),
      as: "lang",
      key: (lang) => lang,
      each: (inner, { lang }) => inner.await("answer", { event: "answered", schema: z.string(), show: { lang }, timeout: "30d" }),
    });
    return { answers, text };
  },
});

/** A ledger with runs that wait and runs that have ended, in commits and blobs. */
async function sound(folder: string): Promise<void> {
  await using kindling = await createRuntime({ contracts: [asked], ledger: fileLedger(folder) });
  for (let number = 0; number < 4; number++) {
    const id = String(number);
    const run = await kindling.start(asked, { id, text: id.repeat(number === 0 ? 50_000 : 50) });
    await run.settled();
    for (const lang of ["en", "de"].slice(0, number))
      await kindling.deliver({ event: "answered", correlation: { id, lang }, payload: `${lang} ${"x".repeat(number * 20_000)}` });
    await run.settled();
  }
}

/** Damages one file of a ledger: its bytes, its name, or that it is there at all. What was done, in words. */
async function damage(folder: string, random: () => number): Promise<string> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((item) => item.isFile() && !item.name.endsWith(".lock"))
    .map((item) => join(item.parentPath, item.name))
    .sort();
  const file = files[below(random, files.length)] ?? folder;
  const name = basename(file);
  const choice = random();
  if (choice < 0.05) await rm(file);
  else if (choice < 0.1) await rename(file, join(file, "..", `${below(random, 1e6)}${name.slice(3)}`));
  else if (choice < 0.15) await writeFile(join(file, "..", `${below(random, 1e6)}${name.slice(below(random, 12))}`), noise(random, 100));
  else await writeFile(file, damaged(await readFile(file), random));
  return name;
}

/** Everything that somebody does with a folder. */
async function useAll(seen: ReturnType<typeof nothingSeen>, folder: string, place: string): Promise<void> {
  await watch(seen, `${place}, verify`, () => verifyFolder(folder));
  await watch(seen, `${place}, read`, async () => {
    await using ledger = await fileLedger(folder).open({ access: "read" });
    for await (const entry of ledger.changes({ after: 0 })) await ledger.read(entry.run);
    await ledger.verify();
  });
  await watch(seen, `${place}, ask`, async () => {
    await using kindling = await createRuntime({ contracts: [asked], ledger: fileLedger(folder), access: "read" });
    for (const { id } of (await kindling.list()).items) await kindling.facts(id);
    await kindling.inbox();
  });
  await watch(seen, `${place}, write`, async () => {
    await using kindling = await createRuntime({ contracts: [asked], ledger: fileLedger(folder) });
    await kindling.start(asked, { id: "new", text: "new" });
    await kindling.deliver({ event: "answered", correlation: { id: "0", lang: "en" }, payload: "x" });
  });
}

it(`${DAMAGES} damaged ledgers are used or refused by name (KINDLING_SEED=${SEED})`, { timeout: 120_000 + DAMAGES * 500 }, async () => {
  const random = seededRandom(SEED);
  const home = await temporaryFolder();
  await sound(join(home, "sound"));
  const seen = nothingSeen();
  const folder = join(home, "damaged");
  let before = 0;
  for (let number = 0; number < DAMAGES; number++) {
    await cp(join(home, "sound"), folder, { recursive: true });
    const name = await damage(folder, random);
    await useAll(seen, folder, `damage ${number} (${name}), KINDLING_SEED=${SEED}`);
    await rm(folder, { recursive: true });
    // What is loaded once is there by now.
    if (number === Math.floor(DAMAGES / 2)) before = residentMib();
  }
  const grown = residentMib() - before;
  expect({ uncaught: seen.uncaught, hangs: seen.hangs }).toEqual({ uncaught: [], hangs: 0 });
  expect(grown).toBeLessThan(GROWTH_LIMIT_MIB);
  // Damage that never mattered would prove nothing, and neither would damage that always stops everything.
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(DAMAGES / 4);
  figure("R15-ledger", { inputs: seen.inputs, refused: seen.refused, uncaught: 0, hangs: 0, grownMiB: grown });
});
