// What authors' callbacks besides a node's own code may do wrong: the node fails with its place and what was thrown, the host goes on, and the run
// succeeds on a retry as soon as the callback is right.

import { contract, type AnyContract, type Failure, type GraphBuilder, type Node } from "kindling";
import { scripted } from "kindling/providers/scripted";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { openKindling } from "../host/open-host.ts";

const boom = (message: string) => () => {
  throw new Error(message);
};

/** A contract of one node with a callback that is read each time it is called; authors without types give whatever they like, which the casts play. */
type Made = (callback: (...given: never[]) => unknown) => AnyContract;

const number = { inputs: { n: z.number() } };

const branching: Made = (on) =>
  contract("odd", {
    ...number,
    define: (g, { n }) => g.branch("choice", { needs: { n }, on: on as () => "left", cases: { left: (g) => g.const("side", "left") } }),
  });

const collecting: Made = (key) =>
  contract("odd", {
    ...number,
    define: (g, { n }) =>
      g.collection("items", {
        over: g.compute("list", { needs: { n }, run: ({ n }) => ["a", "b", n] }),
        as: "item",
        key: key as () => string,
        each: (g, { item }) => g.compute("same", { needs: { item }, run: ({ item }) => item }),
      }),
  });

const repeating: Made = (until) =>
  contract("odd", {
    ...number,
    define: (g, { n }) =>
      g.repeat("again", {
        from: n,
        as: "m",
        child: (g, { m }) => g.compute("next", { needs: { m }, run: ({ m }) => m + 1 }),
        until: until as () => boolean,
        max: 5,
      }),
  });

const paying: Made = (idempotencyKey) =>
  contract("odd", {
    ...number,
    define: (g, { n }) =>
      g.effect("pay", {
        needs: { n },
        run: (_needs, context) => context.idempotencyKey,
        idempotencyKey: idempotencyKey as () => string,
        retry: { attempts: 1 },
      }),
  });

const prompting: Made = (prompt) =>
  contract("odd", {
    ...number,
    define: (g, { n }) => g.llm("ask", { needs: { n }, prompt: prompt as () => string, model: "scripted:x", retry: { attempts: 1 } }),
  });

const guarding: Made = (message) =>
  contract("odd", {
    ...number,
    define(g, { n }) {
      g.guard("large", { needs: { n }, check: ({ n }) => n > 10, message: message as () => string });
      return { n };
    },
  });

/** How a bad callback is told, and what the same run gives on a retry, when the callback is right. */
async function told(
  made: Made,
  bad: () => unknown,
  right: (...given: never[]) => unknown,
): Promise<{ readonly error: Failure; readonly after: unknown }> {
  let isRight = false;
  const definition = made((...given) => (isRight ? right(...given) : bad()));
  const kindling = await openKindling({ contracts: [definition], models: [scripted(["one", "two", "three"])] });
  const run = await kindling.start("odd", { n: 3 });
  const { status, error } = await run.settled({ signal: AbortSignal.timeout(20_000) });
  if (error === undefined) throw new Error(`the run is ${status}`);
  isRight = true;
  await run.retry();
  return { error, after: await run.result({ signal: AbortSignal.timeout(20_000) }) };
}

type Right = (...given: never[]) => unknown;
/** What it is, where it is called, what it gives, how that is told, and what is right. */
type Row = readonly [what: string, made: Made, bad: () => unknown, words: RegExp, right: Right];

const whole = ({ message, fix }: Failure) => `${message} | ${fix ?? ""}`;
const text = (item: never): string => String(item);

describe("a callback that throws fails its node with its place and the message", () => {
  it.each([
    ["on of a branch", branching, /^choice: .*no idea/, () => "left", "left"],
    ["key of a collection", collecting, /^items: .*no idea/, text, expect.objectContaining({ keys: ["a", "b", "3"] })],
    ["until of a repeat", repeating, /^again: .*no idea/, () => true, 4],
    ["idempotencyKey of an effect", paying, /^pay: .*no idea/, () => "mine", "mine"],
    ["prompt of a conversation", prompting, /^ask: .*no idea/, () => "say one", "one"],
  ] as const)("%s", async (_what, made: Made, words, right, after) => {
    const outcome = await told(made, boom("no idea"), right);
    expect(outcome.error).toMatchObject({ code: "threw", message: expect.stringMatching(words) });
    expect(outcome.after).toEqual(after);
  });

  it("message of a guard, which still says that the guard does not hold", async () => {
    const definition = guarding(boom("no words"));
    const kindling = await openKindling({ contracts: [definition] });
    const { error } = await (await kindling.start("odd", { n: 3 })).settled();
    expect(error).toMatchObject({ code: "guard_failed", message: expect.stringMatching(/^large: guard "large" does not hold/) });
    expect(await (await kindling.start("odd", { n: 11 })).result()).toEqual({ n: 11 });
  });

  // The kinds call the author's code as it is, so the error does not say which callback of the node it was, nor at which item or round.
  it.each([
    ["on of a branch", branching, /^choice: on threw: no idea/, () => "left"],
    ["key of a collection", collecting, /^items: key threw at item 0: no idea/, text],
    ["until of a repeat", repeating, /^again: until threw after round 1: no idea/, () => true],
    ["idempotencyKey of an effect", paying, /^pay: idempotencyKey threw: no idea/, () => "mine"],
    ["prompt of a conversation", prompting, /^ask: prompt threw: no idea/, () => "say one"],
  ] as const)("%s: which callback it was", async (_what, made: Made, words, right) => {
    expect((await told(made, boom("no idea"), right)).error.message).toMatch(words);
  });

  // guard.ts `messageOf` catches what `message` throws and drops it: nobody learns that the message is broken.
  it("message of a guard: that it threw", async () => {
    const kindling = await openKindling({ contracts: [guarding(boom("no words"))] });
    expect((await (await kindling.start("odd", { n: 3 })).settled()).error?.message).toMatch(
      /large.*does not hold.*message threw: no words/,
    );
  });
});

