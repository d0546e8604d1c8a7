// Awaits asked in the client, in both eras: the user sees what is asked, an accepted form is delivered once as what the client says of its user, and whatever
// else comes back records nothing.

import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { createRuntime, memoryLedger } from "../../src/index.ts";
import { askingClient, stateOf, type FormAnswer } from "./asking-client.ts";
import { gated, listing, trip } from "./fixtures/questions.ts";
import { EACH } from "./served-project.ts";

const WISH = { action: "accept", content: { city: "Oslo", days: 3 } } as const;
const YES = { action: "accept", content: { decision: "approve" } } as const;
const KEY = "k".repeat(32);

const CONTRACTS = [
  trip,
  listing,
  gated("plain", { assurance: "client" }),
  gated("editors", { assurance: "client", roles: ["editor"] }),
  gated("others", { assurance: "client", notStarter: true }),
];

async function runtime() {
  const kindling = await createRuntime({ contracts: CONTRACTS, ledger: memoryLedger() });
  onTestFinished(() => kindling.close());
  const begun = async (name: string, inputs: object = {}) => {
    const run = await kindling.start(name, inputs, { actor: { id: "mcp:asking", assurance: "agent" } });
    await run.settled();
    return run.id;
  };
  const delivered = async (id: string) => (await kindling.facts(id)).filter(({ type }) => type === "event.delivered");
  return { kindling, begun, delivered };
}

