// R18, second half: all that is known of a person goes into an encrypted ledger by every way there is; after the erasure it is nowhere in the folder, and nothing that is left opens what was sealed.

import { hash, randomBytes } from "node:crypto";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { scripted } from "../../providers/scripted.ts";
import { contract, createRuntime, fileLedger, type Kindling, type LedgerPlace } from "../../src/index.ts";
import { type JsonObject, parseJson } from "../../src/json.ts";
import { ledgerFolder, readCard } from "../../src/ledger/folder.ts";
import { readMasterKey } from "../../src/ledger/key-source.ts";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { openBlob, slotOfBlob } from "../../src/ledger/sealed-blob.ts";
import { openLine, readSealedLine, type SealedLine } from "../../src/ledger/sealed-line.ts";
import { secureRandom } from "../../src/ledger/secure-random.ts";
import { readSlots, slotFiles } from "../../src/ledger/slot-files.ts";
import type { TreeKey } from "../../src/ledger/tree-key.ts";
import { openVault, type Vault } from "../../src/ledger/vault.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { figure } from "./figure.ts";

/** The subject's data, by the way it takes into the ledger. No plan tells it. */
const PLANTED = {
  input: "input-canary-9b41c7",
  correlation: "correlation-canary-53ad0e",
  prompt: "prompt-canary-e7702f",
  reply: "reply-canary-1c98d4",
  blob: "blob-canary-86f3ba",
  item: "item-canary-40d5e9",
  early: "early-canary-c2617b",
  mailed: "mailed-canary-7f0a35",
  decision: "decision-canary-b85e12",
  starter: "starter-canary-2d9c60",
  failure: "failure-canary-d31f84",
  shared: "shared-canary-6ea7c8",
} as const;

/** Items enough for a snapshot. */
const ITEMS = 600;
const REPLIES = 4;

const about = contract("about", {
  inputs: { person: z.string(), name: z.string(), told: z.string(), items: z.array(z.string()) },
  correlate: ["person"],
  early: { keepFor: "1h" },
  define(g, { person, name, told, items }) {
    const asked = g.llm("asked", {
      needs: { told },
      prompt: ({ told }) => told,
      model: "scripted:m",
      output: z.object({ text: z.string() }),
    });
    const large = g.compute("large", {
      needs: { name, asked },
      run: ({ name }) => name.replace(PLANTED.input, PLANTED.blob).repeat(4_000),
    });
    const shared = g.lookup("shared", { needs: { name }, run: ({ name }) => `shared ${name}`, reuse: { across: true } });
    const each = g.collection("each", {
      over: items,
      as: "item",
      key: (item) => item,
      each: (inside, { item }) => ({ item: inside.map("is", item, (text) => `${text}!`) }),
    });
    const mail = g.await("mail", { event: "mail", schema: z.string(), show: { person } });
    const part = g.compose("part", {
      needs: { mail, asked },
      child: (inside, { mail, asked }) => ({
        early: inside.await("early", { event: "early", schema: z.string(), show: { mail } }),
        gate: inside.await("gate", {
          event: "gate",
          schema: z.object({ comment: z.string() }),
          show: { asked },
          by: "human",
          assurance: "client",
        }),
      }),
    });
    const broken = g.compute("broken", {
      needs: { part, large, shared, each, name },
      run: ({ part }): string => {
        throw new Error(String(part.gate.comment.replace(PLANTED.decision, PLANTED.failure)));
      },
    });
    return { broken };
  },
});

