// Gates: who may decide is part of the graph and enforced by the core, whatever surface passes on who asks.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { clientAsserted, contract, type Actor, type Assurance } from "../../src/index.ts";
import { openKindling } from "./open-host.ts";

const gated = (options: { readonly assurance?: Assurance; readonly roles?: readonly string[]; readonly notStarter?: boolean } = {}) =>
  contract("gated", {
    inputs: { id: z.string() },
    correlate: ["id"],
    define(g, { id }) {
      const draft = g.compute("draft", { needs: { id }, run: ({ id }) => `draft of ${id}` });
      return g.await("gate", {
        event: "decided",
        schema: z.object({ ok: z.boolean() }),
        show: { draft },
        by: "human",
        timeout: "3d",
        ...options,
      });
    },
  });

const agent: Actor = { id: "mcp:agent", assurance: "agent" };
const person = (assurance: Assurance, more: Partial<Actor> = {}): Actor => ({ id: "cli:alice", assurance, ...more });

async function decide(options: Parameters<typeof gated>[0], actor: Actor | undefined, starter?: Actor, shown?: string) {
  const definition = gated(options);
  const kindling = await openKindling({ contracts: [definition] });
  const run = await kindling.start(definition, { id: "1" }, starter === undefined ? {} : { actor: starter });
  const request = {
    event: "decided",
    correlation: { id: "1" },
    payload: { ok: true },
    ...(actor === undefined ? {} : { actor }),
    ...(shown === undefined ? {} : { shown }),
  };
  return { delivery: await kindling.deliver(request), run, kindling };
}

describe("a gate", () => {
  it("is never decided by an agent, nor by somebody who says nothing about himself", async () => {
    for (const actor of [agent, undefined, { ...agent, roles: ["editor"] }]) {
      const { delivery, run } = await decide({ assurance: "client" }, actor);
      expect(delivery).toMatchObject({ status: "refused", code: "human_decision_required" });
      expect((await run.settled()).status).toBe("waiting");
    }
  });

  it.each([
    ["client", "client", "delivered"],
    ["client", "outOfBand", "delivered"],
    ["outOfBand", "client", "refused"],
    ["outOfBand", "outOfBand", "delivered"],
    ["signed", "client", "refused"],
    ["signed", "outOfBand", "refused"],
  ] as const)("that wants %s, asked by %s, is %s", async (assurance, asked, status) => {
    expect((await decide({ assurance }, person(asked))).delivery.status).toBe(status);
  });

  it("wants an approval out of band unless it says otherwise", async () => {
    expect((await decide({}, person("client"))).delivery).toMatchObject({ code: "human_decision_required" });
    expect((await decide({}, person("outOfBand"))).delivery.status).toBe("delivered");
  });

  it("for roles is decided by somebody who has one of them", async () => {
    const roles = ["editor", "chief"];
    expect((await decide({ roles }, person("outOfBand"))).delivery).toMatchObject({ code: "role_required" });
    expect((await decide({ roles }, person("outOfBand", { roles: ["reader"] }))).delivery).toMatchObject({ code: "role_required" });
    expect((await decide({ roles }, person("outOfBand", { roles: ["reader", "chief"] }))).delivery.status).toBe("delivered");
  });

  it("not for the starter is decided by somebody else", async () => {
    const starter = person("outOfBand");
    expect((await decide({ notStarter: true }, starter, starter)).delivery).toMatchObject({ code: "starter_may_not_decide" });
    expect((await decide({ notStarter: true }, { ...starter, id: "cli:bob" }, starter)).delivery.status).toBe("delivered");
  });

  it("not for the starter is not for the user of the client that started the run either, as far as that client says who decides", async () => {
    const options = { assurance: "client", notStarter: true } as const;
    expect((await decide(options, clientAsserted(agent), agent)).delivery).toMatchObject({ code: "starter_may_not_decide" });
    expect((await decide(options, clientAsserted({ id: "mcp:other" }), agent)).delivery.status).toBe("delivered");
    expect((await decide({}, clientAsserted({ id: "mcp:other" }), agent)).delivery).toMatchObject({ code: "human_decision_required" });
  });

  it("in a child is still not for the starter", async () => {
    const inner = contract("inner", {
      inputs: { id: z.string() },
      define: (g, { id }) =>
        g.compose("part", {
          needs: { id },
          child: (deep, { id }) =>
            deep.await("gate", { event: "decided", schema: z.null(), show: { id }, by: "human", notStarter: true, timeout: "1d" }),
        }),
    });
    const kindling = await openKindling({ contracts: [inner] });
    const run = await kindling.start(inner, { id: "1" }, { actor: person("outOfBand") });
    expect(await kindling.deliver({ event: "decided", run: run.id, payload: null, actor: person("outOfBand") })).toMatchObject({
      code: "starter_may_not_decide",
    });
  });

  it("binds the decision to what was shown", async () => {
    expect((await decide({}, person("outOfBand"), undefined, "another digest")).delivery).toMatchObject({ code: "stale_approval" });
    const { kindling, run } = await decide({}, person("client"));
    const [open] = (await run.settled()).awaits;
    expect(await kindling.awaiting(run.id)).toMatchObject({ values: { draft: "draft of 1" }, shown: open?.shown, by: "human" });
    expect(
      await kindling.deliver({
        event: "decided",
        run: run.id,
        payload: { ok: true },
        actor: person("outOfBand"),
        ...(open === undefined ? {} : { shown: open.shown }),
      }),
    ).toMatchObject({ status: "delivered" });
  });

  it("records who was refused, a hundred times at most", async () => {
    const { kindling, run } = await decide({}, agent);
    for (let tries = 0; tries < 120; tries++)
      await kindling.deliver({ event: "decided", run: run.id, payload: { ok: true }, actor: agent });
    const refusals = (await run.facts()).filter(({ type }) => type === "event.refused");
    expect(refusals).toHaveLength(100);
    expect(refusals[0]).toMatchObject({ code: "human_decision_required", actor: agent });
  });

  it("is in the inbox of people, an await for anyone is not", async () => {
    const { kindling } = await decide({}, agent);
    expect((await kindling.inbox({ by: "human" })).map(({ path, assurance }) => [path, assurance])).toEqual([["gate", "outOfBand"]]);
  });
});
