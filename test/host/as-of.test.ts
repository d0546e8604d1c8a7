// A run as it was: at a position, at a time, with its children and with the runs it took work from; and the moments that are none.

import { contract, memoryLedger, type Kindling, type LedgerPlace, type RecordedFact, reportOf, type Run, type RunView } from "kindling";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling, temporaryLedger } from "./open-host.ts";

const letter = contract("letter", {
  inputs: { id: z.string(), langs: z.array(z.string()) },
  correlate: ["id"],
  define(g, { langs }) {
    const ready = g.lookup("ready", { needs: { langs }, run: ({ langs }) => langs.length });
    const checked = g.await("checked", { event: "checked", schema: z.object({ by: z.string() }), show: { ready } });
    const posts = g.collection("posts", {
      over: langs,
      as: "lang",
      key: (lang) => lang,
      with: { checked },
      each: (inner, { lang }) => inner.await("sent", { event: "sent", schema: z.string(), show: { lang } }),
    });
    return { checked, posts };
  },
});

/** Ticks by itself, so that each commit has a time of its own. */
function ticking(): { now: () => number; at: (at: number, callback: () => void) => { cancel: () => void } } {
  let time = Date.UTC(2026, 10, 20);
  return { now: () => (time += 1_000), at: (_at, callback) => ({ cancel: () => void callback.length }) };
}

/** A finished run, and how it looked and what it had recorded whenever it had come to rest. */
async function told(place: LedgerPlace): Promise<{ kindling: Kindling; run: Run; rests: RunView[]; facts: readonly RecordedFact[] }> {
  const kindling = await openKindling({ contracts: [letter], ledger: place, clock: ticking() });
  const run = await kindling.start("letter", { id: "a", langs: ["de", "fr"] });
  const rests = [await run.settled()];
  const events = [
    { event: "checked", payload: { by: "ada" } },
    { event: "sent", payload: "x", path: "posts[de]/sent" },
    { event: "sent", payload: "y", path: "posts[fr]/sent" },
  ];
  for (const event of events) {
    await kindling.deliver({ ...event, run: run.id });
    rests.push(await run.settled());
  }
  return { kindling, run, rests, facts: await run.facts() };
}

const PLACES = [
  ["memory", async () => memoryLedger()],
  ["file", temporaryLedger],
] as const;