it("what was known of an erased person is nowhere in the folder, and opens for nobody", { timeout: 120_000 }, async () => {
  const base = await temporaryFolder();
  const folder = join(base, "ledger");
  const key = { file: join(base, "master.key") };
  await writeFile(key.file, randomBytes(32).toString("hex"), { mode: 0o600 });
  const place = fileLedger(folder, { key, indexBytes: 20_000, segmentBytes: 200_000 });
  const kindling = await open(place);
  const erased = await live(kindling, true);
  const other = await live(kindling, false);
  await kindling.close();

  // What is looked for is there before, and only for whoever has the key.
  const before = await readAll(place);
  expect(Object.values(PLANTED).filter((secret) => !before.includes(secret))).toEqual([]);
  expect(await hitsIn(folder)).toEqual([]);
  const sealed = await sealedIn(folder);
  const mine = sealed.filter(({ line }) => isOf(line, erased));
  const lettered = sealed.filter(({ line }) => line.run === "mailbox:about");
  expect(erased.runs.size).toBe(2);
  // A run and its children share a key, the letters have one each.
  const slotsOf = (some: readonly SealedText[]) => new Set(some.map(({ line }) => line.slot)).size;
  expect([slotsOf(mine), slotsOf(lettered)]).toEqual([1, 2]);
  const snapshots = await readdir(ledgerFolder(folder).snapshots);
  expect(snapshots.length).toBe(2);
  expect(Math.min(mine.length, lettered.length)).toBeGreaterThan(3);

  const later = await open(place);
  await later.erase(erased.id, { actor: { id: "cli:officer", assurance: "outOfBand" }, reason: "asked for" });
  expect((await later.run(other.id)).id).toBe(other.id);
  await later.close();

  expect((await readdir(ledgerFolder(folder).snapshots)).length).toBe(1);
  const hits = await hitsIn(folder);
  expect(hits).toEqual([]);
  const after = await readAll(place);
  expect(Object.values(PLANTED).filter((secret) => after.includes(secret))).toEqual([]);
  const keys = await keysIn(folder, key);
  const lines = (await sealedIn(folder)).filter((each) => mine.some(({ line }) => line.sealed === each.line.sealed));
  expect(lines.length).toBe(mine.length);
  const attempts = { opened: 0, failed: 0 };
  for (const each of lines) for (const one of keys.live) attempts[opens(keys.ledger, each, one) ? "opened" : "failed"] += 1;
  const blobs = await blobsOf(folder, lines);
  for (const blob of blobs) for (const one of keys.live) attempts[opensBlob(keys.ledger, blob, one) ? "opened" : "failed"] += 1;
  for (const slot of new Set(lines.map(({ line }) => line.slot))) expect(await keys.vault.keyAt(slot)).toMatchObject({ kind: "destroyed" });
  expect(attempts).toEqual({ opened: 0, failed: (lines.length + blobs.length) * keys.live.length });
  // The same keys open what was not erased.
  const others = sealed.filter(({ line }) => isOf(line, other));
  expect(others.every((each) => keys.live.some((one) => opens(keys.ledger, each, one)))).toBe(true);
  figure("R18-erased", {
    planted: Object.keys(PLANTED).length,
    "lines sealed": lines.length,
    blobs: blobs.length,
    "letters of the mailbox": lettered.length,
    "attempts to open": attempts.failed,
    opened: attempts.opened,
    hits: hits.length,
  });
});

function open(place: LedgerPlace): Promise<Kindling> {
  const replies = Array.from({ length: REPLIES }, (_, index) => ({ text: index === 0 ? PLANTED.reply : "of somebody else" }));
  return createRuntime({ contracts: [about], ledger: place, models: [scripted(replies)] });
}

/** A run that has ended, with the runs inside it. */
interface Lived {
  readonly id: string;
  readonly runs: ReadonlySet<string>;
}

/** A run from its first letter to its end; about the subject, or about somebody else. */
async function live(kindling: Kindling, isSubject: boolean): Promise<Lived> {
  const say = (way: keyof typeof PLANTED): string => (isSubject ? PLANTED[way] : `else ${way}`);
  const correlation = { person: say("correlation") };
  await kindling.deliver({ event: "mail", correlation, payload: say("mailed"), deliveryId: `mail of ${say("mailed")}` });
  const inputs = { person: say("correlation"), name: `${say("input")} ${say("shared")}`, told: say("prompt"), items: itemsOf(say("item")) };
  const run = await kindling.start("about", inputs, { actor: { id: say("starter"), assurance: "client" } });
  await kindling.deliver({ event: "early", run: run.id, payload: say("early") });
  await run.settled();
  const actor = { id: "ada", assurance: "client" } as const;
  await kindling.deliver({ event: "gate", run: run.id, payload: { comment: say("decision") }, actor });
  expect((await run.settled()).status).toBe("failed");
  return { id: run.id, runs: new Set((await run.facts()).map((fact) => fact.run)) };
}

function itemsOf(item: string): readonly string[] {
  return Array.from({ length: ITEMS }, (_, index) => `${item} ${index}`);
}

function isOf({ run }: SealedLine, { runs }: Lived): boolean {
  return runs.has(run);
}

