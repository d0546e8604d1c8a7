// What a node's code may give or throw that nobody wants: the node fails with its place, the value and the cure, the host goes on, and a retry of the
// same run succeeds as soon as the code is right. Bad definitions, callbacks and events have files of their own beside this one.

import { contract, createRuntime, type Failure, type JsonValue, type Run } from "kindling";
import { manualClock, memoryLedger } from "kindling/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { nextTurn, openKindling } from "../host/open-host.ts";

class Money {
  readonly amount = 1;
}

/** A value in a value in a value …, ten thousand times. */
function nested(wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let depth = 0; depth < 10_000; depth++) value = wrap(value);
  return value;
}

function cycle(): unknown {
  const inner: Record<string, unknown> = {};
  inner["back"] = { inner };
  return { inner };
}

/** Throws at whatever is asked of it by this trap. */
const trapped = (trap: keyof ProxyHandler<object>, message: string): object =>
  new Proxy(
    { price: 1 },
    {
      [trap]: () => {
        throw new Error(message);
      },
    },
  );

const getter = (name: string, message: string): object =>
  Object.defineProperty({}, name, {
    enumerable: true,
    get: () => {
      throw new Error(message);
    },
  });

/** A run of one node whose code is bad at first and right from the second time on. The host may stop, so it is closed whatever that says. */
async function begun(bad: () => unknown): Promise<Run> {
  let isFirst = true;
  const giving = contract("giving", {
    inputs: {},
    define: (g) =>
      g.compute("priced", {
        needs: {},
        run: (): unknown => {
          if (!isFirst) return "right";
          isFirst = false;
          return bad();
        },
      }),
  });
  const kindling = await createRuntime({ contracts: [giving], ledger: memoryLedger() });
  onTestFinished(() => kindling.close().catch(() => undefined));
  return kindling.start(giving, {});
}

/** How the bad code was told, after the same run has succeeded on a retry. */
async function told(bad: () => unknown): Promise<Failure | undefined> {
  const run = await begun(bad);
  const { status, error } = await run.settled({ signal: AbortSignal.timeout(20_000) });
  expect(status).toBe("failed");
  await run.retry();
  expect(await run.result({ signal: AbortSignal.timeout(20_000) })).toBe("right");
  return error;
}

const whole = (error: Failure | undefined) => `${error?.message ?? ""} | ${error?.fix ?? ""}`;

/** Name, value, place in it, what it is, the cure. */
type Told = readonly [name: string, value: () => unknown, words: RegExp];

const CLEAR: readonly Told[] = [
  ["a BigInt", () => ({ price: 10n }), /^priced: .*\$\.price is a bigint; use a string/],
  ["a Date", () => ({ when: new Date(0) }), /^priced: .*\$\.when is a Date.*\.toISOString\(\)/],
  ["a Map", () => [new Map()], /^priced: .*\$\[0\] is a Map.*use plain objects and lists/],
  ["undefined", () => undefined, /^priced: .* is undefined; use null/],
  ["NaN", () => ({ list: [1, Number.NaN] }), /^priced: .*\$\.list\[1\] is NaN.*use null or a string/],
  ["Infinity", () => ({ list: [Number.NEGATIVE_INFINITY] }), /^priced: .*\$\.list\[0\] is -Infinity.*use null or a string/],
  ["an object of a class", () => ({ cost: new Money() }), /^priced: .*\$\.cost is a Money.*use plain objects and lists/],
  // oxlint-disable-next-line no-sparse-arrays -- the hole is the matter
  ["a list with a hole", () => ({ list: [1, , 3] }), /^priced: .*\$\.list\[1\] is undefined; use null/],
  ["a function", () => ({ call: () => 1 }), /^priced: .*\$\.call is a function, which cannot be recorded/],
  ["a symbol", () => ({ mark: Symbol("mark") }), /^priced: .*\$\.mark is a symbol, which cannot be recorded/],
  ["a key __proto__", () => JSON.parse('{"a":{"__proto__":{"x":1}}}') as unknown, /^priced: .*\$\.a has a key "__proto__"/],
  ["10,000 objects deep", () => nested((a) => ({ a })), /^priced: .*\$\.a\.a\.a.* is nested deeper than 64 levels/],
  ["10,000 lists deep", () => nested((a) => [a]), /^priced: .*\$\[0\]\[0\]\[0\].* is nested deeper than 64 levels/],
  ["a cycle", cycle, /^priced: .*\$\.inner\.back\.inner/],
  ["a getter that throws", () => getter("price", "no price"), /^priced: its value .*cannot be read: no price/],
  ["a Proxy that throws at its keys", () => trapped("ownKeys", "no keys"), /^priced: its value .*cannot be read: no keys/],
];

