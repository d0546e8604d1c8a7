// A run that was compacted: what whoever asks for it is told, what it is still found by, and what becomes of others that had to do with it.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SNAPSHOT_FACTS } from "../../src/host/snapshot.ts";
import { fileLedger, memoryLedger, verifyFolder } from "../../src/index.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { ada, ALL, ended, keepingAll, openAll, press, pressed } from "./compactable.ts";
import { encryptedPlace, endedRun, NAME } from "./erasable.ts";
import { overridden } from "./ledgers.ts";
import { temporaryLedger, until } from "./open-host.ts";

describe("a compacted run", () => {
  it("is answered about with run_compacted, whatever is asked, and all others go on", async () => {
    const kindling = await openAll();
    const id = await endedRun(kindling);
    const other = await kindling.start(press, { topic: "Other", langs: [] });
    await other.settled();
    const run = await kindling.run(id);
    await kindling.compact({ retention: [{ contract: "file", keep: 0 }], actor: ada });
    const calls = {
      run: () => kindling.run(id),
      get: () => run.get(),
      settled: () => run.settled(),
      result: () => run.result(),
      facts: () => run.facts(),
      watch: async () => Array.fromAsync(kindling.watch(id)),
      explain: () => kindling.explain(id),
      diff: () => kindling.diff(other.id, id),
      inbox: () => kindling.inbox({ run: id }),
      awaiting: () => kindling.awaiting(id, "letter/sent"),
      cancel: () => run.cancel(),
      update: () => run.update({ person: "x" }),
      retry: () => run.retry(),
      fork: () => run.fork(),
      upgrade: () => kindling.upgrade(id, "keep"),
      changes: async () => Array.fromAsync(kindling.changes({ run: id })),
      start: () => kindling.start("file", { person: NAME }, { idempotencyKey: NAME }),
    };
    for (const [name, call] of Object.entries(calls))
      await expect(call(), name).rejects.toMatchObject({
        name: "InputError",
        code: "run_compacted",
        message: expect.stringMatching(new RegExp(`^run ${id} was compacted at 20.* by cli:ada$`)),
        fix: expect.stringContaining(`kindling show ${id}`),
        details: { run: id, archive: null },
      });
    expect((await kindling.list()).items.map((each) => each.id)).toEqual([other.id]);
    expect(await kindling.deadLetters()).toEqual([]);
    expect((await other.get()).status).toBe("waiting");
    expect((await kindling.verify()).faults).toEqual([]);
  });

  it("answers late events like every run that has ended", async () => {
    const kindling = await openAll();
    const id = await pressed(kindling);
    const events = [
      { event: "reviewed", run: id, payload: { decision: "approve" }, actor: ada },
      { event: "reviewed", run: id, payload: { decision: "reject" }, actor: ada },
      { event: "reviewed", correlation: { topic: "Rain" }, payload: { decision: "reject" }, actor: ada },
      { event: "checked", run: id, path: "posts[de]/check", payload: "gut", deliveryId: "de-1" },
      { event: "checked", correlation: { topic: "Rain" }, payload: "gut", deliveryId: "de-1" },
      { event: "checked", run: id, path: "posts[de]/check", payload: "schlecht", deliveryId: "de-1" },
      { event: "checked", run: id, path: "posts[fr]/check", payload: "bien" },
      { event: "checked", run: id, path: "posts[fr]/check", payload: "mal" },
      { event: "checked", run: id, path: "posts[it]/check", payload: "bene" },
      { event: "sent", run: id, payload: { to: "x" } },
      { event: "checked", correlation: { topic: "Snow" }, payload: "x" },
    ] as const;
    const answers = async () => {
      const said = [];
      for (const event of events) said.push(await kindling.deliver(event));
      return said.map((delivery) => (delivery.status === "refused" ? delivery.code : delivery));
    };
    const before = await answers();
    await kindling.compact({ retention: ALL });
    expect(await answers()).toEqual(before);
    expect(before.map((said) => (typeof said === "string" ? said : said.status))).toEqual([
      "duplicate",
      "already_decided",
      "already_decided",
      "duplicate",
      "duplicate",
      "delivery_conflict",
      "duplicate",
      "already_decided",
      "run_ended",
      "unknown_event",
      "run_not_found",
    ]);
  });

  it("lets nobody start a second run under its key, and an early event is not kept for one", async () => {
    const kindling = await openAll();
    const id = await endedRun(kindling);
    await kindling.compact({ retention: ALL });
    await expect(kindling.start("file", { person: NAME }, { idempotencyKey: NAME })).rejects.toMatchObject({ details: { run: id } });
    const delivery = { event: "sent", correlation: { person: NAME }, payload: { to: NAME } };
    expect(await kindling.deliver({ ...delivery, deliveryId: `mail-${NAME}` })).toMatchObject({ status: "duplicate", run: id });
    expect(await kindling.deliver(delivery)).toMatchObject({ status: "duplicate" });
    expect(await kindling.deliver({ ...delivery, payload: { to: "x" } })).toMatchObject({ status: "refused", code: "already_decided" });
    expect(await endedRun(kindling, "Next")).toMatch(/^run_/);
  });

  it("gives nobody the values that it had found", async () => {
    const kindling = await openAll();
    await endedRun(kindling);
    await kindling.compact({ retention: ALL });
    const again = await kindling.start("file", { person: NAME });
    await again.settled();
    const facts = await again.facts();
    expect(facts.filter(({ type }) => type === "node.reused")).toEqual([]);
    expect(facts.some((fact) => fact.type === "node.succeeded" && fact.value === `about ${NAME}`)).toBe(true);
  });

  it("leaves its forks, which go on by themselves, also after a restart", async () => {
    const ledger = await temporaryLedger();
    const kindling = await openAll({ ledger });
    const run = await kindling.start(press, { topic: "Rain", langs: ["de"] });
    await run.settled();
    await kindling.deliver({ event: "reviewed", run: run.id, payload: { decision: "approve" }, actor: ada });
    const fork = await run.fork();
    await kindling.deliver({ event: "checked", run: run.id, payload: "gut" });
    await run.result();
    expect((await fork.settled()).status).toBe("waiting");
    expect((await kindling.compact({ retention: ALL })).contracts).toMatchObject([{ contract: "press", runs: 1, children: 1 }]);
    await expect(run.get()).rejects.toMatchObject({ code: "run_compacted" });
    await kindling.close();
    const later = await openAll({ ledger });
    expect((await later.explain(fork.id, "review")).text).toContain("review");
    expect(await later.deliver({ event: "checked", run: fork.id, payload: "fein" })).toMatchObject({ status: "delivered" });
    expect((await later.facts(fork.id)).map(({ type }) => type)).toContain("node.reused");
    expect(await (await later.run(fork.id)).result()).toMatchObject({ review: { decision: "approve" } });
  });

  it("is asked about the past with the position from which on something is known", async () => {
    const kindling = await openAll();
    const id = await ended(kindling);
    const { position = 0 } = (await kindling.get(id)) ?? {};
    await kindling.compact({ retention: ALL });
    const early = { code: "as_of_too_early", details: { run: id, oldest: position + 1 } };
    await expect(kindling.get(id, { asOf: { position } })).rejects.toMatchObject(early);
    await expect(kindling.facts(id, { asOf: { time: 1 } })).rejects.toMatchObject(early);
    await expect(kindling.explain(id, undefined, { asOf: { position: position + 1 } })).rejects.toMatchObject({ code: "run_compacted" });
  });

  it("leaves nothing of what it and its children said on the disk, snapshots and index included", async () => {
    const folder = join(await temporaryFolder(), "ledger");
    const kindling = await openAll({ ledger: fileLedger(folder) });
    const langs = Array.from({ length: SNAPSHOT_FACTS + 50 }, (_, index) => `${NAME}${index}`);
    const run = await kindling.start(press, { topic: "Rain", langs });
    await run.settled();
    await run.cancel();
    const holding = async () => {
      const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((item) => item.isFile());
      const texts = await Promise.all(files.map(async (item) => ({ item, bytes: await readFile(join(item.parentPath, item.name)) })));
      return texts.flatMap(({ item, bytes }) => (bytes.includes(NAME) ? [item.parentPath.slice(folder.length + 1)] : []));
    };
    await expect.poll(holding).toEqual(["snapshots", "segments"]);
    await expect.poll(async () => (await kindling.compact({ retention: ALL })).contracts.length).toBe(1);
    expect(await holding()).toEqual([]);
    await kindling.close();
    expect(await holding()).toEqual([]);
    expect((await verifyFolder(folder)).faults).toEqual([]);
  });

  it("can be erased, and then not even its receipt is there", async () => {
    const { place } = await encryptedPlace();
    const kindling = await openAll({ ledger: place });
    const id = await endedRun(kindling);
    await kindling.compact({ retention: ALL });
    expect(await kindling.receiptOf(id)).toMatchObject({ children: 1, correlation: { person: NAME } });
    expect(await kindling.erase(id, { actor: ada })).toMatchObject({ run: id, contract: "file", runs: 1 });
    await expect(kindling.receiptOf(id)).rejects.toMatchObject({ code: "run_erased" });
    await expect(kindling.get(id)).rejects.toMatchObject({ code: "run_erased" });
    expect((await kindling.compacted()).items).toEqual([]);
    await kindling.close();
    const later = await openAll({ ledger: place });
    expect((await later.verify()).faults).toEqual([]);
    await expect(later.receiptOf(id)).rejects.toMatchObject({ code: "run_erased" });
  });

  it("is told by the changefeed and by hooks, and what it was is passed over", async () => {
    const kindling = await openAll({ ledger: keepingAll() });
    const id = await pressed(kindling);
    const heard: string[] = [];
    kindling.on("run.compacted", { contract: "press" }, ({ receipt }) => heard.push(receipt.run));
    expect(await kindling.compact({ retention: ALL })).toMatchObject({ blocked: [], contracts: [{ contract: "press", children: 2 }] });
    const changes = await Array.fromAsync(kindling.changes({ contract: "press", correlation: { topic: "Rain" } }));
    expect(changes.map(({ run, facts }) => [run, facts.map(({ type }) => type)])).toEqual([[id, ["run.compacted"]]]);
    expect((await Array.fromAsync(kindling.changes({ kinds: ["run.compacted"] }))).length).toBe(1);
    await expect.poll(() => heard).toEqual([id]);
  });

  it("stays on the disk until a consumer with a durable cursor was told of it, and is behind where a new one begins", async () => {
    const kindling = await openAll({ ledger: await temporaryLedger() });
    await kindling.changes({ cursor: "slow" }).commit(0);
    await pressed(kindling);
    const held = await kindling.compact({ retention: ALL });
    expect(held.ledger).toMatchObject({ removed: { segments: 0 }, heldBy: { cursor: "slow", position: 0 } });
    const { ledger } = await kindling.compact({ retention: ALL, overCursors: true });
    expect(ledger).toMatchObject({ removed: { segments: 1 }, heldBy: null, archive: null });
    expect(ledger.removed.commits).toBeGreaterThan(5);
    const id = await ended(kindling);
    expect((await Array.fromAsync(kindling.changes({ cursor: "new" }))).map(({ run }) => run)).toEqual([id]);
    await expect(Array.fromAsync(kindling.changes({ cursor: "slow" }))).rejects.toMatchObject({ code: "cursor_too_old" });
  });
});

