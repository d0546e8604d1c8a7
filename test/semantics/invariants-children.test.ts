// What holds for every run that waits, has children, or is taken up by another process, one test each; the rest is in invariants.test.ts.

import { contract, createRuntime, type Kindling, type RecordedFact, type Run } from "kindling";
import { manualClock, memoryLedger, seededChance } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { overridden } from "../host/ledgers.ts";
import { openKindling, temporaryLedger, until } from "../host/open-host.ts";

/** A case, items and a part, each of which waits for a person's word before anything behind it may run. */
const nested = contract("nested", {
  inputs: { id: z.string(), langs: z.array(z.string()), kind: z.enum(["long", "short"]) },
  correlate: ["id"],
  define(g, { id, langs, kind }) {
    const part = g.compose("part", {
      needs: { id },
      child: (inner, { id }) => inner.await("check", { event: "part", schema: z.string(), show: { id } }),
    });
    const items = g.collection("items", {
      over: langs,
      as: "lang",
      key: (lang) => lang,
      each: (inner, { lang }) => inner.await("check", { event: "item", schema: z.string(), show: { lang } }),
    });
    const choice = g.branch("choice", {
      needs: { kind, id },
      on: "kind",
      cases: {
        long: (inner, { id }) => inner.await("check", { event: "case", schema: z.string(), show: { id } }),
        short: (inner) => inner.const("word", "short"),
      },
    });
    const last = g.compute("last", { needs: { part, items, choice }, run: ({ part, choice }) => `${part} ${choice}` });
    return { last };
  },
});

const opened = async (kindling: Kindling, id: string) => (await kindling.inbox({ run: id })).map(({ path }) => path);

