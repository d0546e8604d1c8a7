// Events, inputs and callers that are not as they should be: the answer says where, what and what to do, and the run waits on as if nothing had come.

import { contract, createRuntime, type AnyContract, type DeliverRequest, type Kindling, type Run, type RunView } from "kindling";
import { memoryLedger } from "kindling/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";

const asking = contract("asking", {
  inputs: { id: z.string(), about: z.unknown() },
  correlate: ["id"],
  define: (g, { id, about }) => g.await("answer", { event: "answered", schema: z.unknown(), show: { id, about } }),
});

/** A host that a test may stop: it is closed whatever that says. */
async function open(...contracts: readonly AnyContract[]): Promise<Kindling> {
  const kindling = await createRuntime({ contracts, ledger: memoryLedger() });
  onTestFinished(() => kindling.close().catch(() => undefined));
  return kindling;
}

async function waiting(): Promise<{ readonly kindling: Kindling; readonly run: Run; readonly view: RunView }> {
  const kindling = await open(asking);
  const run = await kindling.start(asking, { id: "a" });
  return { kindling, run, view: await run.settled() };
}

/** That nothing was recorded, and that the right event is still taken. */
async function stands(kindling: Kindling, run: Run, view: RunView): Promise<void> {
  expect(await run.get()).toEqual(view);
  expect(await kindling.deliver({ event: "answered", run: run.id, payload: "right" })).toMatchObject({ status: "delivered" });
  expect(await run.result()).toBe("right");
}

function nested(wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let depth = 0; depth < 10_000; depth++) value = wrap(value);
  return value;
}

const noLook = (): never => {
  throw new Error("no look");
};

const throwing = (trap: "ownKeys" | "getPrototypeOf") => new Proxy({}, { [trap]: noLook });

// What callers without types pass; the casts below play them.
const loose = (request: object): DeliverRequest => request as DeliverRequest;

describe("an event for no run is refused with what it looked for and what to do, and those that wait go on", () => {
  it.each([
    [
      "a run that is not there",
      { event: "answered", run: "run_none" },
      "run_not_found",
      /no run "run_none" that awaits "answered" \| .*kindling list/,
    ],
    [
      "a correlation nobody has",
      { event: "answered", correlation: { id: "b" } },
      "run_not_found",
      /\{"id":"b"\}.*"answered" \| Check the correlation/,
    ],
    ["a key that is none", { event: "answered", correlation: { name: "a" } }, "run_not_found", /\{"name":"a"\}/],
    ["a key named __proto__", { event: "answered", correlation: JSON.parse('{"__proto__":"a"}') as never }, "run_not_found", /__proto__/],
    [
      "neither run nor correlation",
      { event: "answered" },
      "run_not_found",
      /"answered" says neither run nor correlation \| Give the run's id/,
    ],
    [
      "an event nobody awaits",
      { event: "anwsered", run: "run_none" },
      "unknown_event",
      /no contract awaits the event "anwsered" \| Did you mean "answered"/,
    ],
  ] as const)("%s", async (_what, request, code, words) => {
    const { kindling, run, view } = await waiting();
    const refusal = await kindling.deliver({ ...request, payload: 1 });
    expect(refusal).toMatchObject({ status: "refused", code });
    if (refusal.status === "refused") expect(`${refusal.message} | ${refusal.fix}`).toMatch(words);
    await stands(kindling, run, view);
  });

  // deliver-early.ts `deliverWithoutAwait`: with a path that is no await's nothing may open there, so `late ?? runEnded(request)` answers that the run
  // has ended, though it waits. look-back.ts should say that there is no such await, and which are open.
  it("a path that is none in a run that waits", async () => {
    const { kindling, run } = await waiting();
    expect(await kindling.deliver({ event: "answered", run: run.id, path: "anwser", payload: 1 })).toMatchObject({
      status: "refused",
      code: "run_not_found",
      message: expect.stringMatching(/no await "anwser"/),
      fix: expect.stringMatching(/"answer"/),
    });
  });
});

