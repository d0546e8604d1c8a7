// The parts of load one by one: the line against a plain list of lists, the minute against a plain list of uses, and options that cannot be meant.

import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { assertLimits } from "../../src/host/load/limit-options.ts";
import { estimateTokens } from "../../src/host/load/estimate.ts";
import { Line } from "../../src/host/load/line.ts";
import { MinuteWindow, type Used, WINDOW_MS } from "../../src/host/load/window.ts";
import { ConfigError, createRuntime, memoryLedger } from "../../src/index.ts";

describe("a line", () => {
  it("gives turns as a list of lists would, whoever joins and leaves", () => {
    const step = fc.oneof(
      fc.record({ act: fc.constant("join" as const), root: fc.constantFrom("a", "b", "c", "d") }),
      fc.record({ act: fc.constant("leave" as const), which: fc.nat(50) }),
      fc.record({ act: fc.constant("turn" as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const line = new Line<number>();
        let plain: { readonly root: string; readonly members: number[] }[] = [];
        const leaves = new Map<number, () => void>();
        const drop = (item: number) => {
          leaves.get(item)?.();
          // A second time changes nothing.
          leaves.get(item)?.();
          leaves.delete(item);
          for (const { members } of plain) if (members.includes(item)) members.splice(members.indexOf(item), 1);
          plain = plain.filter(({ members }) => members.length > 0);
        };
        for (const [item, each] of steps.entries()) {
          if (each.act === "join") {
            leaves.set(item, line.join(each.root, item));
            const part = plain.find(({ root }) => root === each.root);
            if (part === undefined) plain.push({ root: each.root, members: [item] });
            else part.members.push(item);
          } else if (each.act === "leave") drop([...leaves.keys()][each.which % Math.max(1, leaves.size)] ?? -1);
          else {
            const [part] = plain;
            line.passOn();
            if (part === undefined) continue;
            plain = [...plain.slice(1), part];
            drop(part.members[0] ?? -1);
          }
          expect(line.first).toBe(plain[0]?.members[0]);
          expect([...line]).toEqual(plain.flatMap(({ members }) => members));
          expect([...line.waiting()]).toEqual(plain.map(({ root, members }) => [root, members.length]));
          expect(line.size).toBe(plain.reduce((sum, { members }) => sum + members.length, 0));
        }
      }),
    );
  });
});

describe("a minute", () => {
  it("never holds more than its limit, and lets as much in as soon as that is so", () => {
    const use = fc.record({
      amount: fc.integer({ min: 1, max: 10 }),
      afterMs: fc.integer({ min: 0, max: 30_000 }),
      corrected: fc.integer({ min: 0, max: 10 }),
    });
    fc.assert(
      fc.property(fc.array(use, { maxLength: 80 }), (uses) => {
        const window = new MinuteWindow(10);
        const begun: { readonly at: number; amount: number }[] = [];
        let now = 1_000;
        const within = (time: number) =>
          begun.filter(({ at }) => at > time - WINDOW_MS && at <= time).reduce((sum, { amount }) => sum + amount, 0);
        for (const { amount, afterMs, corrected } of uses) {
          now += afterMs;
          const at = window.fitsAt(amount, now) ?? Number.NaN;
          // Not a millisecond too early, and none too late.
          expect(within(at) + amount).toBeLessThanOrEqual(10);
          if (at > now) expect(within(at - 1) + amount).toBeGreaterThan(10);
          now = at;
          const used: Used = window.reserve(amount);
          window.begin(used, now);
          const entry = { at: now, amount };
          begun.push(entry);
          window.correct(used, Math.min(corrected, amount), now);
          entry.amount = Math.min(corrected, amount);
          expect(window.used(now)).toBe(within(now));
        }
      }),
    );
  });

  it("counts what is reserved and has not begun, and nothing of it when it never does", () => {
    const window = new MinuteWindow(2);
    const reserved = [window.reserve(1), window.reserve(1)] as const;
    expect(window.fitsAt(1, 0)).toBeUndefined();
    window.begin(reserved[0], 5);
    expect(window.fitsAt(1, 5)).toBe(5 + WINDOW_MS);
    window.correct(reserved[1], 0, 6);
    expect(window.fitsAt(1, 6)).toBe(6);
  });

  it("of a clock that is set back by an hour counts for a minute from then on, and no longer", () => {
    const window = new MinuteWindow(1);
    window.begin(window.reserve(1), 3_600_000);
    expect(window.fitsAt(1, 0)).toBe(WINDOW_MS);
    expect(window.fitsAt(1, WINDOW_MS)).toBe(WINDOW_MS);
  });
});

describe("limits that cannot be meant", () => {
  it("are refused all at once, each with its place, and what was probably meant", async () => {
    const limits: unknown = {
      calls: 0,
      perResurce: 3,
      models: {
        anthropci: { concurrency: 2 },
        anthropic: { concurrency: 4, requestsPerMin: 5, tokensPerMinute: "many" },
        "anthropic:": {},
        "anthropic:big": { concurrency: 8, breaker: { faults: 1.5, pause: "soon", after: 3 } },
        openai: { concurrency: 100 },
        ollama: 7,
      },
      breaker: true,
    };
    const refused = (() => {
      try {
        assertLimits(limits, ["anthropic", "openai", "ollama"]);
        return undefined;
      } catch (error) {
        return error;
      }
    })();
    expect(refused).toBeInstanceOf(ConfigError);
    expect(refused).toMatchObject({ code: "bad_limits" });
    await expect(`${refused instanceof Error ? refused.message : ""}\n`).toMatchFileSnapshot("golden/bad-limits.txt");
  });

  it("keep a runtime from being created", async () => {
    await expect(
      createRuntime({ contracts: [], ledger: memoryLedger(), limits: { models: { openai: { concurrency: 2 } } } }),
    ).rejects.toMatchObject({
      code: "bad_limits",
      message: expect.stringContaining('the runtime has no provider "openai". There are none.') as unknown,
    });
  });

  it("are not those that are left out, or that fit", () => {
    assertLimits(undefined, []);
    assertLimits(
      { calls: 100, breaker: false, models: { a: { concurrency: 100, breaker: { pause: 5 } }, "a:x:latest": { concurrency: 100 } } },
      ["a"],
    );
  });
});

describe("an estimate of tokens", () => {
  it("takes four characters for one, a picture for as many as a page, and the longest reply", () => {
    const text = { type: "text", text: "x".repeat(400) } as const;
    const file = (mediaType: string, characters: number) => ({ type: "file", mediaType, data: "A".repeat(characters) }) as const;
    const of = (...content: readonly (typeof text | ReturnType<typeof file>)[]) =>
      estimateTokens({ model: "m", messages: [{ role: "user", content }], maxOutputTokens: 500 });
    expect(of(text)).toEqual({ input: 100, output: 500 });
    expect(of(file("image/png", 4_000_000)).input).toBe(2_000);
    expect(of(file("text/plain", 4_000)).input).toBe(750);
    expect(of(file("application/pdf", 4_000_000)).input).toBe(150_000);
    expect(of(file("application/pdf", 400)).input).toBe(2_000);
  });
});
