// Forks are given values for nodes, and for gates only by those who may decide them: a fork is no way around a gate.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract, type Actor, type AnyContract } from "../../src/index.ts";
import { openKindling } from "./open-host.ts";

const gated = (options: object): AnyContract =>
  contract("gated", {
    inputs: {},
    define: (g) =>
      g.await("gate", { event: "decided", schema: z.object({ ok: z.boolean() }), show: {}, by: "human", timeout: "3d", ...options }),
  });

const ADA: Actor = { id: "cli:ada", assurance: "outOfBand", roles: ["chief"] };

async function forked(options: object, actor?: Actor): Promise<unknown> {
  const kindling = await openKindling({ contracts: [gated(options)] });
  const run = await kindling.start("gated", {}, { actor: { id: "cli:bob", assurance: "outOfBand" } });
  await run.settled();
  const fork = await run.fork({ nodes: { gate: { ok: true } }, ...(actor === undefined ? {} : { actor }) });
  return fork.result();
}

describe("a gate's value in a fork", () => {
  it("is given by a person who may decide it", async () => {
    expect(await forked({}, ADA)).toEqual({ ok: true });
    expect(await forked({ roles: ["chief"] }, ADA)).toEqual({ ok: true });
  });

  it.each<[string, object, Actor | undefined, string]>([
    ["nobody in particular", {}, undefined, "human_decision_required"],
    ["an agent", {}, { id: "mcp:agent", assurance: "agent" }, "human_decision_required"],
    ["a client for its user", {}, { id: "client-asserted:mcp:agent", assurance: "client" }, "human_decision_required"],
    ["somebody without the role", { roles: ["owner"] }, ADA, "role_required"],
    ["whoever forks it, where starters may not decide", { notStarter: true }, ADA, "starter_may_not_decide"],
    ["one person, where several decide", { quorum: 2 }, ADA, "human_decision_required"],
    ["anybody, where it wants a signature", { assurance: "signed" }, ADA, "signature_required"],
  ])("is not given by %s", async (_name, options, actor, code) => {
    await expect(forked(options, actor)).rejects.toMatchObject({ code });
  });
});
