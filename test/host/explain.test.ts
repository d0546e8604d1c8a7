// Why a run stands as it stands, asked of the real engine: what is the case at each path.

import { contract, type Kindling, type RuntimeOptions } from "kindling";
import { manualClock } from "kindling/testing";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling, until } from "./open-host.ts";

const person = { id: "ada", assurance: "outOfBand", roles: ["editor"] } as const;
const open = (contracts: RuntimeOptions["contracts"], rest: Partial<RuntimeOptions> = {}): Promise<Kindling> =>
  openKindling({ contracts, ...rest });

const review = contract("review", {
  inputs: { id: z.string(), text: z.string() },
  correlate: ["id"],
  define(g, { text }) {
    const draft = g.compute("draft", { needs: { text }, run: ({ text }) => text.trim() });
    const decision = g.await("decision", {
      event: "decided",
      schema: z.object({ approved: z.boolean() }),
      show: { draft },
      by: "human",
      roles: ["editor"],
      notStarter: true,
      timeout: "3d",
      remind: "1d",
    });
    const posted = g.compute("posted", { needs: { draft, decision }, run: ({ draft }) => draft });
    const counted = g.compute("counted", { needs: { posted }, run: ({ posted }) => posted.length });
    g.compute("unused", { needs: { text }, run: ({ text }) => text });
    return { counted };
  },
});

/** Parents whose children ask, fail or work. */
function lines(broken: ReadonlySet<string>, mode: "collect" | "failFast" = "collect") {
  return contract("lines", {
    inputs: { names: z.array(z.string()) },
    define(g, { names }) {
      const each = g.collection("each", {
        over: names,
        as: "name",
        key: (name) => name,
        mode,
        each(g, { name }) {
          const found = g.lookup("found", {
            needs: { name },
            retry: { attempts: 1 },
            run: ({ name }) => {
              if (broken.has(name)) throw new Error(`${name} is broken`);
              return name;
            },
          });
          const answer = g.await("answer", { event: "answered", schema: z.string(), show: { found } });
          return g.compute("both", { needs: { found, answer }, run: ({ found, answer }) => `${found} ${answer}` });
        },
      });
      return { total: g.compute("total", { needs: { each }, run: ({ each }) => each.keys.length }) };
    },
  });
}

describe("a run as a whole", () => {
  it("names its open awaits with who decides, how they are found and what comes next", async () => {
    const clock = manualClock();
    const kindling = await open([review], { clock });
    const run = await kindling.start(review, { id: "a", text: "x" }, { actor: { id: "bob", assurance: "client" } });
    await run.settled();
    const since = clock.now();
    clock.advance(86_400_000);
    await until(async () => (await kindling.facts(run.id)).some(({ type }) => type === "await.reminded"), "the reminder");
    const refused = await kindling.deliver({
      event: "decided",
      run: run.id,
      payload: { approved: true },
      actor: { id: "bot", assurance: "agent" },
    });
    expect(refused.status).toBe("refused");
    expect(await kindling.explain(run.id)).toMatchObject({
      subject: "run",
      status: "waiting",
      causes: [
        {
          type: "await",
          path: "decision",
          event: "decided",
          since,
          deadline: since + 3 * 86_400_000,
          reminders: 1,
          reminderAt: since + 2 * 86_400_000,
          correlation: { id: "a" },
          decider: { assurance: "outOfBand", roles: ["editor"], notBy: "bob" },
          refused: { code: "human_decision_required", by: "bot" },
        },
      ],
      blocked: [
        { path: "posted", by: ["decision"] },
        { path: "counted", by: ["decision"] },
      ],
      next: { at: since + 2 * 86_400_000, path: "decision", why: "reminder" },
      hints: [{ command: `kindling approve ${run.id} decision` }, { command: `kindling reject ${run.id} decision` }],
    });
  });

  it("looks down into children that wait, and gives each the command that answers it", async () => {
    const asking = lines(new Set());
    const kindling = await open([asking]);
    const run = await kindling.start(asking, { names: ["a", "b"] });
    await run.settled();
    const told = await kindling.explain(run.id);
    expect(told).toMatchObject({
      status: "waiting",
      causes: [{ path: "each[a]/answer" }, { path: "each[b]/answer" }],
      last: { type: "run.waiting" },
    });
    expect(told.hints.map(({ command }) => command)[0]).toBe(
      `kindling deliver answered --run ${run.id} --path 'each[a]/answer' --payload '"1"'`,
    );
  });

  it("follows a failure down to the node in the child where it began", async () => {
    const failing = lines(new Set(["b"]), "failFast");
    const kindling = await open([failing]);
    const run = await kindling.start(failing, { names: ["a", "b"] });
    await run.settled();
    expect(await kindling.explain(run.id)).toMatchObject({
      status: "failed",
      failures: [
        { path: "each[b]/found", chain: ["each", "each[b]", "each[b]/found"], error: { message: "b is broken" }, isCollected: false },
      ],
      hints: [{ command: `kindling retry ${run.id}` }],
    });
    for (const path of ["each[b]/found", "each[b]", "each", "total"])
      expect((await kindling.explain(run.id, path)).hints).toMatchObject([{ command: `kindling retry ${run.id}` }]);
  });

  it("names effects that could not be taken back", async () => {
    const paying = contract("paying", {
      inputs: {},
      define(g) {
        const pay = g.effect("pay", {
          needs: {},
          run: () => "paid",
          retry: { attempts: 1 },
          compensate: () => {
            throw new Error("the bank is closed");
          },
        });
        return {
          sent: g.lookup("sent", {
            needs: { pay },
            retry: { attempts: 1 },
            run: (): string => {
              throw new Error("no stamp");
            },
          }),
        };
      },
    });
    const kindling = await open([paying]);
    const run = await kindling.start(paying, {});
    await run.settled();
    expect(await kindling.explain(run.id)).toMatchObject({ status: "failed", uncompensated: ["pay"], failures: [{ path: "sent" }] });
  });

  it("says who cancelled it, and that a fork goes on from there", async () => {
    const kindling = await open([review]);
    const run = await kindling.start(review, { id: "a", text: "x" });
    await run.settled();
    await run.cancel({ reason: "not needed", actor: person });
    expect(await kindling.explain(run.id)).toMatchObject({
      status: "cancelled",
      causes: [],
      cancelled: { reason: "not needed", actor: { id: "ada" } },
      hints: [{ command: `kindling fork ${run.id}` }],
    });
    expect(await kindling.explain(run.id, "counted")).toMatchObject({ status: "skipped", reason: { type: "run_cancelled" } });
  });
});

