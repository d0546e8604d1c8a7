// What the methods of tasks refuse: clients that do not take tasks, tasks of others, and what makes no sense.

import { describe, expect, it } from "vitest";
import { openTaskWorld } from "./task-world.ts";
import type { Tasks } from "./tasking-client.ts";

const TRIP = { who: "Ada" };
const LONDON = { action: "accept", content: { city: "London", days: 3 } };
const NO_TASK = { code: -32_602, message: "There is no task with this id. Use the taskId that the call gave, exactly." };

const { kindling, connect } = await openTaskWorld();

/** Every method of tasks, each about the same task. */
const METHODS: readonly ((tasks: Tasks, id: string) => Promise<object>)[] = [
  (tasks, id) => tasks.get(id),
  (tasks, id) => tasks.update(id, { any: LONDON }),
  (tasks, id) => tasks.cancel(id),
];

describe("the methods of tasks", () => {
  it("refuse clients that do not take tasks, and say what is missing", async () => {
    const tasks = await connect({ capabilities: { elicitation: {} } });
    const listen = () => tasks.request("subscriptions/listen", { notifications: { taskIds: ["any"] } });
    for (const send of [...METHODS, listen])
      await expect(send(tasks, "any")).rejects.toMatchObject({
        code: -32_021,
        data: { requiredCapabilities: { extensions: { "io.modelcontextprotocol/tasks": {} } } },
      });
  });

  it("are not there for clients of the 2025 era", async () => {
    const tasks = await connect({ isLegacy: true });
    for (const send of METHODS) await expect(send(tasks, "any")).rejects.toMatchObject({ code: -32_601 });
  });

  it("answer for a task of somebody else as for none", async () => {
    const ada = await connect();
    const task = await ada.begin("run_trip", TRIP);
    await ada.until(task, "input_required");
    const bob = await connect({ who: "bob" });
    for (const id of [task, "run_nobody", "__proto__", "../facts", "\u0000"])
      for (const send of METHODS) await expect(send(bob, id)).rejects.toMatchObject(NO_TASK);
    expect((await ada.get(task)).status).toBe("input_required");
    const ops = await connect({ who: "ops" });
    expect((await ops.get(task)).status).toBe("input_required");
    await ops.cancel(task);
    expect((await ada.get(task)).status).toBe("cancelled");
  });

  it.each([
    ["tasks/get", {}, /taskId/],
    ["tasks/get", { taskId: "" }, /taskId/],
    ["tasks/get", { taskId: 7 }, /taskId/],
    ["tasks/get", { taskId: "x".repeat(201) }, /taskId/],
    ["tasks/cancel", { taskId: { $ne: null } }, /taskId/],
    ["tasks/update", { taskId: "held" }, /inputResponses/],
    ["tasks/update", { taskId: "held", inputResponses: "yes" }, /inputResponses/],
    ["tasks/update", { taskId: "held", inputResponses: [] }, /inputResponses/],
    ["tasks/update", { taskId: "held", inputResponses: {} }, /inputResponses/],
  ])("refuse %s with %o", async (method, params: { readonly taskId?: unknown }, said) => {
    const { id } = await kindling.start("held", { id: `held-${crypto.randomUUID()}` }, { tags: ["mcp:ada"] });
    const { request } = await connect();
    const given = params.taskId === "held" ? { ...params, taskId: id } : params;
    await expect(request(method, given)).rejects.toMatchObject({ code: -32_602, message: expect.stringMatching(said) as string });
  });
});
