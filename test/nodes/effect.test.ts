// An action on the world: done once as far as anybody can tell, under one key over tries, processes and retries.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { compile, contract, type RecordedFact, type Run } from "kindling";
import { manualClock, type ManualClock } from "kindling/testing";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { verifyFolder } from "../../src/index.ts";
import { openKindling, temporaryLedger, until } from "../host/open-host.ts";
import { temporaryFolder } from "../ledger/temporary-folder.ts";
import { bankIn, newBank, type Bank } from "./bank.ts";

const PROCESS = fileURLToPath(new URL("effect-process.ts", import.meta.url));

/** A bank whose counter is shut until it is opened. */
function shutBank(bank: Bank) {
  let isShut = true;
  return {
    open: () => void (isShut = false),
    pay: (key: string, amount: number) => {
      const receipt = bank.act("pay", key, amount);
      if (isShut) throw new Error("the line broke");
      return receipt;
    },
  };
}

function paying(pay: (key: string, amount: number) => unknown, options: { readonly attempts?: number } = {}) {
  return contract("paying", {
    inputs: { amount: z.number(), order: z.string().default("o1") },
    define(g, { amount }) {
      g.effect("pay", {
        needs: { amount },
        run: ({ amount }, { idempotencyKey }) => pay(idempotencyKey, amount),
        ...(options.attempts === undefined ? {} : { retry: { attempts: options.attempts } }),
      });
      return amount;
    },
  });
}

type FailedFact = Extract<RecordedFact, { readonly type: "node.failed" }>;
const failuresIn = async (run: Run) => (await run.facts()).filter((fact): fact is FailedFact => fact.type === "node.failed");

/** Lets the pauses before further tries pass until the run has ended. */
async function ended(run: Run, clock: ManualClock) {
  await until(async () => {
    const retryAt = (await failuresIn(run)).at(-1)?.retryAt;
    if (retryAt !== undefined && retryAt > clock.now()) clock.set(retryAt);
    return (await run.get()).endedAt !== undefined;
  }, "its end");
  return run.get();
}