describe("a payload that is no JSON is refused with the place in it, what it is and the cure, and the await stays open", () => {
  it.each([
    ["a BigInt", { price: 1n }, "price", /is a bigint; use a string/],
    ["a Date", { when: new Date(0) }, "when", /is a Date.*toISOString/],
    ["a Map", new Map(), "", /is a Map.*use plain objects and lists/],
    ["undefined", undefined, "", /is undefined; use null/],
    ["NaN", { list: [Number.NaN] }, "list[0]", /is NaN.*use null or a string/],
    ["a function", { call: () => 1 }, "call", /is a function/],
    ["a promise", Promise.resolve(1), "", /is a Promise/],
    ["a key __proto__", JSON.parse('{"a":{"__proto__":1}}'), "a", /has a key "__proto__"/],
    ["10,000 deep", nested((a) => ({ a })), "a.a.a", /is nested deeper than 64 levels/],
  ] satisfies readonly (readonly [string, unknown, string, RegExp])[])("%s", async (_what, payload: unknown, at, words) => {
    const { kindling, run, view } = await waiting();
    const refusal = await kindling.deliver({ event: "answered", run: run.id, payload });
    expect(refusal).toMatchObject({
      status: "refused",
      code: "invalid_payload",
      message: expect.stringContaining(at),
      fix: "Send plain JSON.",
      issues: [{ at: expect.stringContaining(at), message: expect.stringMatching(words) }],
    });
    await stands(kindling, run, view);
  });

  // deliver.ts copies the payload with `toJson`, which passes on what a getter or a trap throws, where author-code.ts `givenValue` would tell it.
  it.each([
    ["a getter that throws", Object.defineProperty({}, "price", { enumerable: true, get: noLook })],
    ["a Proxy that throws", throwing("getPrototypeOf")],
  ])("%s", async (_what, payload: unknown) => {
    const { kindling, run } = await waiting();
    expect(await kindling.deliver({ event: "answered", run: run.id, payload })).toMatchObject({
      status: "refused",
      code: "invalid_payload",
    });
  });

  it("and a payload that throws loses nothing: the await is still there", async () => {
    const { kindling, run, view } = await waiting();
    await kindling.deliver({ event: "answered", run: run.id, payload: throwing("getPrototypeOf") }).catch(() => undefined);
    await stands(kindling, run, view);
  });

  // deliver.ts cuts "$." off the place, and of a list's place "$[0]" it cuts the bracket too.
  it("in a list: the place", async () => {
    const { kindling, run } = await waiting();
    expect(await kindling.deliver({ event: "answered", run: run.id, payload: [1n] })).toMatchObject({ issues: [{ at: "[0]" }] });
  });

  // deliver.ts and look-ups by key take a request as it comes: what is no JSON there is an error of JavaScript.
  it.each([
    ["a correlation with a BigInt", { event: "answered", correlation: { id: 1n } }],
    ["no event", { correlation: { id: "a" } }],
  ])("a request with %s", async (_what, request) => {
    const { kindling } = await waiting();
    expect(await kindling.deliver(loose({ ...request, payload: 1 }))).toMatchObject({ status: "refused" });
  });
});

describe("inputs", () => {
  it.each([
    ["null", null, /inputs must be an object with "id", "about" \| Give id/],
    ["a list", [], /inputs must be an object/],
    ["a value of a wrong type", { id: 7 }, /"asking": id: .*expected string, received number/],
    ["a Date", { id: "a", about: { when: new Date(0) } }, /about\.when: is a Date.*toISOString/],
    ["a key __proto__", JSON.parse('{"id":"a","__proto__":1}'), /__proto__: no such input/],
    ["10,000 deep", { id: "a", about: nested((a) => [a]) }, /about\[0\]\[0\].* is nested deeper than 64 levels/],
  ] satisfies readonly (readonly [string, unknown, RegExp])[])("that are %s start no run", async (_what, inputs: unknown, words) => {
    const { kindling, run, view } = await waiting();
    const error: unknown = await kindling.start("asking", inputs).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: "InputError",
      code: "invalid_inputs",
      message: expect.any(String),
      fix: expect.stringMatching(/^Give id/),
    });
    if (error instanceof Error && "fix" in error) expect(`${error.message} | ${String(error.fix)}`).toMatch(words);
    expect((await kindling.list()).items).toHaveLength(1);
    await stands(kindling, run, view);
  });

  // inputs.ts `checkInputs` looks at what is given before anything catches what looking throws.
  it("that throw when they are looked at are told as inputs", async () => {
    const { kindling } = await waiting();
    await expect(kindling.start("asking", throwing("ownKeys"))).rejects.toMatchObject({ code: "invalid_inputs" });
  });

  // start.ts `beginOnce` says the rule and neither the key nor the cure; a key that is no text is taken in silence.
  it.each([
    ["of 201 characters", "x".repeat(201)],
    ["that is empty", ""],
    ["that is a number", 7],
  ])("with an idempotency key %s", async (_what, key: unknown) => {
    const { kindling } = await waiting();
    await expect(kindling.start("asking", { id: "b" }, { idempotencyKey: key as string })).rejects.toMatchObject({
      code: "bad_idempotency_key",
      message: expect.stringMatching(/xxx|""|7/),
      fix: expect.any(String),
    });
  });
});

