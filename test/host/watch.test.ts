// Watching and listing: no fact is lost or doubled, from any cursor on, and asking executes nothing.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type Kindling, type WatchEvent } from "../../src/index.ts";
import { memoryLedger } from "../../src/testing.ts";
import { model } from "./models.ts";
import { nextTurn, openKindling, temporaryLedger } from "./open-host.ts";

const story = contract("story", {
  inputs: { id: z.string(), langs: z.array(z.string()) },
  correlate: ["id"],
  define: (g, { langs }) =>
    g.collection("posts", {
      over: langs,
      as: "lang",
      key: (lang) => lang,
      each(inner, { lang }) {
        // Whoever watches from the start on sees what the model says: it is asked only when the start has been answered.
        const asked = inner.compute("asked", { needs: { lang }, run: async ({ lang }) => nextTurn(2).then(() => lang) });
        const draft = inner.llm("draft", { needs: { asked }, prompt: ({ asked }) => asked, model: "scripted:x" });
        const slow = inner.compute("slow", {
          needs: { draft },
          run: async ({ draft }, { progress }) => {
            progress(0.5, "half");
            await nextTurn(2);
            return draft;
          },
        });
        return inner.await("check", { event: "checked", schema: z.null(), show: { slow } });
      },
    }),
});

const waits = contract("waits", {
  inputs: { id: z.string() },
  correlate: ["id"],
  define: (g, { id }) => g.await("go", { event: "go", schema: z.null(), show: { id } }),
});

async function played(kindling: Kindling, langs: readonly string[]) {
  const run = await kindling.start(story, { id: "1", langs: [...langs] });
  const events: WatchEvent[] = [];
  const watching = (async () => {
    for await (const event of run.watch()) events.push(event);
  })();
  for (const { path } of (await run.settled()).awaits) await kindling.deliver({ event: "checked", run: run.id, path, payload: null });
  await run.result();
  await watching;
  return { run, events };
}

const idsOf = (events: readonly WatchEvent[]) => events.flatMap((event) => (event.type === "fact" ? [event.fact.id] : []));

describe("watching a run", () => {
  it.each(["memory", "file"])(
    "shows every fact of its tree up to the end of the root once, in order, over a ledger in %s",
    async (where) => {
      for (let round = 0; round < 5; round++) {
        const kindling = await openKindling({
          contracts: [story],
          models: [model("some words")],
          ledger: where === "memory" ? memoryLedger() : await temporaryLedger(),
        });
        const { run, events } = await played(kindling, ["en", "de", "fr"]);
        expect(idsOf(events)).toEqual((await run.facts()).map(({ id }) => id));
        await kindling.close();
      }
    },
  );

  it("shows progress and text in between, with their paths, and records neither", async () => {
    const kindling = await openKindling({ contracts: [story], models: [model("some words")] });
    const { run, events } = await played(kindling, ["en"]);
    expect(events).toContainEqual({ type: "progress", path: "posts[en]/slow", fraction: 0.5, note: "half" });
    expect(events.flatMap((event) => (event.type === "delta" ? [event.text] : [])).join("")).toBe("some words");
    expect((await run.facts()).some(({ type }) => /progress|delta/.test(type))).toBe(false);
  });

  it("from any cursor on shows just the rest", async () => {
    const kindling = await openKindling({ contracts: [story], models: [model("some words")] });
    const { run } = await played(kindling, ["en", "de"]);
    const facts = await run.facts();
    for (const position of new Set(facts.map((fact) => fact.position))) {
      const events: WatchEvent[] = [];
      for await (const event of run.watch({ after: position })) events.push(event);
      expect(idsOf(events)).toEqual(facts.filter((fact) => fact.position > position).map(({ id }) => id));
    }
  });

  it("from a cursor while it goes on loses nothing and doubles nothing", async () => {
    const kindling = await openKindling({ contracts: [story], models: [model("some words")], ledger: await temporaryLedger() });
    const run = await kindling.start(story, { id: "1", langs: ["en", "de", "fr", "it"] });
    const seen: string[] = [];
    let after = 0;
    const reconnecting = (async () => {
      for (let isEnded = false; !isEnded; ) {
        const abort = new AbortController();
        let facts = 0;
        for await (const event of run.watch({ after, signal: abort.signal })) {
          if (event.type !== "fact") continue;
          if (event.fact.position > after && facts >= 5) {
            abort.abort();
            break;
          }
          facts += 1;
          seen.push(event.fact.id);
          after = event.fact.position;
        }
        isEnded = !abort.signal.aborted;
      }
    })();
    for (const { path } of (await run.settled()).awaits) await kindling.deliver({ event: "checked", run: run.id, path, payload: null });
    await run.result();
    await reconnecting;
    // A cursor is a position, and facts of one commit share it: some may come again after a reconnect, none is left out.
    expect([...new Set(seen)]).toEqual((await run.facts()).map(({ id }) => id));
  });

  it("ends when its signal aborts, and is refused for nobody's run", async () => {
    const kindling = await openKindling({ contracts: [waits] });
    const run = await kindling.start(waits, { id: "1" });
    const abort = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const event of run.watch({ signal: abort.signal })) if (event.type === "fact") seen.push(event.fact.type);
    })();
    await nextTurn(3);
    abort.abort();
    await watching;
    expect(seen).toEqual(["run.started", "await.opened", "run.waiting"]);
    await expect(async () => {
      for await (const _ of kindling.watch("run_none")) throw new Error("there is nothing to see");
    }).rejects.toMatchObject({ code: "run_not_found" });
  });
});