describe.each(EACH)("in the $era era over $wire", ({ era, wire }) => {
  it("the user is asked for an await and for a gate, and both answers are recorded as what the client says", async () => {
    const { kindling, begun, delivered } = await runtime();
    const answers: FormAnswer[] = [WISH, { action: "accept", content: { decision: "approve", comment: "soon" } }];
    const { call, forms } = await askingClient(kindling, era, { wire, answer: () => answers.shift() ?? "cancel" });
    const run_id = await begun("trip", { who: "Ada" });
    const waiting = await call("get_run", { run_id });
    expect(waiting.value).toMatchObject({
      awaiting: [{ decider: "agent", how: expect.stringContaining("your client asks the user") as string }],
    });
    expect((await call("deliver_event", { run_id, await_id: "wish" })).isError).toBe(false);
    const gate = await call("get_run", { run_id, wait_seconds: 10 });
    expect(gate.value).toMatchObject({
      awaiting: [{ await_id: "confirmed", decider: "human" }],
      next: expect.stringContaining("request_approval") as string,
    });
    expect((await call("request_approval", { run_id, await_id: "confirmed" })).value).toMatchObject({ state: "approved" });
    expect((await call("get_run", { run_id, wait_seconds: 10, wait_for: "end" })).value).toMatchObject({
      status: "completed",
      output: { text: "approve: Ada: 3 days in Oslo, slow" },
    });
    expect(forms).toMatchObject([
      {
        message: expect.stringMatching(/^Where shall it go\?\n\nwho:\n> Ada\n\nWorkflow trip, run run_/) as string,
        requestedSchema: { required: ["city", "days"] },
      },
      { message: expect.stringContaining("> Ada: 3 days in Oslo, slow") as string },
    ]);
    const actor = { id: "client-asserted:mcp:asking", assurance: "client" };
    expect(await delivered(run_id)).toMatchObject([{ actor }, { actor, payload: { decision: "approve", comment: "soon" } }]);
  });

  it.each(["decline", "cancel"] as const)(
    "a form that the user answers with %s records nothing, and the run still waits",
    async (answer) => {
      const { kindling, begun, delivered } = await runtime();
      const { call } = await askingClient(kindling, era, { wire, answer: () => answer });
      const [asking, gate] = [await begun("trip", { who: "Ada" }), await begun("plain", { id: "1" })];
      expect((await call("deliver_event", { run_id: asking, await_id: "wish" })).value).toMatchObject({ error: { code: "not_answered" } });
      const refused = await call("request_approval", { run_id: gate, await_id: "review" });
      expect(refused.value).toMatchObject({
        state: "pending",
        run: { status: "awaiting" },
        tell_user: expect.stringContaining("nothing was recorded") as string,
      });
      expect([...(await delivered(asking)), ...(await delivered(gate))]).toEqual([]);
      expect((await kindling.get(asking))?.awaits).toHaveLength(1);
    },
  );

  it("an answer that does not fit is asked again with what is wrong, and at last refused", async () => {
    const { kindling, begun } = await runtime();
    const answers: FormAnswer[] = [{ action: "accept", content: { city: "X", days: 99 } }, WISH];
    const { call, forms } = await askingClient(kindling, era, { wire, answer: () => answers.shift() ?? { action: "accept", content: {} } });
    const run_id = await begun("trip", { who: "Ada" });
    expect((await call("deliver_event", { run_id, await_id: "wish" })).isError).toBe(false);
    expect(forms[1]?.message).toMatch(/^That did not fit: city: .*; days: .*\n\nWhere shall it go\?/);
    const other = await begun("trip", { who: "Bob" });
    expect((await call("deliver_event", { run_id: other, await_id: "wish" })).value).toMatchObject({ error: { code: "invalid_payload" } });
    expect(forms).toHaveLength(5);
  });

  it("what has changed while the user looked is asked anew", async () => {
    const { kindling, begun, delivered } = await runtime();
    const run_id = await begun("plain", { id: "1", text: "the old text" });
    const { call, forms } = await askingClient(kindling, era, {
      wire,
      answer: async () => {
        if (forms.length === 1) {
          await kindling.update(run_id, { text: "the new text" });
          await (await kindling.run(run_id)).settled();
        }
        return YES;
      },
    });
    expect((await call("request_approval", { run_id, await_id: "review" })).value).toMatchObject({ state: "approved" });
    expect(forms.map(({ message }) => message)).toEqual([
      expect.stringContaining("> the old text"),
      expect.stringMatching(/^What you were shown has changed\.[^]*> the new text/),
    ]);
    expect(await delivered(run_id)).toHaveLength(1);
  });

  it("nobody is asked what no form can hold, what is for people elsewhere, or for somebody who may not decide", async () => {
    const { kindling, begun } = await runtime();
    const { call, forms } = await askingClient(kindling, era, { wire, answer: () => YES });
    expect((await call("deliver_event", { run_id: await begun("listing"), await_id: "pages" })).value).toMatchObject({
      error: { code: "cannot_ask" },
    });
    for (const name of ["editors", "others"])
      expect((await call("request_approval", { run_id: await begun(name, { id: "1" }), await_id: "review" })).value).toMatchObject({
        state: "pending",
      });
    const long = await begun("plain", { id: "1", text: "x".repeat(20_000) });
    expect((await call("request_approval", { run_id: long, await_id: "review" })).value).toMatchObject({ state: "pending" });
    expect(forms).toEqual([]);
  });

  it("a client that shows no forms is told so, with another way", async () => {
    const { kindling, begun } = await runtime();
    const { call } = await askingClient(kindling, era, { wire });
    const asking = await call("deliver_event", { run_id: await begun("trip", { who: "Ada" }), await_id: "wish" });
    expect(asking.value).toMatchObject({
      error: { code: "cannot_ask", fix: expect.stringContaining("deliver_event with the payload") as string },
    });
    const run_id = await begun("plain", { id: "1" });
    const gate = await call("request_approval", { run_id, await_id: "review" });
    expect(gate.value).toMatchObject({ state: "pending", command: `kindling approve ${run_id} review` });
  });

  it("what is shown cannot pass for the words around it, nor hide", async () => {
    const { kindling, begun } = await runtime();
    const { call, forms } = await askingClient(kindling, era, { wire, answer: () => "cancel" });
    const run_id = await begun("plain", { id: "1", text: "fine\n\nWorkflow other, run run_1\u202e\u0007" });
    await call("request_approval", { run_id, await_id: "review" });
    expect(forms[0]?.message).toBe(
      `Is it good?\n\ndraft:\n> fine\n> \n> Workflow other, run run_1<U+202E><U+0007>\n\nWorkflow plain, run ${run_id}, review`,
    );
  });
});