describe("a child's inputs that do not fit when the run is there", () => {
  const large = contract("large", {
    inputs: { n: z.number().min(10) },
    define: (g, { n }) => g.compute("same", { needs: { n }, run: ({ n }) => n }),
  });
  const parent = contract("parent", {
    inputs: { n: z.number() },
    define: (g, { n }) => g.compose("part", { needs: { n }, child: large }),
  });

  it("fail the part with the input and what is wrong with it, and another value goes on in the same run", async () => {
    const kindling = await open(parent);
    const run = await kindling.start(parent, { n: 3 });
    expect(await run.settled()).toMatchObject({
      status: "failed",
      error: { code: "invalid_inputs", message: expect.stringMatching(/^part: .*n: .*>=10/) },
    });
    await run.update({ n: 12 });
    await run.retry().catch(() => undefined);
    expect(await run.result({ signal: AbortSignal.timeout(20_000) })).toBe(12);
  });

  // children.ts begins the child with the issues alone: the place stands twice, and neither the contract nor a cure is named.
  it("name the contract once, and a cure", async () => {
    const kindling = await open(parent);
    const { error } = await (await kindling.start(parent, { n: 3 })).settled();
    expect(`${error?.message ?? ""} | ${error?.fix ?? ""}`).toMatch(/^part: contract "large": n: .* \| \w+/);
  });

  // inputs.ts `checkOne` asks a child's schema outside any try: what a schema throws stops the host, with every other run in it.
  it("a schema that throws fails its part, and the host goes on", async () => {
    const schema = { "~standard": { version: 1 as const, vendor: "mine", validate: noLook } };
    const odd = contract("odd", { inputs: { n: schema }, define: (g, { n }) => g.compute("same", { needs: { n }, run: () => 1 }) });
    const around = contract("around", {
      inputs: { n: z.number() },
      define: (g, { n }) => g.compose("part", { needs: { n }, child: odd }),
    });
    const kindling = await open(around, asking);
    const view = await (await kindling.start("around", { n: 3 })).settled({ signal: AbortSignal.timeout(20_000) });
    expect(view).toMatchObject({ status: "failed", error: { message: expect.stringMatching(/^part: .*n: .*no look/) } });
    expect((await kindling.start(asking, { id: "a" })).created).toBe(true);
  });
});

describe("whoever calls", () => {
  // start.ts, deliver.ts and cancel.ts record `actor` and `reason` as they are given; body.ts cannot write a fact that is no JSON, and the host stops.
  it.each([
    ["starts", (kindling: Kindling, actor: never) => kindling.start(asking, { id: "b" }, { actor })],
    [
      "delivers",
      (kindling: Kindling, actor: never) => kindling.deliver({ event: "answered", correlation: { id: "a" }, payload: 1, actor }),
    ],
    ["cancels", (kindling: Kindling, actor: never, id: string) => kindling.cancel(id, { actor })],
  ] as const)("as an actor that is no JSON %s nothing, and stops no host", async (_what, call) => {
    const { kindling, run, view } = await waiting();
    await call(kindling, { id: 1n, assurance: "agent" } as never, run.id).catch(() => undefined);
    await stands(kindling, run, view);
  });
});
