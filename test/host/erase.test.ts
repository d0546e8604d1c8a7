// Erasing runs: who asks and why is recorded, the whole tree goes with everything it took in, and whoever asks for it afterwards is told in words.

import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type Kindling, type LedgerPlace, type RuntimeOptions } from "../../src/index.ts";
import { child, encryptedPlace, endedRun, file, NAME } from "./erasable.ts";
import { openKindling } from "./open-host.ts";

const ada = { id: "cli:ada", assurance: "outOfBand" } as const;

let folder: string;
let place: LedgerPlace;

beforeEach(async () => {
  ({ folder, place } = await encryptedPlace());
});

const open = (options: Partial<RuntimeOptions> = {}): Promise<Kindling> =>
  openKindling({ contracts: [file, child], ledger: place, ...options });

describe("erase", () => {
  it("takes a run and its children away for everybody, and tells who did it and why", async () => {
    const kindling = await open();
    const reader = await open({ access: "read" });
    const [id, other] = [await endedRun(kindling), await endedRun(kindling, "Other")];
    expect(JSON.stringify(await reader.facts(id))).toContain(NAME);
    const erasure = await kindling.erase(id, { reason: "she asked", actor: ada });
    expect(erasure).toMatchObject({ run: id, contract: "file", runs: 2, actor: ada, reason: "she asked" });
    for (const each of [kindling, reader]) {
      await expect(each.get(id)).rejects.toMatchObject({ code: "run_erased", fix: expect.stringContaining("--erased") });
      expect((await each.list()).items.map((run) => run.id)).toEqual([other]);
      expect((await each.erased()).items).toEqual([erasure]);
      await expect(each.facts(id)).rejects.toMatchObject({ code: "run_erased" });
    }
  });

  it("answers every call about the run with run_erased, and goes on with all others", async () => {
    const kindling = await open();
    const id = await endedRun(kindling);
    const run = await kindling.run(id);
    await kindling.erase(id);
    const calls = {
      run: () => kindling.run(id),
      get: () => run.get(),
      settled: () => run.settled(),
      result: () => run.result(),
      facts: () => run.facts(),
      watch: async () => Array.fromAsync(kindling.watch(id)),
      explain: () => kindling.explain(id),
      diff: () => kindling.diff(id, id),
      inbox: () => kindling.inbox({ run: id }),
      awaiting: () => kindling.awaiting(id, "letter/sent"),
      cancel: () => run.cancel(),
      update: () => run.update({ person: "x" }),
      retry: () => run.retry(),
      fork: () => run.fork(),
      upgrade: () => kindling.upgrade(id, "keep"),
      start: () => kindling.start("file", { person: NAME }, { idempotencyKey: NAME }),
    };
    for (const [name, call] of Object.entries(calls))
      await expect(call(), name).rejects.toMatchObject({ name: "InputError", code: "run_erased" });
    const delivery = { event: "sent", payload: { to: NAME } };
    expect(await kindling.deliver({ ...delivery, run: id })).toMatchObject({ status: "refused", code: "run_erased" });
    expect(await kindling.deliver({ ...delivery, correlation: { person: NAME } })).toMatchObject({ status: "kept" });
    expect(await kindling.inbox()).toEqual([]);
    expect(await kindling.deadLetters()).toEqual([]);
    expect(await endedRun(kindling, "Next")).toMatch(/^run_/);
    expect((await kindling.verify()).faults).toEqual([]);
  });

  it("leaves nothing readable in the folder, not even to whoever opens it with the key", async () => {
    const kindling = await open();
    const id = await endedRun(kindling);
    await kindling.erase(id, { actor: ada });
    await kindling.close();
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((item) => item.isFile());
    for (const item of files) expect((await readFile(join(item.parentPath, item.name))).includes(NAME), item.name).toBe(false);
    await using ledger = await place.open({ access: "write" });
    const all = (await Array.fromAsync(ledger.changes({ after: 0 }))).map(({ facts, head }) => JSON.stringify([facts, head]));
    expect(all.filter((text) => text.includes(NAME))).toEqual([]);
    expect(JSON.stringify(ledger.find({ keys: [] }))).not.toContain(NAME);
  });

  it("is refused for a run that has not ended, one that there is not, a child, and a ledger without keys", async () => {
    const kindling = await open();
    const run = await kindling.start("file", { person: NAME });
    await run.settled();
    await expect(run.erase()).rejects.toMatchObject({ code: "run_open", fix: `Cancel it first: kindling cancel ${run.id}` });
    await expect(kindling.erase("run_none")).rejects.toMatchObject({ code: "run_not_found" });
    const part = (await run.facts()).find((fact) => fact.run !== run.id)?.run ?? "";
    await expect(kindling.erase(part)).rejects.toMatchObject({ code: "run_not_found", fix: expect.stringContaining(run.id) });
    await run.cancel();
    expect(await run.erase()).toMatchObject({ run: run.id });
    const plain = await openKindling({ contracts: [child] });
    const waiting = await plain.start("letter-to", { person: NAME });
    await waiting.cancel();
    await expect(waiting.erase()).rejects.toMatchObject({ code: "ledger_not_encrypted" });
    expect((await plain.erased()).items).toEqual([]);
    expect(await waiting.get()).toMatchObject({ status: "cancelled" });
  });

  it("may be asked for again, at the same time and later, and happens once", async () => {
    const kindling = await open();
    const id = await endedRun(kindling);
    const [one, two] = await Promise.all([kindling.erase(id, { reason: "first" }), kindling.erase(id, { reason: "second" })]);
    expect(two).toEqual(one);
    expect(await kindling.erase(id, { reason: "third" })).toEqual(one);
    expect((await kindling.erased()).items.map(({ reason }) => reason)).toEqual(["first"]);
    await kindling.close();
    expect(await (await open()).erase(id)).toMatchObject({ reason: "first" });
  });

  it("and other calls about the run at the same time: one of them wins, and the runtime goes on", async () => {
    const failing = contract("failing", {
      inputs: { person: z.string() },
      define: (g, { person }) => {
        const sent = g.await("sent", { event: "go", schema: z.string(), show: { person } });
        return g.compute("broken", {
          needs: { sent },
          run: (): string => {
            throw new Error("no");
          },
        });
      },
    });
    const kindling = await open({ contracts: [failing] });
    const outcomes = new Set<string>();
    const calls = [
      (id: string) => kindling.retry(id),
      (id: string) => kindling.update(id, { person: "Else" }),
      (id: string) => kindling.fork(id),
      (id: string) => kindling.deliver({ event: "go", run: id, payload: "again" }),
      (id: string) => kindling.get(id),
    ];
    for (const call of calls) {
      for (const isFirst of [true, false]) {
        const run = await kindling.start(failing, { person: NAME });
        await kindling.deliver({ event: "go", run: run.id, payload: NAME });
        await run.settled();
        const other = () =>
          call(run.id).then(
            () => "done",
            (error: { readonly code: string }) => error.code,
          );
        const erase = () =>
          kindling.erase(run.id).then(
            () => "erased",
            (error: { readonly code: string }) => error.code,
          );
        const said = await Promise.all(isFirst ? [other(), erase()] : [erase(), other()]);
        outcomes.add(said.toSorted().join(" "));
        if (said.includes("erased")) await expect(run.get()).rejects.toMatchObject({ code: "run_erased" });
        else expect((await run.get()).status).toMatch(/failed|running|waiting/);
      }
    }
    expect([...outcomes].filter((said) => !["done erased", "done run_open", "erased run_erased"].includes(said))).toEqual([]);
    expect(outcomes.size).toBeGreaterThan(1);
    expect((await kindling.verify()).faults).toEqual([]);
  });

  it("reaches what is asked about the past", async () => {
    const kindling = await open();
    const id = await endedRun(kindling);
    const { position } = await (await kindling.run(id)).get();
    await kindling.erase(id);
    await expect(kindling.get(id, { asOf: { position } })).rejects.toMatchObject({ code: "run_erased" });
    await expect(kindling.facts(id, { asOf: { position } })).rejects.toMatchObject({ code: "run_erased" });
  });

  it("is passed on to the process that writes", async () => {
    const writer = await open({ access: "shared" });
    const id = await endedRun(writer);
    const other = await open({ access: "shared" });
    expect(await other.erase(id, { actor: ada })).toMatchObject({ run: id, actor: ada });
    await expect(writer.get(id)).rejects.toMatchObject({ code: "run_erased" });
  });

  it("lists its erasures part by part", async () => {
    const kindling = await open();
    const ids = [await endedRun(kindling, "a"), await endedRun(kindling, "b"), await endedRun(kindling, "c")];
    for (const id of ids) await kindling.erase(id);
    const first = await kindling.erased({ limit: 2 });
    expect(first.items.map(({ run }) => run)).toEqual([ids[2], ids[1]]);
    const rest = await kindling.erased({ limit: 2, ...(first.cursor === undefined ? {} : { cursor: first.cursor }) });
    expect([rest.items.map(({ run }) => run), rest.cursor]).toEqual([[ids[0]], undefined]);
  });
});

