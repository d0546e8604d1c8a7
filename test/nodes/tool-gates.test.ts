// What people are asked about calls of tools: before one is made, and after a crash has cut one off.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { asTool, contract, memoryLedger, tool, type Approval, type Kindling, type OnUncertain } from "../../src/index.ts";
import { manualClock } from "../../src/testing.ts";
import { callsTools, scripted } from "../../providers/scripted.ts";
import { crashed } from "../host/ledgers.ts";
import { containing, openKindling, until } from "../host/open-host.ts";
import { agentOf, openAgent, resultsIn } from "./agent.ts";

const person = { id: "cli:alice", assurance: "outOfBand" } as const;
const Refund = z.object({ amount: z.number() });

function refunding(approve: true | Approval<z.infer<typeof Refund>>) {
  const paid: number[] = [];
  const refund = tool("refund", {
    description: "Pays money back.",
    input: Refund,
    given: { question: z.string() },
    approve,
    run: ({ amount }) => {
      paid.push(amount);
      return `paid ${amount}`;
    },
  });
  return { refund, paid };
}

async function decide(kindling: Kindling, run: string, path: string, payload: object) {
  return kindling.deliver({ event: "tool.approval", run, path, payload, actor: person });
}

describe("a tool that a person must allow", () => {
  it("is not called before somebody has said yes, and shows what it would do", async () => {
    const { refund, paid } = refunding(true);
    const { kindling, model, start } = await openAgent(agentOf([refund]), [callsTools(["refund", { amount: 5 }]), "ok"]);
    const run = await start();
    const view = await run.settled();
    expect(view).toMatchObject({ status: "waiting", awaits: [{ path: "answer[1.refund]/approval", event: "tool.approval", by: "human" }] });
    expect(await kindling.awaiting(run.id)).toMatchObject({ values: { input: { amount: 5 }, question: "q" } });
    expect(paid).toEqual([]);
    expect(
      await kindling.deliver({
        event: "tool.approval",
        run: run.id,
        payload: { decision: "approve" },
        actor: { id: "mcp:x", assurance: "agent" },
      }),
    ).toMatchObject({
      status: "refused",
      code: "human_decision_required",
    });
    expect(await decide(kindling, run.id, "answer[1.refund]/approval", { decision: "yes" })).toMatchObject({
      status: "refused",
      code: "invalid_payload",
    });
    await decide(kindling, run.id, "answer[1.refund]/approval", { decision: "approve" });
    expect(await run.result()).toBe("ok");
    expect(paid).toEqual([5]);
    expect(resultsIn(model.requests[1])).toEqual(["paid 5"]);
  });

  it("is not called after a no, and the model is told the reason", async () => {
    const { refund, paid } = refunding(true);
    const { kindling, model, start } = await openAgent(agentOf([refund]), [callsTools(["refund", { amount: 5 }]), "then not"]);
    const run = await start();
    await run.settled();
    await decide(kindling, run.id, "answer[1.refund]/approval", { decision: "reject", reason: "too much" });
    expect(await run.result()).toBe("then not");
    expect(paid).toEqual([]);
    expect(resultsIn(model.requests[1])).toEqual([{ error: 'a person refused the call of "refund": too much' }]);
  });

  it("counts as refused when nobody decides in time", async () => {
    const { refund, paid } = refunding({ timeout: "1h" });
    const clock = manualClock();
    const { model, start } = await openAgent(agentOf([refund]), [callsTools(["refund", { amount: 5 }]), "then not"], { clock });
    const run = await start();
    await run.settled();
    clock.advance(3_600_000);
    expect(await run.result()).toBe("then not");
    expect(resultsIn(model.requests[1])).toEqual([{ error: containing("nobody decided within 1h") }]);
    expect(paid).toEqual([]);
  });

  it("is called at once where its own condition asks nobody", async () => {
    const { refund, paid } = refunding({ when: ({ amount }) => amount > 100 });
    const { kindling, start } = await openAgent(agentOf([refund]), [
      callsTools(["refund", { amount: 5 }], ["refund", { amount: 500 }]),
      "ok",
    ]);
    const run = await start();
    expect((await run.settled()).awaits.map(({ path }) => path)).toEqual(["answer[1.refund.2]/gate[ask]/approval"]);
    await until(() => paid.length === 1);
    await decide(kindling, run.id, "answer[1.refund.2]/gate[ask]/approval", { decision: "approve" });
    await run.result();
    expect(paid).toEqual([5, 500]);
  });

  it("may be a contract, which does not begin before", async () => {
    const began: string[] = [];
    const trip = contract("trip", {
      description: "Books a trip.",
      inputs: { to: z.string() },
      define: (g, { to }) => ({
        booked: g.effect("book", { needs: { to }, run: ({ to }, { idempotencyKey }) => `${began.push(to)} ${idempotencyKey.length > 0}` }),
      }),
    });
    const agent = contract("agent", {
      inputs: { question: z.string() },
      define: (g, { question }) =>
        g.llm("answer", {
          needs: { question },
          prompt: ({ question }) => question,
          model: "scripted:m",
          tools: [asTool(trip, { approve: { when: ({ to }) => to !== "home" } })],
        }),
    });
    const provider = scripted([callsTools(["trip", { to: "Rome" }], ["trip", { to: "home" }], ["trip", { to: "Oslo" }]), "ok"]);
    const kindling = await openKindling({ contracts: [agent], models: [provider] });
    const run = await kindling.start(agent, { question: "q" });
    const paths = (await run.settled()).awaits.map(({ path }) => path).toSorted();
    expect(paths).toEqual(["answer[1.trip.3]/gate[ask]/approval", "answer[1.trip]/gate[ask]/approval"]);
    await decide(kindling, run.id, "answer[1.trip]/gate[ask]/approval", { decision: "approve" });
    await decide(kindling, run.id, "answer[1.trip.3]/gate[ask]/approval", { decision: "reject" });
    expect(await run.result()).toBe("ok");
    expect(began.toSorted()).toEqual(["Rome", "home"]);
    expect(resultsIn(provider.requests[1])).toEqual([
      { booked: "2 true" },
      { booked: "1 true" },
      { error: 'a person refused the call of "trip"' },
    ]);
  });

  it("still waits for the same decision after a restart", async () => {
    const { refund, paid } = refunding(true);
    const agent = agentOf([refund]);
    const place = memoryLedger();
    const first = await openAgent(agent, [callsTools(["refund", { amount: 5 }])], { ledger: place });
    const run = await first.start();
    await run.settled();
    await first.kindling.close();
    const { kindling } = await openAgent(agent, ["ok"], { ledger: place });
    await decide(kindling, run.id, "answer[1.refund]/approval", { decision: "approve" });
    expect(await (await kindling.run(run.id)).result()).toBe("ok");
    expect(paid).toEqual([5]);
  });
});

