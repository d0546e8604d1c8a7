// Runs as tasks of the protocol: who gets a handle, how a task stands, and how its questions are answered.

import { describe, expect, it } from "vitest";
import * as z from "zod";
import { SECRET } from "./fixtures/workflows.ts";
import { openTaskWorld, type Who } from "./task-world.ts";
import { questionIn, questionsIn, TASKING } from "./tasking-client.ts";

const TRIP = { who: "Ada" };
const LONDON = { action: "accept", content: { city: "London", days: 3 } };

/** Deeper than anything that may be recorded. */
function nested(levels: number): unknown {
  return levels === 0 ? 1 : { in: nested(levels - 1) };
}

const { kindling, connect, deliveries } = await openTaskWorld();

describe("a call that starts a run", () => {
  it("is answered with a handle to a run that goes on, which is there at once", async () => {
    const { call, get, cancel } = await connect();
    const started = { workflow: "slow-sum", input: { ms: 5_000 }, idempotency_key: "sum-for-ada" };
    const handle = await call("start_workflow", started);
    expect(handle).toMatchObject({ status: "working", ttlMs: null, content: [] });
    expect(await kindling.get(handle.taskId ?? "")).toMatchObject({ contract: "slow-sum" });
    expect(await get(handle.taskId ?? "")).toMatchObject({ taskId: handle.taskId, status: "working", statusMessage: "0 of 1 steps done" });
    expect(await call("start_workflow", started)).toMatchObject({ taskId: handle.taskId });
    await cancel(handle.taskId ?? "");
  });

  it("does not wait in the call for what a task can tell later", async () => {
    const { begin, until, cancel } = await connect();
    const task = await begin("run_trip", TRIP);
    expect((await until(task, "input_required")).inputRequests).toBeDefined();
    await cancel(task);
  });

  it("is answered with the run where that ends at once", async () => {
    const { call } = await connect();
    const { taskId, structuredContent } = await call("start_workflow", { workflow: "slow-sum", input: { ms: 1 }, wait_seconds: 10 });
    expect(taskId).toBeUndefined();
    expect(structuredContent).toMatchObject({ status: "completed", output: { sum: 42 } });
  });

  it("is answered with the run where it waits for what this client cannot ask its user: the agent has to answer it, or to tell of it", async () => {
    const { call } = await connect();
    const free = await call("start_workflow", { workflow: "listing", input: {}, wait_seconds: 10 });
    expect(free).toMatchObject({ structuredContent: { status: "awaiting", awaiting: [{ decider: "agent" }] } });
    const gate = await call("start_workflow", { workflow: "held", input: { id: "held-1" }, wait_seconds: 10 });
    expect(gate).toMatchObject({ structuredContent: { status: "awaiting", awaiting: [{ decider: "human" }] } });
    const { call: formless } = await connect({ capabilities: { extensions: TASKING.extensions ?? {} } });
    const form = await formless("start_workflow", { workflow: "trip", input: TRIP, wait_seconds: 10 });
    expect(form).toMatchObject({ structuredContent: { status: "awaiting", awaiting: [{ await_id: "wish" }] } });
    const own = await call("start_workflow", { workflow: "owned", input: { id: "owned-1" }, wait_seconds: 10 });
    expect(own).toMatchObject({ structuredContent: { status: "awaiting", awaiting: [{ decider: "human" }] } });
    for (const { taskId } of [free, gate, form, own]) expect(taskId).toBeUndefined();
  });

  it.each<Who>([{ capabilities: { elicitation: {} } }, { capabilities: {} }, { isLegacy: true }])(
    "is answered with the run for a client that does not take tasks: %o",
    async (who) => {
      const { call } = await connect(who);
      const answer = await call("start_workflow", { workflow: "trip", input: TRIP, wait_seconds: 10 });
      expect(answer.taskId).toBeUndefined();
      expect(answer).toMatchObject({ structuredContent: { status: "awaiting" } });
    },
  );
});