describe("Kindling keeps its promises about waiting and children", () => {
  it("4: the order of facts is the same each time, given the same time, chance and answers", async () => {
    const order = async () => {
      const kindling = await openKindling({ contracts: [nested], clock: manualClock(), chance: seededChance(7) });
      const run = await kindling.start(nested, { id: "a", langs: ["en", "de"], kind: "long" });
      await answerAll(kindling, run);
      await run.result();
      return (await run.facts()).map(({ id, type, path, time }) => `${id} ${type} ${path} ${time}`);
    };
    const first = await order();
    expect(first.length).toBeGreaterThan(20);
    expect(await order()).toEqual(first);
  });

  it("6: a case, an item and a part are runs of their own, linked to their parent, and share no names with it", async () => {
    const kindling = await openKindling({ contracts: [nested] });
    const run = await kindling.start(nested, { id: "a", langs: ["en", "de"], kind: "long" });
    await run.settled();
    const facts = await run.facts();
    const children = facts.flatMap((fact) => (fact.type === "child.started" ? [`${fact.path}[${fact.key}]`] : []));
    expect([...children].sort()).toEqual(["choice[long]", "items[de]", "items[en]", "part[]"]);
    const starts = facts.flatMap((fact) => (fact.type === "run.started" && fact.parent !== undefined ? [fact] : []));
    expect(new Set(starts.map((fact) => fact.run)).size).toBe(4);
    expect(starts.every((fact) => fact.root === run.id && fact.parent?.run === run.id)).toBe(true);
    expect([...(await opened(kindling, run.id))].sort()).toEqual([
      "choice[long]/check",
      "items[de]/check",
      "items[en]/check",
      "part/check",
    ]);
  });

  it("7: what waits inside a child counts as waiting everywhere above it, and nothing behind it runs", async () => {
    const kindling = await openKindling({ contracts: [nested] });
    const run = await kindling.start(nested, { id: "a", langs: ["en"], kind: "long" });
    const view = await run.settled();
    expect(view.status).toBe("waiting");
    expect(view.nodes.map(({ name, status }) => `${name} ${status}`)).toEqual([
      "part waiting",
      "items waiting",
      "choice waiting",
      "last blocked",
    ]);
    await kindling.deliver({ event: "part", run: run.id, payload: "p" });
    await kindling.deliver({ event: "item", run: run.id, payload: "i" });
    expect((await run.settled()).nodes.at(-1)?.status).toBe("blocked");
    expect((await run.facts()).some(({ path, type }) => path === "last" && type === "node.succeeded")).toBe(false);
    await kindling.deliver({ event: "case", run: run.id, payload: "c" });
    expect(await run.result()).toEqual({ last: "p c" });
  });

  it("8: a run that another process takes up keeps its id, its open awaits and the deliveries it has had", async () => {
    const place = await temporaryLedger();
    const first = await createRuntime({ contracts: [nested], ledger: place });
    const run = await first.start(nested, { id: "a", langs: ["en"], kind: "long" });
    await first.deliver({ event: "part", run: run.id, payload: "p", deliveryId: "once" });
    await run.settled();
    const before = { inbox: await first.inbox(), facts: await run.facts() };
    await first.close();
    const second = await openKindling({ contracts: [nested], ledger: place });
    expect(await second.inbox()).toEqual(before.inbox);
    expect(await second.facts(run.id)).toEqual(before.facts);
    expect(await second.deliver({ event: "part", run: run.id, payload: "p", deliveryId: "once" })).toMatchObject({
      status: "duplicate",
      run: run.id,
    });
    const again = await second.run(run.id);
    await answerAll(second, again);
    expect(await again.result()).toEqual({ last: "p answer" });
  });

  it("10: a fact stands behind the facts it rests on, within a run and between a child and its parent", async () => {
    const kindling = await openKindling({ contracts: [nested] });
    const run = await kindling.start(nested, { id: "a", langs: ["en", "de"], kind: "long" });
    await answerAll(kindling, run);
    await run.result();
    const facts = await run.facts();
    const numberOf = ({ id }: RecordedFact) => Number(id.slice(id.lastIndexOf(":") + 1));
    const placeOf = new Map(facts.map(({ id }, index) => [id, index]));
    for (const [index, fact] of facts.entries()) {
      for (const cause of ("cause" in fact ? fact.cause : undefined) ?? []) {
        expect(cause).toBeLessThan(numberOf(fact));
        expect(placeOf.get(`${fact.run}:${cause}`)).toBeLessThan(index);
      }
      if (fact.type !== "run.started" || fact.parent === undefined) continue;
      const { parent } = fact;
      const listed = facts.findIndex(({ type, run: of, path }) => type === "children.listed" && of === parent.run && path === parent.node);
      expect(listed).toBeGreaterThanOrEqual(0);
      expect(listed).toBeLessThan(index);
    }
    expect(facts.some((fact) => "cause" in fact && (fact.cause ?? []).length > 0)).toBe(true);
  });

  it("13: what could not be recorded did not happen: whoever sent it is told, and the run stands as it stood", async () => {
    const memory = memoryLedger();
    let isFull = false;
    const place = {
      location: memory.location,
      open: async (options: Parameters<typeof memory.open>[0]) => {
        const ledger = await memory.open(options);
        return overridden(ledger, {
          append: (commits) => (isFull ? Promise.reject(new Error("the disk is full")) : ledger.append(commits)),
        });
      },
    };
    const first = await createRuntime({ contracts: [nested], ledger: place });
    const run = await first.start(nested, { id: "a", langs: ["en"], kind: "short" });
    await run.settled();
    const before = await run.facts();
    isFull = true;
    await expect(first.deliver({ event: "part", run: run.id, payload: "p" })).rejects.toThrow("the disk is full");
    await first.close().catch(() => undefined);
    isFull = false;
    const second = await openKindling({ contracts: [nested], ledger: place });
    expect(await second.facts(run.id)).toEqual(before);
    expect(await opened(second, run.id)).toEqual(["part/check", "items[en]/check"]);
    expect(await second.deliver({ event: "part", run: run.id, payload: "other" })).toMatchObject({ status: "delivered" });
  });
});

/** Answers whatever a run waits for until it waits for nothing. */
async function answerAll(kindling: Kindling, run: Run): Promise<void> {
  for (let view = await run.settled(); view.status === "waiting"; view = await run.settled()) {
    for (const { event, path } of view.awaits) await kindling.deliver({ event, run: run.id, path, payload: "answer" });
    await until(async () => (await run.get()).awaits.every(({ path }) => !view.awaits.some((open) => open.path === path)));
  }
}
