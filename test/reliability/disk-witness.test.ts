// R8: the file that says how far the log is durable is written by the one who appends and by the one who keeps the index, also at the same moment.

import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ledgerFolder } from "../../src/ledger/folder.ts";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { readWitness, Witness } from "../../src/ledger/witness.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";

const CHAIN = "A".repeat(43);
const POINTS = Array.from({ length: 8 }, (_, index) => ({
  offset: 1_000 * (index + 1),
  position: index + 1,
  group: index + 1,
  chain: CHAIN,
}));

test("witnesses that are written at once stand one after the other, and the last one stays", async () => {
  const path = join(await temporaryFolder(), "ledger");
  await mkdir(path);
  const folder = ledgerFolder(path);
  const witness = new Witness(realDisk, folder, undefined);
  await Promise.all(POINTS.map((point) => witness.reach(point)));
  expect(await readWitness(realDisk, folder)).toEqual(POINTS.at(-1));
  expect(await readdir(path)).toEqual(["head.json"]);
});
