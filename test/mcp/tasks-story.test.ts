// A task outlives everybody: it is started, its client goes and its server is killed with SIGKILL, and whoever comes next finds it by its id, answers, and has the
// result. Real processes of `kindling mcp`; between any two steps nothing is left but the ledger.

import { describe, expect, it } from "vitest";
import * as z from "zod";
import { servedProject } from "./served-project.ts";
import { admittingTasks, questionIn, TASKING, tasksOf } from "./tasking-client.ts";

const NOTE = { workflow: "publish-note", input: { topic: "Rain", words: 50 }, idempotency_key: "note-about-rain-1", wait_seconds: 10 };
const TEXT = "approve: Rain in 50 words after the almanac and 1 more";
const Types = z.object({ events: z.array(z.object({ type: z.string() })) });

describe.each(["stdio", "http"] as const)("over %s a task", (wire) => {
  it("is started, left, answered, approved and fetched, in one server after the other", async () => {
    const { client, call, kill, kindling } = await servedProject(wire, "modern", { capabilities: TASKING, through: admittingTasks });
    const tasks = async () => tasksOf(await client());
    const task = await (await tasks()).begin("start_workflow", NOTE);
    const other = await (await tasks()).begin("start_workflow", { ...NOTE, idempotency_key: "note-about-rain-2" });
    await kill();

    // The next client starts the same once more, since it cannot know; and it asks what there is to do.
    expect(await (await tasks()).begin("start_workflow", NOTE)).toBe(task);
    const { key, message } = questionIn(await (await tasks()).get(task));
    expect(message).toMatch(/^How many sources are there, and which is the best\?/);
    await (await tasks()).cancel(other);
    await kill();

    // The key is known to a server that knows nothing but the ledger.
    const answer = (count: number) => ({ [key]: { action: "accept", content: { count, best: "the almanac" } } });
    await expect((await tasks()).update(task, answer(0))).rejects.toMatchObject({ code: -32_602 });
    await (await tasks()).update(task, answer(2));
    await kill();

    // What was acknowledged is there; the same answer again changes nothing.
    await (await tasks()).update(task, answer(2));
    const waiting = await (await tasks()).until(task, "working");
    expect(waiting.statusMessage).toContain(`kindling approve ${task} review`);
    expect(await kindling("approve", task, "review")).toMatchObject({ code: 0 });
    const { result } = await (await tasks()).until(task, "completed");
    expect(result).toMatchObject({ structuredContent: { run_id: task, status: "completed", output: { text: TEXT } } });
    await kill();

    expect((await (await tasks()).get(task)).result).toEqual(result);
    expect(await (await tasks()).get(other)).toMatchObject({ status: "cancelled" });
    const { events } = Types.parse((await call("get_run_events", { run_id: task, limit: 100 })).value);
    expect(events.filter(({ type }) => type === "event.delivered")).toHaveLength(2);
    expect(await kindling("verify")).toMatchObject({ code: 0 });
  });
});