describe("an effect", () => {
  it("runs though no output needs it, and what it rests on is on disk before it begins", async () => {
    const bank = await newBank();
    const place = await temporaryLedger();
    const seen: boolean[] = [];
    const kindling = await openKindling({
      ledger: place,
      contracts: [
        paying(async (key, amount) => {
          const reader = await place.open({ access: "read" });
          seen.push(reader.find({ keys: [], open: true }).some(({ version }) => version >= 2));
          await reader.close();
          return bank.act("pay", key, amount);
        }),
      ],
    });
    const run = await kindling.start("paying", { amount: 5 });
    await run.result();
    expect(seen).toEqual([true]);
    expect(bank.calls()).toEqual([{ action: "pay", key: `${run.id}:pay`, amount: 5 }]);
  });

  it("is tried again with longer and longer pauses, five times, under one key", async () => {
    const bank = await newBank();
    const { pay } = shutBank(bank);
    const clock = manualClock();
    const chance = { fraction: () => 1, id: () => "0".repeat(26) };
    const kindling = await openKindling({ contracts: [paying(pay)], clock, chance });
    const run = await kindling.start("paying", { amount: 5 });
    expect(await ended(run, clock)).toMatchObject({ status: "failed", error: { code: "threw", details: { node: "pay" } } });
    const pauses = (await failuresIn(run)).map(({ time, retryAt }) => (retryAt === undefined ? undefined : retryAt - time));
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, undefined]);
    expect([bank.calls().length, bank.keys("pay").length]).toEqual([5, 1]);
  });

  it("is done once when it works in the end: the key is the same", async () => {
    const bank = await newBank();
    const { pay, open } = shutBank(bank);
    const clock = manualClock();
    const kindling = await openKindling({ contracts: [paying(pay)], clock });
    const run = await kindling.start("paying", { amount: 5 });
    await until(async () => (await failuresIn(run)).length === 1, "a fault");
    open();
    expect((await ended(run, clock)).status).toBe("succeeded");
    expect([bank.calls().length, bank.keys("pay")]).toEqual([2, [`${run.id}:pay`]]);
  });

  it("that says that trying again is of no use is not tried again", async () => {
    const kindling = await openKindling({
      contracts: [
        paying(
          () => {
            throw Object.assign(new TypeError("no such account"), {});
          },
          { attempts: 1 },
        ),
      ],
    });
    const run = await kindling.start("paying", { amount: 5 });
    expect((await run.settled()).status).toBe("failed");
    expect(await failuresIn(run)).toHaveLength(1);
  });

  it("that failed for good is a dead letter; a retry does it under the same key", async () => {
    const bank = await newBank();
    const { pay, open } = shutBank(bank);
    const kindling = await openKindling({ contracts: [paying(pay, { attempts: 1 })] });
    const run = await kindling.start("paying", { amount: 5 });
    expect((await run.settled()).status).toBe("failed");
    expect(await kindling.deadLetters()).toMatchObject([{ run: run.id, path: "pay" }]);
    open();
    await run.retry();
    expect(await run.result()).toBe(5);
    expect(bank.keys("pay")).toEqual([`${run.id}:pay`]);
    expect(await kindling.deadLetters()).toEqual([]);
  });

  it("is given the author's key, which several runs may share", async () => {
    const bank = await newBank();
    const invoice = contract("invoice", {
      inputs: { order: z.string(), amount: z.number() },
      define: (g, { order, amount }) =>
        g.effect("bill", {
          needs: { order, amount },
          idempotencyKey: ({ order }) => `bill-${order}`,
          run: ({ amount }, { idempotencyKey }) => bank.act("bill", idempotencyKey, amount),
        }),
    });
    const kindling = await openKindling({ contracts: [invoice] });
    expect(await (await kindling.start(invoice, { order: "7", amount: 10 })).result()).toEqual({ receipt: "bill-7", amount: 10 });
    expect(await (await kindling.start(invoice, { order: "7", amount: 99 })).result()).toEqual({ receipt: "bill-7", amount: 10 });
  });

  it.each([
    ["an empty text", ""],
    ["a text that is too long", "x".repeat(256)],
    ["no text", 7],
  ])("with %s for a key is not done", async (_what, key) => {
    const bank = await newBank();
    const wrong = contract("wrong", {
      inputs: {},
      define: (g) =>
        g.effect("bill", {
          needs: {},
          // As JavaScript would give it.
          idempotencyKey: () => key as string,
          run: (_needs, { idempotencyKey }) => bank.act("bill", idempotencyKey, 1),
          retry: { attempts: 1 },
        }),
    });
    const kindling = await openKindling({ contracts: [wrong] });
    expect((await (await kindling.start(wrong, {})).settled()).error?.message).toMatch(/effect "bill": idempotencyKey gave/);
    expect(bank.calls()).toEqual([]);
  });

  it("that takes no context is warned of, and one that takes it, or has a key of its own, is not", () => {
    const warned = (options: object) =>
      compile(
        contract("c", {
          inputs: {},
          define: (g) => {
            g.effect("pay", { needs: {}, run: () => 1, ...options });
            return g.const("one", 1);
          },
        }),
      ).findings.map(({ code }) => code);
    expect(warned({})).toEqual(["effect_without_idempotency_key"]);
    expect(warned({ run: (_needs: unknown, _context: unknown) => 1 })).toEqual([]);
    expect(warned({ idempotencyKey: () => "k" })).toEqual([]);
  });

  it("shares the limit of its resource", async () => {
    let atOnce = 0;
    let most = 0;
    const many = contract("many", {
      inputs: { ns: z.array(z.number()) },
      define: (g, { ns }) =>
        g.collection("all", {
          over: ns,
          as: "n",
          key: (n) => `${n}`,
          each: (g, { n }) =>
            g.effect("send", {
              needs: { n },
              resource: "post",
              run: async ({ n }, _context) => {
                most = Math.max(most, (atOnce += 1));
                await new Promise((resolve) => setTimeout(resolve, 2));
                atOnce -= 1;
                return n;
              },
            }),
        }),
    });
    const kindling = await openKindling({ contracts: [many], limits: { perResource: 2 } });
    await (await kindling.start(many, { ns: [1, 2, 3, 4, 5, 6] })).result();
    expect(most).toBe(2);
  });
});

describe("a process that is killed", () => {
  async function life(folder: string, file: string, hangsIn: string, fails = "") {
    const child = spawn(process.execPath, ["--conditions=kindling-source", PROCESS, folder, file, hangsIn, fails], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const lines: string[] = [];
    const closed = once(child, "close");
    createInterface(child.stdout).on("line", (line) => {
      lines.push(line);
      if (line === `in ${hangsIn}`) child.kill("SIGKILL");
    });
    await closed;
    return lines;
  }

  async function place() {
    const base = await temporaryFolder();
    const folder = join(base, "ledger");
    onTestFinished(async () => expect((await verifyFolder(folder)).faults).toEqual([]));
    return { folder, bank: bankIn(join(base, "bank")) };
  }

  it("in the middle of an effect is followed by one that does it under the same key", async () => {
    const { folder, bank } = await place();
    expect(await life(folder, bank.file, "ship")).toEqual(["in ship"]);
    expect(await life(folder, bank.file, "")).toEqual(["ended succeeded"]);
    expect(bank.calls().map(({ action }) => action)).toEqual(["pay", "ship", "ship"]);
    expect([bank.keys("pay").length, bank.keys("ship").length]).toEqual([1, 1]);
  });

  it("in the middle of taking back is followed by one that goes on with it, under the same key", async () => {
    const { folder, bank } = await place();
    expect(await life(folder, bank.file, "recall")).toEqual(["in recall"]);
    expect(await life(folder, bank.file, "refund")).toEqual(["in refund"]);
    expect(await life(folder, bank.file, "", "fails")).toEqual(["ended failed"]);
    expect(bank.calls().map(({ action }) => action)).toEqual(["pay", "ship", "recall", "recall", "refund", "refund"]);
    expect(bank.actions()).toEqual(["pay", "ship", "recall", "refund"]);
  });
});