/** A ledger in memory whose next reading, once it is asked for, waits until it is let go. */
function slowlyRead() {
  const place = memoryLedger();
  const { promise, resolve } = Promise.withResolvers<void>();
  let isSlow = false;
  return {
    slow: () => (isSlow = true),
    letGo: resolve,
    isWaiting: () => !isSlow,
    place: {
      ...place,
      open: async (options: Parameters<typeof place.open>[0]) => {
        const ledger = await place.open(options);
        return overridden(ledger, {
          read: async (run, from) => {
            const entries = await ledger.read(run, from);
            if (isSlow) {
              isSlow = false;
              await promise;
            }
            return entries;
          },
        });
      },
    },
  };
}

it("a fork that finds its origin compacted meanwhile is refused, and does not do all of it again", async () => {
  const { place, slow, isWaiting, letGo } = slowlyRead();
  const kindling = await openAll({ ledger: place });
  const id = await ended(kindling);
  slow();
  const fork = kindling.fork(id);
  const refused = expect(fork).rejects.toMatchObject({ code: "run_compacted" });
  await until(isWaiting);
  expect((await kindling.compact({ retention: ALL })).contracts).toMatchObject([{ runs: 1 }]);
  letGo();
  await refused;
  expect((await kindling.list()).items).toEqual([]);
});
