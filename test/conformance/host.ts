// What every host must do, whatever carries its runs: the guarantees G1 to G8. Run it for each ledger or host: `hostConformance("memory", memoryLedger)`.

import { describe, expect, test } from "vitest";
import { z } from "zod";
import { contract, type LedgerPlace } from "../../src/index.ts";
import { manualClock } from "../../src/testing.ts";
import { crashed, factsOf } from "../host/ledgers.ts";
import { model, textOf } from "../host/models.ts";
import { nextTurn, openKindling, until } from "../host/open-host.ts";

const story = contract("story", {
  inputs: { id: z.string(), langs: z.array(z.string()) },
  correlate: ["id"],
  define(g, { langs }) {
    const posts = g.collection("posts", {
      over: langs,
      as: "lang",
      key: (lang) => lang,
      each(inner, { lang }) {
        const draft = inner.llm("draft", { needs: { lang }, prompt: ({ lang }) => lang, model: "scripted:x" });
        const check = inner.await("check", {
          event: "checked",
          schema: z.string(),
          show: { draft },
          timeout: "1h",
          onTimeout: { value: "late" },
        });
        return inner.compute("text", { needs: { draft, check }, run: ({ draft, check }) => `${draft} ${check}` });
      },
    });
    return g.compute("all", {
      needs: { posts },
      run: ({ posts }) => posts.items.map((item) => (item.status === "succeeded" ? item.value : item.key)).join(", "),
    });
  },
});

const changed = contract("story", {
  inputs: { id: z.string(), langs: z.array(z.string()) },
  correlate: ["id"],
  define: (g, { langs }) => g.compute("posts", { needs: { langs }, run: ({ langs }) => langs.length }),
});

