// R17: ledgers of every format that was ever released open, verify, replay to what they said when they were made, and go on; and what can be made again is not
// trusted when another edition made it.

import { chmod, cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { deserialize, serialize } from "node:v8";
import { type AnyContract, contract, fileLedger, type JsonValue, type LedgerPlace, memoryLedger, planOf, verifyFolder } from "kindling";
import { manualClock } from "kindling/testing";
import { afterAll, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { z } from "zod";
import { findRun, snapshotOf } from "../../src/host/found-run.ts";
import { SNAPSHOT_FACTS } from "../../src/host/snapshot.ts";
import { readChecked, writeChecked } from "../../src/ledger/checked-json.ts";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { FACT_TYPES } from "../../src/run/read-fact.ts";
import { aged, contracts, following } from "../fixtures/ledgers/v1/contracts.mjs";
import { TEST_KEY, TEST_KEY_NAME, told } from "../fixtures/read-ledger.ts";
import { openKindling } from "../host/open-host.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { figure } from "./figure.ts";

const V1 = fileURLToPath(new URL("../fixtures/ledgers/v1/", import.meta.url));
const NAMES = ["facts", "waiting", "blobs", "segments", "encrypted", "compacted", "talks", "gates", "stored", "kept"];

/** Every golden ledger holds what this edition can tell of it with these. */
const ALL = [...contracts, aged("2")];

const allOf = (name: string): readonly AnyContract[] => (name === "stored" ? [...ALL, ...following] : ALL);

/** Shortly after the ledgers were made: nothing in them is due. */
const clock = () => manualClock(Date.UTC(2026, 10, 21, 14));

async function golden(name: string): Promise<JsonValue> {
  // Written by `make-ledgers.ts`.
  return JSON.parse(await readFile(join(V1, `${name}.json`), "utf8")) as JsonValue;
}

/** A copy of a golden ledger, as if it had always been there. */
async function copyOf(name: string): Promise<{ readonly folder: string; readonly place: LedgerPlace }> {
  const folder = join(await temporaryFolder(), name);
  await cp(join(V1, name), folder, { recursive: true });
  await chmod(folder, 0o700);
  onTestFinished(async () => expect((await verifyFolder(folder)).faults).toEqual([]));
  return { folder, place: fileLedger(folder, { indexBytes: 1_000, ...(name === "encrypted" ? { key: { env: TEST_KEY_NAME } } : {}) }) };
}

beforeEach(() => void vi.stubEnv(TEST_KEY_NAME, TEST_KEY));

const wide = contract("wide", {
  inputs: { items: z.array(z.number()) },
  define: (g, { items }) =>
    g.collection("all", {
      over: items,
      as: "item",
      key: (item) => `${item}`,
      each: (inner, { item }) => inner.compute("next", { needs: { item }, run: ({ item }) => item + 1 }),
    }),
});

describe("R17: the ledgers of format 1", () => {
  let read = 0;
  afterAll(() => figure("R17", { folders: NAMES.length, failed: NAMES.length - read }));

  it.each(NAMES)("%s is verified, and every run of it stands as it stood, before and after it was opened for writing", async (name) => {
    const { place } = await copyOf(name);
    // For a view that tells more than it did. Whatever else the difference shows is a fault.
    if (process.env["UPDATE_GOLDEN"] === "1")
      await writeFile(join(V1, `${name}.json`), `${JSON.stringify(await told(place, allOf(name)), undefined, 1)}\n`);
    const expected = await golden(name);
    expect(await told(place, allOf(name))).toEqual(expected);
    await (await openKindling({ contracts: allOf(name), ledger: place, clock: clock() })).close();
    expect(await told(place, allOf(name))).toEqual(expected);
    read += 1;
  });

  it.each(["waiting", "encrypted"])("%s goes on where it was", async (name) => {
    const { place } = await copyOf(name);
    const kindling = await openKindling({ contracts: ALL, ledger: place, clock: clock() });
    const { items } = await kindling.list({ status: "waiting" });
    const two = items.find(({ correlation }) => correlation["id"] === "two");
    const run = await kindling.run(two?.id ?? "");
    expect((await run.get()).awaits.map(({ path }) => path)).toEqual(["parts[y]/done"]);
    await kindling.deliver({ event: "done", run: run.id, payload: 2 });
    expect(await run.result()).toMatchObject({ parts: { items: [{ value: 1 }, { value: 2 }] } });
    await kindling.deliver({ event: "answered", correlation: { id: "one" }, payload: "z" });
    expect((await kindling.inbox()).map(({ path }) => path)).toEqual(["parts[z]/done"]);
  });

  it("are all there are, and hold every kind of fact that there is", async () => {
    const folders = (await readdir(V1, { withFileTypes: true })).filter((each) => each.isDirectory()).map(({ name }) => name);
    expect(folders.sort()).toEqual([...NAMES].sort());
    const kinds = await Promise.all(NAMES.map(async (name) => Object.keys(((await golden(name)) as { kinds: object }).kinds)));
    expect(new Set(kinds.flat().filter((kind) => !/^(ledger|store|feed|derivation|projection)\./.test(kind)))).toEqual(FACT_TYPES);
  });
});

describe("what another edition made of a ledger", () => {
  it("as its index is passed over, and made anew by the next who writes", async () => {
    const { folder, place } = await copyOf("facts");
    const path = join(folder, "index", "tables.json");
    await (await openKindling({ contracts: ALL, ledger: place, clock: clock() })).close();
    const list = await readChecked(realDisk, path);
    if (list === undefined) throw new Error("no index was kept");
    // Believed, it would hide every run there is.
    const strange = { ...list, format: 0, tables: [], facts: 0 };
    await writeChecked(realDisk, path, strange);
    expect(await told(place, ALL)).toEqual(await golden("facts"));
    await (await openKindling({ contracts: ALL, ledger: place, clock: clock() })).close();
    expect(await readChecked(realDisk, path)).toMatchObject({ format: list["format"], facts: list["facts"] });
    await writeChecked(realDisk, path, { ...strange, format: list["format"] ?? null });
    expect(await told(place, ALL).catch((error: unknown) => error), "an index of this edition is believed").not.toEqual(
      await golden("facts"),
    );
    await writeChecked(realDisk, path, strange);
  });

  it.each([
    [3, "succeeded"],
    [4, "failed"],
  ])("as a snapshot of the format %i shows a run as %s", async (format, status) => {
    const place = memoryLedger();
    const kindling = await openKindling({ contracts: [wide], ledger: place });
    const { id } = await kindling.start("wide", { items: Array.from({ length: SNAPSHOT_FACTS }, (_, index) => index) });
    await (await kindling.run(id)).result();
    await kindling.close();
    await using ledger = await place.open({ access: "write" });
    const shown = async () => (await findRun(ledger, id, planOf(wide.graph))).fold().state.status;
    const found = await findRun(ledger, id, planOf(wide.graph));
    const snapshot = snapshotOf(found, found.fold());
    if (snapshot === undefined) throw new Error("the run has no snapshot");
    await ledger.snapshots.put(id, { version: snapshot.version, bytes: falsified(snapshot.bytes, format) });
    expect(await shown()).toBe(status);
  });
});

/** A snapshot that says something else, with a right checksum. */
function falsified(bytes: Uint8Array, format: number): Uint8Array {
  // As `sealSnapshot` writes it: checksum, format, and this.
  const sealed = deserialize(bytes.subarray(8)) as { content: { state: object } };
  const body = serialize({ ...sealed, content: { ...sealed.content, state: { ...sealed.content.state, status: "failed" } } });
  const whole = Buffer.concat([Buffer.alloc(8), body]);
  whole.writeUInt32LE(format, 4);
  whole.writeUInt32LE(crc32(whole.subarray(4)), 0);
  return whole;
}