describe("a question of the modern era", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  const accepted = (requestState: string, answer: object = YES) => ({ requestState, inputResponses: { answer } });

  async function asked(stateKey?: string) {
    const world = await runtime();
    const run_id = await world.begun("plain", { id: "1" });
    const args = { run_id, await_id: "review" };
    const options = { answer: () => "cancel" as const, ...(stateKey === undefined ? {} : { stateKey }) };
    const client = await askingClient(world.kindling, "modern", options);
    const state = stateOf(await client.raw("request_approval", args));
    return { ...world, ...client, args, run_id, state, options };
  }

  it("is answered once: the same answer again is the first one's, another one changes nothing", async () => {
    const { raw, args, run_id, state, delivered } = await asked();
    expect(await raw("request_approval", args, accepted(state))).toMatchObject({ value: { state: "approved" } });
    expect(await raw("request_approval", args, accepted(state))).toMatchObject({ value: { state: "approved" } });
    const other = accepted(state, { action: "accept", content: { decision: "reject" } });
    expect(await raw("request_approval", args, other)).toMatchObject({ value: { state: "approved" } });
    expect(await delivered(run_id)).toHaveLength(1);
  });

  it("that comes back for an await of the agent after it was answered is the same delivery", async () => {
    const { raw, begun } = await asked();
    const args = { run_id: await begun("trip", { who: "Ada" }), await_id: "wish" };
    const state = stateOf(await raw("deliver_event", args));
    expect(await raw("deliver_event", args, accepted(state, WISH))).not.toMatchObject({ value: { replayed: true } });
    expect(await raw("deliver_event", args, accepted(state, WISH))).toMatchObject({ value: { replayed: true } });
    expect(await raw("deliver_event", args)).toMatchObject({ value: { error: { code: "already_decided" } } });
  });

  it("is asked anew where the await was closed since and opened again, though it shows the same", async () => {
    const { kindling, raw, args, run_id, state, delivered } = await asked();
    const shown = (await kindling.awaiting(run_id)).shown;
    for (const text of ["another draft", "a draft"]) {
      await kindling.update(run_id, { text });
      await (await kindling.run(run_id)).settled();
    }
    expect((await kindling.awaiting(run_id)).shown).toBe(shown);
    const again = await raw("request_approval", args, accepted(state));
    expect(JSON.stringify(again)).toContain("asked anew");
    expect(await delivered(run_id)).toEqual([]);
    expect(await raw("request_approval", args, accepted(stateOf(again)))).toMatchObject({ value: { state: "approved" } });
  });

  it.each([
    ["cut", (state: string) => state.slice(0, -4)],
    ["made up", () => `v1.${Buffer.from(JSON.stringify({ p: {}, exp: 9e9 })).toString("base64url")}.AAAA`],
    ["changed", (state: string) => state.replace(/^v1\.(.)/, (_, first: string) => `v1.${first === "e" ? "f" : "e"}`)],
    ["empty", () => ""],
  ])("whose state is %s is refused by the protocol", async (_, change) => {
    const { raw, args, state, run_id, delivered } = await asked();
    await expect(raw("request_approval", args, accepted(change(state)))).rejects.toMatchObject({ code: -32602 });
    expect(await delivered(run_id)).toEqual([]);
  });

  it("is not answered after ten minutes", async () => {
    const { raw, args, state } = await asked();
    vi.useFakeTimers({ now: Date.now() + 601_000, toFake: ["Date"] });
    await expect(raw("request_approval", args, accepted(state))).rejects.toMatchObject({ code: -32602 });
  });

  it("counts for its own call only: neither for another run, nor another tool, nor without its state", async () => {
    const { raw, begun, state, delivered } = await asked();
    const other = await begun("plain", { id: "2" });
    const wrong = { value: { error: { code: "wrong_question" } } };
    expect(await raw("request_approval", { run_id: other, await_id: "review" }, accepted(state))).toMatchObject(wrong);
    const wish = await begun("trip", { who: "Ada" });
    expect(await raw("deliver_event", { run_id: wish, await_id: "wish" }, accepted(state))).toMatchObject(wrong);
    const bare = await raw("request_approval", { run_id: other, await_id: "review" }, { inputResponses: { answer: YES } });
    expect(stateOf(bare)).toBeTruthy();
    expect([...(await delivered(other)), ...(await delivered(wish))]).toEqual([]);
  });

  it("is known to another process with the same key, and to none with another", async () => {
    const { kindling, args, state, options } = await asked(KEY);
    const stranger = await askingClient(kindling, "modern", { ...options, stateKey: "o".repeat(32) });
    await expect(stranger.raw("request_approval", args, accepted(state))).rejects.toMatchObject({ code: -32602 });
    const sibling = await askingClient(kindling, "modern", options);
    expect(await sibling.raw("request_approval", args, accepted(state))).toMatchObject({ value: { state: "approved" } });
  });
});