/** Everything that whoever has the key can read: facts, heads, snapshots. */
async function readAll(place: LedgerPlace): Promise<string> {
  await using ledger = await place.open({ access: "write" });
  const heads = ledger.find({ keys: [] });
  const entries = await Array.fromAsync(ledger.changes({ after: 0 }));
  const snapshots = await Promise.all(heads.map(async ({ run }) => (await ledger.snapshots.get(run))?.bytes ?? new Uint8Array()));
  return JSON.stringify([heads, entries]) + snapshots.map((bytes) => Buffer.from(bytes).toString("latin1")).join("\n");
}

async function hitsIn(folder: string): Promise<readonly string[]> {
  const items = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((item) => item.isFile());
  const files = await Promise.all(
    items.map(async (item) => ({ name: item.name, text: await readFile(join(item.parentPath, item.name), "latin1") })),
  );
  expect(files.length).toBeGreaterThan(10);
  return Object.entries(PLANTED).flatMap(([way, secret]) =>
    files.filter(({ text }) => writings(secret).some((writing) => text.includes(writing))).map(({ name }) => `${way} in ${name}`),
  );
}

/** As it might be written: as it is, in base 64 at any place of it, in hexadecimal, and hashed. */
function writings(secret: string): readonly string[] {
  const inside = [0, 1, 2].map((shift) => Buffer.from(secret.slice(shift)).toString("base64").slice(0, -4));
  return [
    secret,
    ...inside,
    Buffer.from(secret).toString("hex"),
    hash("sha256", secret, "hex"),
    hash("sha256", JSON.stringify(secret), "hex"),
  ];
}

interface SealedText {
  readonly line: SealedLine;
  readonly body: string;
}

/** All sealed lines of the log. */
async function sealedIn(folder: string): Promise<readonly SealedText[]> {
  const { segments } = ledgerFolder(folder);
  const names = (await readdir(segments)).filter((name) => name.endsWith(".jsonl"));
  const texts = await Promise.all(names.map((name) => readFile(join(segments, name), "utf8")));
  return texts
    .flatMap((text) => text.split("\n"))
    .flatMap((text): readonly SealedText[] => {
      const value = text === "" ? undefined : parseJson(text);
      const body: unknown = Array.isArray(value) ? value.at(-1) : undefined;
      const line = isBody(body) ? readSealedLine(body) : undefined;
      return line === undefined ? [] : [{ line, body: JSON.stringify(body) }];
    });
}

function isBody(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && "sealed" in value;
}

/** All keys that are left, for whoever has the master key. */
async function keysIn(
  folder: string,
  source: { readonly file: string },
): Promise<{ readonly ledger: string; readonly vault: Vault; readonly live: readonly TreeKey[] }> {
  const paths = ledgerFolder(folder);
  const ledger = (await readCard(realDisk, paths))?.id ?? "";
  const site = { disk: realDisk, folder: paths.keys, ledger };
  const vault = await openVault({
    site,
    master: await readMasterKey(source),
    random: secureRandom(),
    access: "read",
    slotOf: () => undefined,
  });
  const live: TreeKey[] = [];
  for (const file of await slotFiles(realDisk, paths.keys))
    for (const slot of await readSlots(realDisk, file)) {
      const reading = slot.kind === "live" ? await vault.keyAt(slot.number) : undefined;
      if (reading?.kind === "live") live.push(reading.key);
    }
  expect(live.length).toBeGreaterThan(3);
  return { ledger, vault, live };
}

/** Tries a key on a line, as if it were the one of the line's slot too. */
function opens(ledger: string, { line, body }: SealedText, key: TreeKey): boolean {
  return succeeds(() => openLine(ledger, line, body, { ...key, slot: line.slot }));
}

interface BlobFile {
  readonly name: string;
  readonly bytes: Buffer;
}

async function blobsOf(folder: string, lines: readonly SealedText[]): Promise<readonly BlobFile[]> {
  const names = [...new Set(lines.flatMap(({ line }) => line.blobs))];
  expect(names.length).toBeGreaterThan(0);
  return Promise.all(
    names.map(async (name) => ({ name, bytes: await readFile(join(ledgerFolder(folder).blobs, name.slice(0, 2), name)) })),
  );
}

function opensBlob(ledger: string, blob: BlobFile, key: TreeKey): boolean {
  return succeeds(() => openBlob(ledger, blob, { ...key, slot: slotOfBlob(blob.bytes) ?? -1 }));
}

function succeeds(attempt: () => unknown): boolean {
  try {
    attempt();
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: "ledger_damaged" });
    return false;
  }
}