describe("a node's value that is no JSON fails the node, sync and async, and the run goes on when it is right", () => {
  it.each(CLEAR)("%s", async (_name, value, words) => {
    for (const give of [value, async () => value()]) {
      const error = await told(give);
      expect(error).toMatchObject({ code: "not_json", details: { node: "priced" } });
      expect(whole(error)).toMatch(words);
    }
  });

  // act.ts `succeeded` asks `value instanceof CallAgain` and perform.ts `performCall` asks `isPromise(value)` outside any try: whatever the value's
  // traps throw there stops the host, with every other run in it.
  it.each([
    ["a Proxy that throws at its prototype", () => trapped("getPrototypeOf", "no prototype"), /^priced: .*no prototype/],
    ["a `then` that throws when it is read", () => getter("then", "no then"), /^priced: .*no then/],
    ["a Proxy that throws at has", () => trapped("has", "no has"), /^priced: .*no has/],
  ] satisfies readonly Told[])("%s", async (_name, value, words) => {
    expect(whole(await told(value))).toMatch(words);
  });
});

describe("the error of a node's value says what to do", () => {
  // json.ts `copy` tells no cycle from a deep value; the rest say what is wrong and not what to do instead.
  it.each([
    ["a cycle", cycle, /\$\.inner\.back\.inner is \$\.inner again.*hold an id/],
    ["a function", () => ({ call: () => 1 }), /\$\.call is a function.*leave it out, or give what it returns/],
    ["a symbol", () => ({ mark: Symbol("mark") }), /\$\.mark is a symbol.*use a string/],
    ["a key __proto__", () => JSON.parse('{"a":{"__proto__":1}}') as unknown, /"__proto__".*rename it/],
    ["10,000 deep", () => nested((a) => ({ a })), /nested deeper than 64 levels.*(flatten|list|ids)/],
  ] satisfies readonly Told[])("%s: the cure", async (_name, value, words) => {
    expect(whole(await told(value))).toMatch(words);
  });

  // author-code.ts `givenValue` catches around the whole copy, so the place is lost.
  it("a getter that throws: the place", async () => {
    expect(whole(await told(() => ({ list: [getter("price", "no price")] })))).toMatch(/\$\.list\[0\]\.price cannot be read: no price/);
  });
});

describe("a value of 50 MB", () => {
  it("is recorded, and comes back as it was, also in another process", async () => {
    const text = "x".repeat(50_000_000);
    const big = contract("big", {
      inputs: {},
      define(g) {
        const text50 = g.compute("text", { needs: {}, run: (): JsonValue => ({ text }) });
        return { text: text50 };
      },
    });
    const place = memoryLedger();
    const first = await createRuntime({ contracts: [big], ledger: place });
    const { id } = await first.start(big, {});
    await first.close();
    const second = await openKindling({ contracts: [big], ledger: place });
    const outputs = await (await second.run(id)).result();
    // Compared by hand: a report of a difference would be as long as the texts.
    expect(JSON.stringify(outputs) === JSON.stringify({ text: { text } })).toBe(true);
  });
});