describe("what an erased run gave to others", () => {
  it("is not found where it was shared, and made anew", async () => {
    const kindling = await open();
    await kindling.erase(await endedRun(kindling));
    await kindling.deliver({ event: "sent", correlation: { person: NAME }, payload: { to: NAME } });
    const again = await kindling.start("file", { person: NAME });
    await again.result();
    const facts = await again.facts();
    expect(facts.filter(({ type }) => type === "node.reused")).toEqual([]);
    expect(facts.some((fact) => fact.type === "node.succeeded" && fact.value === `about ${NAME}`)).toBe(true);
  });

  it("stays in a fork that has taken it over, which goes on without its origin after a restart", async () => {
    const kindling = await open();
    const id = await endedRun(kindling);
    const made = (await kindling.facts(id)).find((fact) => fact.type === "node.succeeded" && fact.node === "found");
    const fork = await kindling.fork(id, { at: made?.position ?? 0 });
    await fork.settled();
    await kindling.erase(id);
    await kindling.close();
    const later = await open();
    expect(await later.deliver({ event: "sent", run: fork.id, payload: { to: "Fork" } })).toMatchObject({ status: "delivered" });
    expect((await later.facts(fork.id)).map(({ type }) => type)).toContain("node.reused");
    expect(await (await later.run(fork.id)).result()).toEqual({ found: `about ${NAME}`, letter: { to: "Fork" } });
  });

  it("leaves the mailbox that its event came through at work, before and after a restart", async () => {
    const kindling = await open();
    const keep = (target: Kindling, person: string) =>
      target.deliver({ event: "sent", correlation: { person }, payload: { to: person }, deliveryId: `mail-${person}` });
    await keep(kindling, "Waiting");
    const id = await endedRun(kindling);
    await kindling.erase(id);
    await kindling.close();
    // The log alone must tell how the mailbox stands.
    await rm(join(folder, "index"), { recursive: true });
    const ledger = await place.open({ access: "read" });
    expect(ledger.head("mailbox:file")).toMatchObject({ open: true, keys: ["mailbox"] });
    await ledger.close();
    const between = await open();
    expect(await keep(between, "Second")).toMatchObject({ status: "kept" });
    await between.close();
    const later = await open();
    for (const person of ["Waiting", "Second"]) {
      const run = await later.start("file", { person });
      expect(await run.result({ signal: AbortSignal.timeout(20_000) })).toMatchObject({ letter: { to: person } });
    }
  });
});