describe("a callback that gives what it must not fails its node with its place, the value and the cure", () => {
  it.each([
    ["on: no such case", branching, () => "lefd", /^choice: .*"lefd".*no such case.*Did you mean "left"/, () => "left"],
    ["on: an object", branching, () => ({}), /^choice: .*on gave an object \| It must give a text/, () => "left"],
    ["key: a number", collecting, () => 7, /^items: .*item 0 is 7 \| A key is a text of 1 to 200/, text],
    ["key: two items of one key", collecting, () => "a", /^items: .*key "a" of item 1 is there already \| .*unique/, text],
    ["until: a text", repeating, () => "no", /^again: .*until gave.*string.*\| Compare/, () => true],
    ["until: never true", repeating, () => false, /^again: .*after 5 rounds, until still says no \| Raise max/, () => true],
    [
      "idempotencyKey: a number",
      paying,
      () => 7,
      /^pay: .*idempotencyKey gave 7, and a key is a text of 1 to 255 characters/,
      () => "mine",
    ],
  ] satisfies readonly Row[])("%s", async (_what, made, bad, words, right) => {
    expect(whole((await told(made, bad, right)).error)).toMatch(words);
  });

  it.each([
    ["a text", '"ab"', /^items: .*over must be a list or a record, and it is a string/],
    ["null", "null", /^items: .*it is null/],
    ["a number", "7", /^items: .*it is 7 \| .*g\.project/],
  ])("over: %s", async (_what, json, words) => {
    const listing = (give: () => unknown) =>
      contract("odd", {
        inputs: { n: z.number() },
        define: (g, { n }) =>
          g.collection("items", {
            over: g.lookup("list", { needs: { n }, run: give }) as Node<string[]>,
            as: "item",
            key: (item) => item,
            each: (g, { item }) => g.compute("same", { needs: { item }, run: ({ item }) => item }),
          }),
      });
    const kindling = await openKindling({ contracts: [listing(() => JSON.parse(json) as unknown)] });
    const { error } = await (await kindling.start("odd", { n: 1 })).settled();
    expect(error?.code).toBe("not_a_list");
    if (error !== undefined) expect(whole(error)).toMatch(words);
  });

  // llm.ts takes whatever `prompt` gives: a number or a promise is sent to the model as its text, and a run is paid for.
  it.each([
    ["a number", () => 7],
    ["a promise", async () => "late"],
  ])("prompt: %s", async (_what, bad) => {
    expect(whole((await told(prompting, bad, () => "say one")).error)).toMatch(/^ask: prompt gave (7|a promise).*text/);
  });

  // effect.ts `keyedBy` shows the value with JSON.stringify, which throws at these and takes the place of the message.
  it.each([
    ["a BigInt", () => 7n, /bigint|7/],
    ["a promise", async () => "late", /a promise/],
  ])("idempotencyKey: %s", async (_what, bad, shown) => {
    const { message } = (await told(paying, bad, () => "mine")).error;
    expect(message).toMatch(/^pay: effect "pay": idempotencyKey gave /);
    expect(message).toMatch(shown);
  });
});

describe("keys and cases that look like something else", () => {
  const strange = ["__proto__", "constructor", "toString", "a/b", "a]b[", "💥", " ", "a\nb"];

  it("are items like any other, also while they wait, and each is answered by its path", async () => {
    const asking = contract("asking", {
      inputs: { keys: z.array(z.string()) },
      define: (g, { keys }) =>
        g.collection("items", {
          over: keys,
          as: "name",
          key: (name) => name,
          each: (g, { name }) => g.await("answer", { event: "answered", schema: z.string(), show: { name } }),
        }),
    });
    const kindling = await openKindling({ contracts: [asking] });
    const run = await kindling.start(asking, { keys: strange });
    const { awaits } = await run.settled();
    expect(awaits).toHaveLength(strange.length);
    for (const { path } of awaits)
      expect(await kindling.deliver({ event: "answered", run: run.id, path, payload: path })).toMatchObject({ status: "delivered", path });
    const result = await run.result();
    expect(result.keys).toEqual(strange);
    for (const key of strange) expect(result.get(key)).toBe(`items[${key}]/answer`);
    expect(Object.keys(result.successes)).toEqual(strange);
    expect(result.get("valueOf")).toBe(undefined);
  });

  it("are cases like any other, and no case is taken for what every object has", async () => {
    const names = ["__proto__", "constructor", "toString"];
    const choosing = contract("choosing", {
      inputs: { which: z.string() },
      define: (g, { which }) =>
        g.branch("choice", {
          needs: { which },
          on: ({ which }) => which,
          cases: Object.fromEntries(names.map((name) => [name, (g: GraphBuilder) => g.const("taken", name)])),
          default: (g: GraphBuilder) => g.const("taken", "none"),
        }),
    });
    const kindling = await openKindling({ contracts: [choosing] });
    const taken = async (which: string) => (await kindling.start(choosing, { which })).result();
    for (const name of names) expect(await taken(name)).toBe(name);
    expect(await taken("valueOf")).toBe("none");
  });
});