describe.each(PLACES)("a run in the %s ledger as of", (_name, makePlace) => {
  it("a position is what it was when the ledger ended there", async () => {
    const { kindling, run, rests } = await told(await makePlace());
    expect(rests.map(({ status }) => status)).toEqual(["waiting", "waiting", "waiting", "succeeded"]);
    for (const then of rests) expect(await run.get({ asOf: { position: then.position } })).toEqual(then);
    expect(await kindling.get(run.id)).toEqual(rests.at(-1));
  });

  it("a time is what it was with the last commit until then", async () => {
    const { run, rests } = await told(await makePlace());
    for (const then of rests) {
      expect(await run.get({ asOf: { time: then.updatedAt } })).toEqual(then);
      expect(await run.get({ asOf: { time: then.updatedAt + 1 } })).toEqual(then);
      const date = new Date(then.updatedAt);
      for (const time of [date, date.toISOString()]) expect(await run.get({ asOf: { time } })).toEqual(then);
    }
    const [first] = rests;
    expect((await run.get({ asOf: { time: (first?.updatedAt ?? 0) - 1 } })).position).toBeLessThan(first?.position ?? 0);
  });

  it("a position has the facts up to it, those of children included", async () => {
    const { kindling, run, rests, facts } = await told(await makePlace());
    for (const { position } of rests) {
      const then = await kindling.facts(run.id, { asOf: { position } });
      expect(then).toEqual(facts.filter((fact) => fact.position <= position));
      expect(then.at(-1)?.position).toBe(position);
    }
    const [, second, third] = rests.map(({ position }) => position);
    expect(await run.facts({ after: second ?? 0, asOf: { position: third ?? 0 } })).toEqual(
      facts.filter(({ position }) => position > (second ?? 0) && position <= (third ?? 0)),
    );
  });

  it("a position is explained as it would have been then, items too", async () => {
    const { kindling, run, rests } = await told(await makePlace());
    const [first, second] = rests;
    const before = await kindling.explain(run.id, undefined, { asOf: { position: first?.position ?? 0 } });
    expect(before.text.split("\n")[0]).toContain("waits");
    expect((await kindling.explain(run.id)).text.split("\n")[0]).not.toContain("waits");
    const item = await kindling.explain(run.id, "posts[de]", { asOf: { position: second?.position ?? 0 } });
    expect(item.text).toContain("posts[de]/sent");
  });

  it("a position is reported from", async () => {
    const { run, rests } = await told(await makePlace());
    const view = await run.get({ asOf: { position: rests[1]?.position ?? 0 } });
    const report = reportOf(view, letter.graph);
    expect(report).toMatchObject({ status: "waiting", endedAt: null, outputs: [] });
    expect(report.waits.map(({ path }) => path)).toEqual(["posts[de]/sent", "posts[fr]/sent"]);
  });

  it("the middle of its work is at work", async () => {
    const { run, facts } = await told(await makePlace());
    const first = facts[0]?.position ?? 0;
    const view = await run.get({ asOf: { position: first } });
    expect(view).toMatchObject({ status: "running", position: first, awaits: [], outputs: undefined });
  });

  it("a moment in the future is refused with how far it goes", async () => {
    const { kindling, run, rests } = await told(await makePlace());
    const newest = rests.at(-1)?.position ?? 0;
    await expect(run.get({ asOf: { position: newest + 1 } })).rejects.toMatchObject({ code: "as_of_ahead", details: { newest } });
    await expect(kindling.facts(run.id, { asOf: { time: Date.UTC(2030, 1) } })).rejects.toMatchObject({ code: "as_of_ahead" });
  });

  it("a moment before it began is refused with when that was", async () => {
    const place = await makePlace();
    const { kindling, rests } = await told(place);
    const second = await kindling.start("letter", { id: "b", langs: [] });
    const { startedAt } = await second.settled();
    const position = rests.at(-1)?.position ?? 0;
    await expect(second.get({ asOf: { position } })).rejects.toMatchObject({
      code: "as_of_too_early",
      details: { run: second.id, started: position + 1, startedAt },
    });
    await expect(kindling.explain(second.id, undefined, { asOf: { time: startedAt - 1 } })).rejects.toMatchObject({
      code: "as_of_too_early",
    });
    expect((await second.get({ asOf: { time: startedAt } })).id).toBe(second.id);
  });

  it.each([
    { position: 0 },
    { position: 1.5 },
    { position: "1" },
    { time: Number.NaN },
    { time: 9e15 },
    { time: "today" },
    { time: "2026-11-21T10:00:00" },
    { time: new Date("never") },
    { time: "x".repeat(100_000) },
    {},
    { time: 1, position: 1 },
  ])("%j is refused", async (asOf) => {
    const { run } = await told(await makePlace());
    await expect(run.get({ asOf: asOf as never })).rejects.toMatchObject({ code: "bad_as_of" });
  });

  it("any moment is not there for a run that is not there", async () => {
    const { kindling } = await told(await makePlace());
    expect(await kindling.get("run_nothing", { asOf: { position: 1 } })).toBeUndefined();
    await expect(kindling.facts("run_nothing", { asOf: { position: 1 } })).rejects.toMatchObject({ code: "run_not_found" });
  });
});

describe("runs of the past", () => {
  it("are not listed", async () => {
    const { kindling } = await told(memoryLedger());
    await expect(kindling.list({ asOf: { position: 1 } } as never)).rejects.toMatchObject({ code: "as_of_needs_run" });
  });

  it("that were forked tell from where their work came as it was then", async () => {
    const { kindling, run, rests } = await told(memoryLedger());
    const fork = await run.fork({ at: rests[1]?.position ?? 0 });
    const then = await fork.settled();
    const explained = await kindling.explain(fork.id, "checked");
    await kindling.update(run.id, { langs: [] });
    await run.settled();
    expect(await kindling.explain(fork.id, "checked", { asOf: { position: then.position } })).toEqual(explained);
    expect(explained.text).toContain(run.id);
  });

  it("that go back through more forks than are looked into are told all the same", async () => {
    const kindling = await openKindling({ contracts: [letter], clock: ticking() });
    let run = await kindling.start("letter", { id: "a", langs: [] });
    for (let fork = 0; fork < 20; fork++) {
      await run.settled();
      run = await run.fork();
    }
    const { position } = await run.settled();
    const now = await kindling.explain(run.id, "ready");
    const then = await kindling.explain(run.id, "ready", { asOf: { position } });
    expect(then.text.split("\n")[0]).toBe(now.text.split("\n")[0]);
    expect(await run.get({ asOf: { position } })).toEqual(await run.get());
  });
});