describe("whatever a node throws fails it, sync and async, and the run goes on when it is right", () => {
  const throwing = (thrown: () => unknown) => () => {
    // Authors may throw anything; here the linter is told otherwise.
    throw thrown() as Error;
  };

  it.each([
    ["a string", () => "no stock", /^priced: no stock/],
    ["undefined", () => undefined, /^priced: undefined/],
    ["null", () => null, /^priced: null/],
    [
      "an object whose toString throws",
      () => ({
        toString() {
          throw new Error("no text");
        },
      }),
      /^priced: something was thrown that cannot be shown as text/,
    ],
    ["a frozen error", () => Object.freeze(new Error("frozen")), /^priced: frozen/],
    [
      "an error whose message throws",
      () => Object.defineProperty(new Error("x"), "message", { get: throwing(() => 1) }),
      /^priced: something/,
    ],
    ["a promise", () => Promise.resolve(1), /^priced: .*promise/i],
  ] satisfies readonly Told[])("%s", async (_name, thrown, words) => {
    for (const bad of [throwing(thrown), async () => throwing(thrown)()]) {
      const error = await told(bad);
      expect(error).toMatchObject({ code: "threw", details: { node: "priced" } });
      expect(error?.message).toMatch(words);
    }
  });

  // errors.ts `failureOf` takes String(error) for whatever is no Error: what the author should do is not said, and an object shows nothing of itself.
  it.each([
    ["undefined", () => undefined, /^priced: undefined was thrown, which is no Error.*throw new Error/],
    ["a promise", () => Promise.resolve(1), /^priced: a promise was thrown.*await it/],
    ["a plain object", () => ({ status: 503 }), /^priced: .*"status":503.*throw new Error/],
  ] satisfies readonly Told[])("%s: what it was, and the cure", async (_name, thrown, words) => {
    expect(whole(await told(throwing(thrown)))).toMatch(words);
  });
});

describe("a node that never returns", () => {
  const endless = (value: () => unknown, timeout?: number) =>
    contract("endless", {
      inputs: {},
      define: (g) => g.compute("slow", { needs: {}, run: async () => value(), ...(timeout === undefined ? {} : { timeout }) }),
    });

  it.each([
    ["whose promise never settles", () => new Promise<number>(() => {})],
    // oxlint-disable-next-line unicorn/no-thenable -- the `then` is the matter
    ["whose thenable never settles", () => ({ then: () => undefined })],
  ])("%s fails at its timeout with its place and the time, and another try may succeed", async (_name, value) => {
    const clock = manualClock();
    let give: () => unknown = value;
    const definition = endless(() => give(), 5_000);
    const kindling = await openKindling({ contracts: [definition], clock });
    const run = await kindling.start(definition, {});
    await nextTurn(3);
    clock.advance(5_000);
    const { status, error } = await run.settled({ signal: AbortSignal.timeout(20_000) });
    expect([status, error]).toMatchObject(["failed", { code: "attempt_timed_out", message: expect.stringMatching(/^slow: .*5000 ms/) }]);
    give = () => "done";
    await run.retry();
    expect(await run.result()).toBe("done");
  });

  // perform.ts `stoppable` gives its RunError no fix.
  it("says at its timeout what to do", async () => {
    const definition = endless(() => new Promise<number>(() => {}), 10);
    const kindling = await openKindling({ contracts: [definition] });
    const { error } = await (await kindling.start(definition, {})).settled({ signal: AbortSignal.timeout(20_000) });
    expect(error?.fix).toMatch(/Raise timeout|context\.signal/);
  });

  it("and has no timeout is ended by a cancel, with its reason, and the host takes other runs", async () => {
    // oxlint-disable-next-line unicorn/no-thenable -- the `then` is the matter
    for (const value of [() => new Promise<number>(() => {}), () => ({ then: () => undefined })]) {
      let give: () => unknown = value;
      const definition = endless(() => give());
      const kindling = await openKindling({ contracts: [definition] });
      const run = await kindling.start(definition, {});
      expect((await run.get()).status).toBe("running");
      expect(await run.cancel({ reason: "enough" })).toMatchObject({
        status: "cancelled",
        error: { code: "cancelled", message: "enough" },
      });
      give = () => "done";
      expect(await (await kindling.start(definition, {})).result()).toBe("done");
    }
  });
});