describe("asking for runs", () => {
  it("lists root runs newest first, page by page, each once", async () => {
    const kindling = await openKindling({ contracts: [waits, story], models: [model("x")] });
    const ids: string[] = [];
    for (let index = 0; index < 25; index++) ids.push((await kindling.start(waits, { id: `${index}` })).id);
    const seen: string[] = [];
    for (let cursor: string | undefined, pages = 0; pages === 0 || cursor !== undefined; pages++) {
      const page = await kindling.list({ limit: 10, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.cursor;
    }
    expect(seen).toEqual(ids.toReversed());
    await expect(kindling.list({ cursor: "no" })).rejects.toMatchObject({ code: "bad_cursor" });
  });

  it("filters them by contract and by status", async () => {
    const kindling = await openKindling({ contracts: [waits, story], models: [model("x")] });
    const first = await kindling.start(waits, { id: "1" });
    const second = await kindling.start(waits, { id: "2" });
    const other = await kindling.start(story, { id: "3", langs: [] });
    await kindling.deliver({ event: "go", correlation: { id: "1" }, payload: null });
    await first.result();
    await second.cancel();
    await other.result();
    const idsWith = async (query: Parameters<Kindling["list"]>[0]) => (await kindling.list(query)).items.map(({ id }) => id);
    expect(await idsWith({ contract: "waits", status: "succeeded" })).toEqual([first.id]);
    expect(await idsWith({ status: "cancelled" })).toEqual([second.id]);
    expect(await idsWith({ contract: "story" })).toEqual([other.id]);
    expect(await idsWith({ status: "waiting" })).toEqual([]);
  });

  it("counts a run as running while one of its children does, though it waits itself", async () => {
    const gate = Promise.withResolvers<void>();
    const half = contract("half", {
      inputs: { id: z.string() },
      correlate: ["id"],
      define: (g, { id }) =>
        g.compose("part", {
          needs: { id },
          child(inner, { id }) {
            const go = inner.await("go", { event: "go", schema: z.null(), show: { id } });
            return inner.llm("ask", { needs: { go }, prompt: () => "?", model: "scripted:x" });
          },
        }),
    });
    const kindling = await openKindling({ contracts: [half, waits], models: [model(() => gate.promise.then(() => "done"))] });
    const idsWith = async (status: "running" | "waiting") => (await kindling.list({ status })).items.map(({ id }) => id);
    const other = await kindling.start(waits, { id: "other" });
    const run = await kindling.start(half, { id: "1" });
    await run.settled();
    expect([await idsWith("running"), await idsWith("waiting")]).toEqual([[], [run.id, other.id]]);
    await kindling.deliver({ event: "go", run: run.id, payload: null });
    expect([await idsWith("running"), await idsWith("waiting")]).toEqual([[run.id], [other.id]]);
    gate.resolve();
    await run.result();
  });

  it("shows open awaits oldest first, all or of one run, and one with what it shows", async () => {
    const kindling = await openKindling({ contracts: [waits, story], models: [model("draft")] });
    const one = await kindling.start(waits, { id: "1" });
    const many = await kindling.start(story, { id: "2", langs: ["en", "de"] });
    await many.settled();
    expect((await kindling.inbox()).map(({ path }) => path)).toEqual(["go", "posts[en]/check", "posts[de]/check"]);
    expect((await kindling.inbox({ run: many.id })).map(({ path }) => path)).toEqual(["posts[en]/check", "posts[de]/check"]);
    expect(await kindling.awaiting(one.id)).toMatchObject({ path: "go", values: { id: "1" }, schema: { type: "null" } });
    expect(await kindling.awaiting(many.id, "posts[de]/check")).toMatchObject({
      values: { slow: "draft" },
      correlation: { id: "2", lang: "de" },
    });
    await expect(kindling.awaiting(many.id)).rejects.toMatchObject({
      code: "not_awaiting",
      details: { open: ["posts[en]/check", "posts[de]/check"] },
    });
    await expect(kindling.awaiting(one.id, "gone")).rejects.toMatchObject({ code: "not_awaiting" });
  });
});