/** An agent whose tool's first call never ends, so that a crash cuts it off; what the ledger held then is opened anew. */
async function cutOff(onUncertain: OnUncertain | undefined, repeatable = false) {
  const keys: string[] = [];
  let isFirst = true;
  const act = tool("act", {
    description: "Acts.",
    input: z.object({}),
    ...(repeatable ? { repeatable: true } : {}),
    ...(onUncertain === undefined ? {} : { onUncertain }),
    run: (_input, { idempotencyKey }) => {
      keys.push(idempotencyKey);
      if (!isFirst) return "done";
      isFirst = false;
      return new Promise(() => {});
    },
  });
  const agent = agentOf([act]);
  const place = memoryLedger();
  const first = await openAgent(agent, [callsTools(["act", {}])], { ledger: place });
  const { id } = await first.start();
  await until(() => keys.length === 1);
  const left = await crashed(place);
  await first.kindling.close();
  const provider = scripted(["ok", "ok"]);
  const { kindling } = await openAgent(agent, provider, { ledger: left });
  return { kindling, provider, keys, run: await kindling.run(id) };
}

describe("a call that a crash cut off", () => {
  it("is made again when the tool may be repeated, and nothing is uncertain", async () => {
    const { run, keys } = await cutOff(undefined, true);
    expect(await run.result()).toBe("ok");
    expect(keys).toHaveLength(2);
    expect((await run.facts()).some(({ type }) => type === "tool.uncertain")).toBe(false);
  });

  it("fails the run by default, which says what is uncertain and does not call again", async () => {
    const { run, keys, kindling, provider } = await cutOff(undefined);
    await expect(run.result()).rejects.toMatchObject({
      details: { error: { code: "tool_uncertain", message: containing('"act" was called and a crash cut the call off') } },
    });
    expect(keys).toHaveLength(1);
    expect(provider.requests).toHaveLength(0);
    expect((await run.facts()).filter(({ type }) => type === "tool.uncertain")).toMatchObject([
      { tool: "act", call: "1.act", decided: "fail" },
    ]);
    expect((await kindling.explain(run.id)).text).toContain("nobody knows whether it took effect");
  });

  it("is made once more, with the same key, when somebody who has found out tries the run again", async () => {
    const { run, keys, kindling } = await cutOff("fail");
    await expect(run.result()).rejects.toMatchObject({ code: "run_failed" });
    await kindling.retry(run.id);
    expect(await run.result()).toBe("ok");
    expect(keys).toEqual([`${run.id}:answer[1.act]`, `${run.id}:answer[1.act]`]);
  });

  it("is made again with the same key where the tool says retry, and the run says that it was uncertain", async () => {
    const { run, keys } = await cutOff("retry");
    expect(await run.result()).toBe("ok");
    expect(new Set(keys)).toEqual(new Set([`${run.id}:answer[1.act]`]));
    expect(keys).toHaveLength(2);
    expect((await run.facts()).filter(({ type }) => type === "tool.uncertain")).toMatchObject([{ decided: "retry" }]);
  });

  it.each([
    [{ decision: "done", result: "it was paid" }, 1, ["it was paid"]],
    [{ decision: "done" }, 1, [null]],
    [{ decision: "again" }, 2, ["done"]],
  ] as const)("is a person's question where the tool says ask: %o", async (payload, calls, results) => {
    const { run, keys, kindling, provider } = await cutOff("ask");
    const view = await run.settled();
    expect(view).toMatchObject({ status: "waiting", awaits: [{ path: "answer[1.act]/outcome[uncertain]/told", event: "tool.outcome" }] });
    expect(keys).toHaveLength(1);
    const told = { event: "tool.outcome", run: run.id, payload };
    expect(await kindling.deliver({ ...told, actor: { id: "mcp:x", assurance: "agent" } })).toMatchObject({
      code: "human_decision_required",
    });
    await kindling.deliver({ ...told, actor: person });
    expect(await run.result()).toBe("ok");
    expect(keys).toHaveLength(calls);
    expect(new Set(keys).size).toBe(1);
    expect(resultsIn(provider.requests[0])).toEqual(results);
  });

  it("fails the run when a person says so", async () => {
    const { run, kindling } = await cutOff("ask");
    await run.settled();
    await kindling.deliver({
      event: "tool.outcome",
      run: run.id,
      payload: { decision: "fail", reason: "the bank is closed" },
      actor: person,
    });
    await expect(run.result()).rejects.toMatchObject({
      details: { error: { code: "tool_uncertain", message: containing("the bank is closed") } },
    });
  });

  it("that was not cut off is no question: its result goes to the model", async () => {
    const act = tool("act", { description: "Acts.", input: z.object({}), onUncertain: "ask", run: () => ({ n: 1 }) });
    const { model, start } = await openAgent(agentOf([act]), [callsTools(["act", {}]), "ok"]);
    await (await start()).result();
    expect(resultsIn(model.requests[1])).toEqual([{ n: 1 }]);
  });
});