describe("something in a run", () => {
  it("that is blocked is followed down to the await, through the nodes in between", async () => {
    const kindling = await open([review]);
    const run = await kindling.start(review, { id: "a", text: "x" });
    await run.settled();
    expect(await kindling.explain(run.id, "counted")).toMatchObject({
      status: "blocked",
      needs: ["posted"],
      causes: [{ type: "await", path: "decision" }],
    });
    expect(await kindling.explain(run.id, "decision")).toMatchObject({ status: "waiting", causes: [{ path: "decision" }] });
    expect(await kindling.explain(run.id, "unused")).toMatchObject({ status: "skipped", reason: { type: "not_needed" } });
  });

  it("that ran tells what it read, what it rests on and who answered it", async () => {
    const kindling = await open([review]);
    const run = await kindling.start(review, { id: "a", text: "x" });
    await run.settled();
    await kindling.deliver({ event: "decided", run: run.id, payload: { approved: true }, deliveryId: "d-1", actor: person });
    await run.result();
    const facts = await run.facts();
    const idOf = (path: string) => facts.findLast((fact) => fact.path === path)?.id;
    expect(await kindling.explain(run.id, "posted")).toMatchObject({
      status: "ran",
      fact: idOf("posted"),
      reads: [
        { as: "draft", from: "draft", fact: idOf("draft") },
        { as: "decision", from: "decision", fact: idOf("decision") },
      ],
      rests: [idOf("draft"), idOf("decision")],
      lineage: { reads: [{ from: { origin: "work" } }, { from: { origin: "event", by: { id: "ada" }, delivery: "d-1" } }] },
    });
    expect(await kindling.explain(run.id, "decision")).toMatchObject({ status: "ran", by: { id: "ada", assurance: "outOfBand" } });
    expect(await kindling.explain(run.id, "text")).toMatchObject({ status: "given", reaches: ["counted"] });
  });

  it("that failed, or is skipped since its item failed, is tried again by the item's path while the run went on", async () => {
    const failing = lines(new Set(["b"]));
    const kindling = await open([failing]);
    const run = await kindling.start(failing, { names: ["b"] });
    await run.result();
    for (const [path, status] of [
      ["each[b]/found", "failed"],
      ["each[b]/both", "skipped"],
      ["each[b]", "failed"],
    ])
      expect(await kindling.explain(run.id, path)).toMatchObject({ status, hints: [{ command: `kindling retry ${run.id} 'each[b]'` }] });
    expect(await kindling.explain(run.id, "each")).toMatchObject({
      status: "ran",
      children: { total: 1, succeeded: 0, failed: 1 },
      failures: [{ path: "each[b]/found" }],
    });
    await kindling.retry(run.id, { path: "each[b]" });
  });

  it("that is nothing is refused with the nearest path", async () => {
    const asking = lines(new Set());
    const kindling = await open([asking]);
    const run = await kindling.start(asking, { names: ["a"] });
    await run.settled();
    for (const [path, near] of [
      ["each[a]/answr", "each[a]/answer"],
      ["each/answer", "each[a]/answer"],
      ["each[z]", "each[a]"],
      ["totl", "total"],
    ])
      await expect(kindling.explain(run.id, path)).rejects.toMatchObject({ code: "path_not_found", details: { nearest: near } });
  });
});