/** @param makePlace gives an empty place, a new one at each call. */
export function hostConformance(name: string, makePlace: () => LedgerPlace | Promise<LedgerPlace>): void {
  const echo = () => model((request) => textOf(request).toUpperCase());

  describe(`a host over a ledger in ${name} guarantees that`, () => {
    test("G1 a run has one writer, its facts are numbered without gaps, and what was recorded never changes", async () => {
      const place = await makePlace();
      const kindling = await openKindling({ contracts: [story], models: [echo()], ledger: place });
      await expect(openKindling({ contracts: [story], models: [echo()], ledger: place })).rejects.toMatchObject({ code: "ledger_locked" });
      const run = await kindling.start(story, { id: "1", langs: ["en", "de"] });
      const before = await factsOf(place);
      await Promise.all([
        run.settled(),
        kindling.deliver({ event: "checked", correlation: { id: "1", lang: "en" }, payload: "a" }),
        kindling.deliver({ event: "checked", correlation: { id: "1", lang: "de" }, payload: "b" }),
      ]);
      await run.result();
      expect((await factsOf(place)).slice(0, before.length)).toEqual(before);
      const numbers = new Map<string, number>();
      for (const { id } of await run.facts()) {
        const [stream = "", number = ""] = id.split(":");
        expect(Number(number)).toBe((numbers.get(stream) ?? 0) + 1);
        numbers.set(stream, Number(number));
      }
    });

    test("G2 an acknowledged event and what follows from it survive the process together", async () => {
      const place = await makePlace();
      const kindling = await openKindling({ contracts: [story], models: [echo()], ledger: place });
      const run = await kindling.start(story, { id: "1", langs: ["en"] });
      await run.settled();
      await kindling.deliver({ event: "checked", run: run.id, payload: "fine" });
      const again = await openKindling({ contracts: [story], models: [echo()], ledger: await crashed(place, await makePlace()) });
      expect(await (await again.run(run.id)).result({ signal: AbortSignal.timeout(20_000) })).toBe("EN fine");
    });

    test("G3 a node has one recorded result; an attempt that a crash cut off is made again", async () => {
      const place = await makePlace();
      const kindling = await openKindling({ contracts: [story], models: [model(() => new Promise(() => {}))], ledger: place });
      const run = await kindling.start(story, { id: "1", langs: ["en"] });
      await until(async () => (await run.facts()).some(({ type }) => type === "model.requested"));
      const second = echo();
      const onto = await makePlace();
      const again = await openKindling({ contracts: [story], models: [second], ledger: await crashed(place, onto) });
      await (await again.run(run.id)).settled();
      await again.deliver({ event: "checked", run: run.id, payload: "fine" });
      await (await again.run(run.id)).result();
      expect(second.asked).toEqual(["en"]);
      const results = (await factsOf(onto)).filter(({ type, node }) => type === "node.succeeded" && node === "draft");
      expect(results).toHaveLength(1);
    });

    test("G4 the idempotency key of a node is the same in another process", async () => {
      const seen: (string | undefined)[] = [];
      const place = await makePlace();
      const asking = (reply: () => Promise<string> | string) => model((_, { idempotencyKey }) => (seen.push(idempotencyKey), reply()));
      const kindling = await openKindling({ contracts: [story], models: [asking(() => new Promise(() => {}))], ledger: place });
      const run = await kindling.start(story, { id: "1", langs: ["en"] });
      await until(() => seen.length === 1);
      const again = await openKindling({
        contracts: [story],
        models: [asking(() => "x")],
        ledger: await crashed(place, await makePlace()),
      });
      await (await again.run(run.id)).settled();
      expect(seen).toEqual([`${run.id}:posts[en]/draft`, `${run.id}:posts[en]/draft`]);
    });

    test("G5 an event id is consumed once, by one await, also after a restart", async () => {
      const place = await makePlace();
      const first = await openKindling({ contracts: [story], models: [echo()], ledger: place });
      const run = await first.start(story, { id: "1", langs: ["en", "de"] });
      await run.settled();
      const request = { event: "checked", run: run.id, path: "posts[en]/check", payload: "a", deliveryId: "d1" };
      expect((await first.deliver(request)).status).toBe("delivered");
      await first.close();
      const again = await openKindling({ contracts: [story], models: [echo()], ledger: place });
      expect(await again.deliver(request)).toMatchObject({ status: "duplicate", path: "posts[en]/check" });
      expect((await again.deliver({ ...request, payload: "b" })).status).toBe("refused");
      expect((await factsOf(place)).filter(({ type }) => type === "event.delivered")).toHaveLength(1);
    });

    test("G6 a timer fires at or after its time, also when no process was there at that time", async () => {
      const clock = manualClock();
      const place = await makePlace();
      const first = await openKindling({ contracts: [story], models: [echo()], ledger: place, clock });
      const { id } = await first.start(story, { id: "1", langs: ["en"] });
      await (await first.run(id)).settled();
      clock.advance(3_599_999);
      await nextTurn(5);
      expect((await first.inbox()).length).toBe(1);
      await first.close();
      clock.advance(1_000_000);
      const again = await openKindling({ contracts: [story], models: [echo()], ledger: place, clock });
      expect(await (await again.run(id)).result()).toBe("EN late");
    });

    test("G7 the next process goes on with what a dead one left, without being asked", async () => {
      const place = await makePlace();
      const kindling = await openKindling({ contracts: [story], models: [model(() => new Promise(() => {}))], ledger: place });
      const runs = await Promise.all(["1", "2", "3"].map((id) => kindling.start(story, { id, langs: ["en", "de"] })));
      await until(async () => (await factsOf(place)).filter(({ type }) => type === "model.requested").length === 6);
      const provider = echo();
      const again = await openKindling({ contracts: [story], models: [provider], ledger: await crashed(place, await makePlace()) });
      await until(async () => (await again.inbox()).length === 6);
      expect(provider.requests).toHaveLength(6);
      for (const { id } of runs) expect((await again.get(id))?.status).toBe("waiting");
    });

    test("G8 a run is pinned to its plan: another one never reinterprets its past", async () => {
      const place = await makePlace();
      const first = await openKindling({ contracts: [story], models: [echo()], ledger: place });
      const { id } = await first.start(story, { id: "1", langs: ["en"] });
      await (await first.run(id)).settled();
      await first.close();
      const before = await factsOf(place);
      const second = await openKindling({ contracts: [changed], ledger: place });
      await expect(second.deliver({ event: "checked", run: id, payload: "x" })).resolves.toMatchObject({ status: "refused" });
      await expect(second.get(id)).rejects.toMatchObject({ code: "contract_changed" });
      await second.close();
      expect(await factsOf(place)).toEqual(before);
      const again = await openKindling({ contracts: [story], models: [echo()], ledger: place });
      await again.deliver({ event: "checked", run: id, payload: "x" });
      expect(await (await again.run(id)).result()).toBe("EN x");
    });
  });
}
