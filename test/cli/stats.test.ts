// `kindling stats`: what people read, what monitors get, and the exit code of --check.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { stats } from "../../src/cli/commands/stats.ts";
import { statsLines } from "../../src/cli/view/stats-lines.ts";
import { plainPaint } from "../../src/cli/view/paint.ts";
import type { Stats } from "../../src/index.ts";
import { testProject } from "./command-line.ts";
import { filledStores } from "./filled-stores.ts";
import { projectHere } from "./in-process.ts";

const files = (count: number, bytes: number) => ({ files: count, bytes, isWhole: true });

const figures: Stats = {
  at: 100_000,
  ledger: { id: "5e1c", location: "/srv/ledger", position: 12_345, oldest: 101, isLow: true },
  storage: {
    log: files(12, 700_000_000),
    kept: files(0, 0),
    blobs: { ...files(20_000, 90_000_000), isWhole: false },
    index: files(3, 5_000),
    snapshots: files(0, 0),
    other: files(0, 0),
    bytes: 790_005_000,
    unsealed: 2,
    lastSeal: { position: 9_000, time: 40_000 },
    disk: { size: 2 ** 40, free: 2 ** 28 },
  },
  stores: [
    {
      kind: "store",
      name: "notes",
      keys: 10_000,
      present: 9_000,
      facts: 12_000,
      latest: { position: 12_000, time: 95_000 },
      isWhole: false,
    },
  ],
  cursors: [
    { cursor: "mail", position: 345, behind: 12_000, isTooOld: false },
    { cursor: "old", position: 7, behind: 12_338, isTooOld: true },
  ],
  derivations: [{ name: "lengths", version: 1, upTo: 12_345, behind: 0, failed: 2, faults: [] }],
  projections: [
    { name: "overview", version: 1, since: 1, upTo: 12_000, behind: 345, isTooOld: false },
    { name: "weeks", version: 2, since: 1, upTo: 40, behind: 12_305, isTooOld: true },
  ],
  imports: [{ ledger: "77aa", stores: null, next: 3_120, time: 40_000 }],
  load: { at: 100_000, lanes: [] },
  alerts: [
    { name: "cursorLag", subject: "mail", measured: 12_000, threshold: 10_000 },
    { name: "diskFreeBytes", subject: null, measured: 268_435_456, threshold: 536_870_912 },
  ],
};

it("tells people what is beyond first, then what there is", () => {
  expect(statsLines(figures, { paint: plainPaint, now: 100_000 }).join("\n")).toMatchInlineSnapshot(`
    "✗ cursorLag of mail is 12,000, and at most 10,000 are wanted
    ✗ diskFreeBytes is 268,435,456, and at least 536,870,912 are wanted

    /srv/ledger  ledger 5e1c
      commits       12,345                from position 101 on       little room is left
      log           667.6 MiB             12 files
      large values  85.8 MiB              20,000+ files
      index         4.9 KiB               3 files
      together      753.4 MiB             256.0 MiB free of 1.0 TiB
      sealed        up to position 9,000  1 min ago                  2 segments waiting

    stores
      notes  store  9,000+ keys  12,000+ facts  changed 5 s ago

    consumers
      mail  at 345  12,000 commits behind
      old   at 7    what follows is gone: it has to begin anew

    derived
      lengths  version 1  up to date  2 keys failed

    projections
      overview  version 1  kept up to 12,000  345 commits behind
      weeks     version 2  kept up to 40      what follows is gone: it has to be made anew

    taken from other ledgers
      77aa  all stores  up to 3,120  1 min ago"
  `);
});

it("--check fails when something is beyond a threshold of the config or of the command line, and names it", async () => {
  const { call, folder } = await filledStores();
  const fine = await call((shell) => stats(shell, { alert: ["diskFreeBytes=0"], check: true }));
  expect(fine).toMatchObject({
    code: 0,
    result: {
      ledger: { position: 18 },
      stores: [{ name: "calls" }, { name: "reminders" }, { name: "notes" }, { name: "drafts" }],
      alerts: [],
    },
  });
  const beyond = await call((shell) => stats(shell, { alert: ["diskFreeBytes=0", "ledgerBytes=10"], check: true }));
  expect(beyond).toMatchObject({ code: 1, problem: { code: "alerts", details: { alerts: [{ name: "ledgerBytes", threshold: 10 }] } } });
  expect(beyond.text).toMatch(/^✗ ledgerBytes is [\d,]+, and at most 10 are wanted/);
  const told = await call((shell) => stats(shell, { alert: ["diskFreeBytes=0", "ledgerBytes=10"] }));
  expect(told).toMatchObject({ code: 0, result: { alerts: [{ name: "ledgerBytes" }] } });
  expect(await call((shell) => stats(shell, { alert: ["ledgerByte=10"] }))).toMatchObject({
    code: 2,
    problem: { fix: 'Did you mean "ledgerBytes"?' },
  });
  expect(await call((shell) => stats(shell, { alert: ["ledgerBytes"] }))).toMatchObject({ code: 2, problem: { code: "bad_option" } });
  const empty = await projectHere("stores.config.ts");
  expect(await empty.call((shell) => stats(shell, {}))).toMatchObject({ code: 3, problem: { code: "nothing_recorded" } });
  expect(folder).toBeTruthy();
});

it("the launcher: thresholds of the config decide the exit code, and wrong ones are a fault of the config", async () => {
  const { folder, kindling, json } = await testProject();
  const config = await readFile(new URL("./fixtures/stores.config.ts", import.meta.url), "utf8");
  const withAlerts = (alerts: string) =>
    writeFile(join(folder, "kindling.config.ts"), config.replace("contracts: [],", `contracts: [], alerts: ${alerts},`));
  await withAlerts("{ ledgerBytes: 1, diskFreeBytes: 0 }");
  await kindling("store", "append", "notes", '"a note"');
  expect(await json("stats", "--check")).toMatchObject({
    ok: false,
    command: "stats",
    error: { code: "alerts", details: { alerts: [{ name: "ledgerBytes" }] } },
  });
  await withAlerts("{ ledgerByte: 1 } as never");
  expect(await kindling("stats")).toMatchObject({ code: 2, err: expect.stringContaining('Did you mean "ledgerBytes"?') as unknown });
});
