// Real processes of `kindling mcp`, over both wires and in both eras: a form survives the server that asked, a gate is refused to whoever speaks MCP, and a person at the
// command line opens it.

import { withInputRequired } from "@modelcontextprotocol/client";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { answerOf } from "./mcp-process.ts";
import { EACH, servedProject, type ServedProject } from "./served-project.ts";

const SOURCES = { count: 2, best: "the almanac" };
const YES = { action: "accept", content: { decision: "approve" } };
const Result = z.looseObject({ content: z.array(z.unknown()) });
const Question = z.object({ requestState: z.string(), inputRequests: z.object({ answer: z.unknown() }) });

/** A call with further parameters, whose question is given back and not answered. */
async function raw({ client }: ServedProject, name: string, args: object, more: object = {}): Promise<unknown> {
  const request = { method: "tools/call", params: { name, arguments: args, ...more } };
  return (await client()).request(request, withInputRequired(Result), { allowInputRequired: true });
}

/** The client of the modern era brings the answer itself, to whichever process there is; gives the question's state. */
async function answerLater(project: ServedProject, args: object): Promise<string> {
  const { requestState } = Question.parse(await raw(project, "deliver_event", args));
  await project.kill();
  // The signature's first character: the last one of base64 has bits that say nothing, so another may spell the same bytes.
  const forged = requestState.replace(/(?<=\.)[^.](?=[^.]*$)/, (first) => (first === "A" ? "B" : "A"));
  const inputResponses = { answer: { action: "accept", content: SOURCES } };
  await expect(raw(project, "deliver_event", args, { requestState: forged, inputResponses })).rejects.toMatchObject({ code: -32_602 });
  const answered = answerOf(await raw(project, "deliver_event", args, { requestState, inputResponses }));
  expect(answered).toMatchObject({ isError: false });
  const again = answerOf(await raw(project, "deliver_event", args, { requestState, inputResponses }));
  expect(again).toMatchObject({ isError: false, value: { replayed: true } });
  return requestState;
}

/** What an agent tries at the gate, each with its code. */
async function attack(project: ServedProject, run_id: string, requestState: string | undefined): Promise<void> {
  const gate = { run_id, await_id: "review" };
  const refused = async (name: string, args: object, more: object = {}) => {
    const { isError, value } = answerOf(await raw(project, name, args, more));
    expect(isError).toBe(true);
    return value;
  };
  const human = {
    error: { code: "human_decision_required", fix: expect.stringContaining(`kindling approve ${run_id} review`) as string },
  };
  const payload = { decision: "approve" };
  const _meta = { actor: { id: "cli:ada", assurance: "outOfBand" } };
  expect(await refused("deliver_event", { ...gate, payload })).toMatchObject(human);
  expect(await refused("deliver_event", { ...gate, payload }, { _meta, inputResponses: { answer: YES } })).toMatchObject(human);
  expect(await refused("deliver_event", gate, { inputResponses: { answer: YES } })).toMatchObject(human);
  expect(await refused("request_approval", { ...gate, decision: "approve" })).toMatchObject({ error: { code: "invalid_arguments" } });
  const state = requestState === undefined ? {} : { requestState };
  const asked = await raw(project, "request_approval", gate, { ...state, inputResponses: { answer: YES } });
  expect(answerOf(asked)).toMatchObject({ value: { state: "pending", command: `kindling approve ${run_id} review` } });
}

describe.each(EACH)("over $wire in the $era era", ({ wire, era }) => {
  it("a form is answered though its server was killed, the gate stays shut to the client, and a person opens it", async () => {
    let forms = 0;
    const fill = () => {
      forms += 1;
      // The first form of a client of the 2025 era is lost with its server, and asked anew.
      if (forms === 1) void project.kill();
      return SOURCES;
    };
    const project = await servedProject(wire, era, { fill });
    const { value } = await project.call("start_workflow", { workflow: "publish-note", input: { topic: "Rain" }, wait_seconds: 10 });
    const run_id = z.string().parse(value["run_id"]);
    const args = { run_id, await_id: "sources" };
    const state = era === "modern" ? await answerLater(project, args) : undefined;
    if (era === "legacy") {
      await expect(project.call("deliver_event", args)).rejects.toThrow();
      expect(await project.call("deliver_event", args)).toMatchObject({ isError: false });
      expect(forms).toBe(2);
    }
    await project.call("get_run", { run_id, wait_seconds: 10 });
    await attack(project, run_id, state);
    expect(await project.kindling("approve", run_id, "review")).toMatchObject({ code: 0 });
    const done = await project.call("get_run", { run_id, wait_for: "end", wait_seconds: 20 });
    expect(done.value).toMatchObject({ status: "completed", output: { text: expect.stringMatching(/^approve: Rain/) as string } });
    const events = z.object({ events: z.array(z.looseObject({ type: z.string() })) });
    const told = events.parse((await project.call("get_run_events", { run_id, limit: 100 })).value).events;
    expect(told.filter(({ type }) => type === "event.delivered")).toMatchObject([
      { detail: "sources.found by client-asserted:mcp:story" },
      { detail: expect.stringMatching(/^note\.reviewed by cli:/) as string },
    ]);
  });
});