describe("a task", () => {
  it("asks its client's user by forms, one after the other, and gives the result of the call", async () => {
    const { begin, until, update, get } = await connect();
    const task = await begin("start_workflow", { workflow: "trip", input: TRIP, wait_seconds: 10 });
    const wish = questionIn(await until(task, "input_required"));
    expect(wish).toMatchObject({ message: expect.stringMatching(/^Where shall it go\?\n\nwho:\n> Ada\n/) as string });
    expect(wish.requestedSchema).toMatchObject({ required: ["city", "days"], properties: { pace: { enum: ["slow", "fast"] } } });
    expect(questionIn(await get(task)).key).toBe(wish.key);
    expect(await update(task, { [wish.key]: LONDON })).toEqual({ _meta: expect.anything() as object });

    const confirmed = questionIn(await until(task, "input_required"));
    expect(confirmed.key).not.toBe(wish.key);
    expect(confirmed.message).toContain("> Ada: 3 days in London, slow");
    await update(task, { [confirmed.key]: { action: "accept", content: { decision: "approve" } } });
    const { result } = await until(task, "completed");
    expect(result).toMatchObject({
      structuredContent: { run_id: task, status: "completed", output: { text: "approve: Ada: 3 days in London, slow" } },
    });
    expect(JSON.parse(z.object({ text: z.string() }).parse(result?.content[0]).text)).toEqual(result?.structuredContent);
    for (const { actor } of await deliveries(task)) expect(actor).toMatchObject({ assurance: "client" });
  });

  it("keeps a question whose answer does not fit, and says all that is wrong with it", async () => {
    const { begin, until, update, get, cancel } = await connect();
    const task = await begin("run_trip", TRIP);
    const { key } = questionIn(await until(task, "input_required"));
    for (const [response, said] of [
      [{ action: "accept", content: { city: "X", days: 99 } }, [`${key}, city`, `${key}, days`]],
      [{ action: "accept" }, [`${key}, city`]],
      [{ method: "elicitation/create", result: LONDON }, [`${key}: is no answer to a form`]],
      [{ roots: [] }, [`${key}: is no answer to a form`]],
      ["London", [`${key}: is no answer to a form`]],
      [{ action: "accept", content: { city: { name: "London" }, days: 3 } }, [`${key}, city`]],
      [{ action: "accept", content: { city: nested(500), days: 3 } }, [`${key}`]],
    ] as const) {
      await expect(update(task, { [key]: response })).rejects.toMatchObject({
        code: -32_602,
        message: expect.stringMatching(new RegExp(said.join(".*"))) as string,
      });
      expect(questionIn(await get(task)).key).toBe(key);
    }
    expect(await deliveries(task)).toEqual([]);
    await cancel(task);
  });

  it("takes nothing from a form that was closed, and goes on asking", async () => {
    const { begin, until, update, get, cancel } = await connect();
    const task = await begin("run_trip", TRIP);
    const { key } = questionIn(await until(task, "input_required"));
    for (const action of ["decline", "cancel"]) await update(task, { [key]: { action } });
    expect(questionIn(await get(task)).key).toBe(key);
    expect(await deliveries(task)).toEqual([]);
    await cancel(task);
  });

  it("takes an answer once, however often and by whomever it is given again", async () => {
    const { begin, until, update, cancel } = await connect();
    const task = await begin("run_trip", TRIP);
    const { key } = questionIn(await until(task, "input_required"));
    const other = { action: "accept", content: { city: "Paris", days: 1 } };
    await Promise.all([update(task, { [key]: LONDON }), update(task, { [key]: LONDON }), update(task, { [key]: other })]);
    await update(task, { [key]: other, never_asked: LONDON, __proto__: LONDON });
    expect(await deliveries(task)).toHaveLength(1);
    expect(questionIn(await until(task, "input_required")).key).not.toBe(key);
    await cancel(task);
  });

  it("asks for several things at once, each under its key, and keeps those that are not answered", async () => {
    const { begin, until, get, update } = await connect();
    const task = await begin("start_workflow", { workflow: "survey", input: { items: [{ id: "a" }, { id: "b" }] }, wait_seconds: 0 });
    await until(task, "input_required");
    const answers = async () => questionsIn(await get(task)).map(({ key, message }) => ({ key, of: /"id": "(.*)"/.exec(message)?.[1] }));
    await expect.poll(answers).toHaveLength(2);
    const [a, b] = (await answers()).sort((x, y) => String(x.of).localeCompare(String(y.of)));
    await expect(
      update(task, {
        [a?.key ?? ""]: { action: "accept", content: { text: "yes" } },
        [b?.key ?? ""]: { action: "accept", content: { text: "n" } },
      }),
    ).rejects.toMatchObject({ message: expect.stringContaining(`${b?.key}, text`) as string });
    expect(await answers()).toEqual([b]);
    await update(task, { [b?.key ?? ""]: { action: "accept", content: { text: "no" } } });
    expect((await until(task, "completed")).result).toMatchObject({ structuredContent: { status: "completed" } });
  });

  it("asks at most 20 things at once, and the others as these are answered", async () => {
    const { begin, until, get, update } = await connect();
    const items = Array.from({ length: 21 }, (_, index) => ({ id: `item-${index}` }));
    const task = await begin("start_workflow", { workflow: "survey", input: { items }, wait_seconds: 0 });
    await until(task, "input_required");
    await expect.poll(async () => (await kindling.get(task))?.awaits).toHaveLength(21);
    const first = questionsIn(await get(task)).map(({ key }) => key);
    expect(first).toHaveLength(20);
    await update(task, Object.fromEntries(first.map((key) => [key, { action: "accept", content: { text: "yes" } }])));
    const last = questionIn(await get(task));
    expect(first).not.toContain(last.key);
    await update(task, { [last.key]: { action: "accept", content: { text: "yes" } } });
    await until(task, "completed");
  });

  it("asks for what can be asked, whatever else is waited for longer", async () => {
    const { get, cancel } = await connect({ who: "ops" });
    const { id } = await kindling.start("crowd", {});
    await expect.poll(async () => (await kindling.get(id))?.awaits).toHaveLength(26);
    expect(questionIn(await get(id)).requestedSchema).toMatchObject({ required: ["text"] });
    await cancel(id);
  });

  it("whose question is asked anew about something else takes no answer to the old one", async () => {
    const { begin, until, update, cancel } = await connect();
    const task = await begin("start_workflow", { workflow: "survey", input: { items: [{ id: "a" }] }, wait_seconds: 10 });
    const { key } = questionIn(await until(task, "input_required"));
    await kindling.update(task, { items: [{ id: "a", about: "tea" }] });
    await expect.poll(async () => questionIn(await until(task, "input_required")).message).toContain('"about": "tea"');
    expect(questionIn(await until(task, "input_required")).key).not.toBe(key);
    await update(task, { [key]: { action: "accept", content: { text: "yes" } } });
    expect(await deliveries(task)).toEqual([]);
    await cancel(task);
  });

  it("never asks its client for a gate that is decided elsewhere, and says where", async () => {
    const { get, update } = await connect();
    const { id } = await kindling.start("held", { id: "held-2" }, { tags: ["mcp:ada"] });
    const task = await (await connect()).until(id, "working");
    expect(task.inputRequests).toBeUndefined();
    await expect.poll(async () => (await get(id)).statusMessage).toMatch(/Is it good\?.*kindling approve .* review/);
    await update(id, { review: { action: "accept", content: { decision: "approve" } } });
    expect(await deliveries(id)).toEqual([]);
  });

  it("asks nobody whose client shows no forms", async () => {
    const { begin, until, cancel } = await connect();
    const task = await begin("run_trip", TRIP);
    await until(task, "input_required");
    const { get } = await connect({ capabilities: { extensions: TASKING.extensions ?? {} } });
    expect(await get(task)).toMatchObject({ status: "working", statusMessage: expect.stringContaining("deliver_event") as string });
    await cancel(task);
  });

  it("is cancelled by its client, as often as it says so", async () => {
    const { begin, cancel, get } = await connect();
    const task = await begin("start_workflow", { workflow: "slow-sum", input: { ms: 60_000 } });
    expect(await cancel(task)).toEqual({ _meta: expect.anything() as object });
    expect(await get(task)).toMatchObject({ status: "cancelled", statusMessage: "cancelled by the client of its task" });
    await cancel(task);
    expect((await kindling.get(task))?.status).toBe("cancelled");
  });

  it("that failed has the error of its tool for a result, and only a fault of the server's own is one of the protocol", async () => {
    const { get } = await connect({ who: "ops" });
    const failed = await kindling.start("always-throws", {});
    await failed.settled();
    const thrown = await get(failed.id);
    expect(thrown).toMatchObject({
      status: "completed",
      result: { isError: true, structuredContent: { status: "failed", error: { code: "threw" } } },
    });
    const broken = await kindling.start("breaks-a-rule", {});
    await broken.settled();
    const fault = await get(broken.id);
    expect(fault).toMatchObject({ status: "failed", error: { code: -32_603 } });
    expect(fault.result).toBeUndefined();
    expect(JSON.stringify([thrown, fault])).not.toContain(SECRET);
  });
});
