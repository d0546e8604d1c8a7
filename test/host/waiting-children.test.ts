// Runs whose children wait: out of memory, answered one by one, ended with their parent, also after a crash at any moment.

import { describe, expect, it } from "vitest";
import { z } from "zod";
import { contract } from "../../src/index.ts";
import { memoryLedger } from "../../src/testing.ts";
import { checks, posts } from "./contracts.ts";
import { ledgerWith, logOf } from "./ledgers.ts";
import { model, textOf } from "./models.ts";
import { nextTurn, openBareHost, openKindling, until } from "./open-host.ts";

describe("a run whose children wait", () => {
  it("is running again while something follows from an answer, and its caller is not told otherwise", async () => {
    const gate = Promise.withResolvers<void>();
    const scripted = model(async (request) => {
      await gate.promise;
      return textOf(request);
    });
    const place = memoryLedger();
    const kindling = await openKindling({ contracts: [checks], models: [scripted], ledger: place });
    const run = await kindling.start(checks, { langs: ["en"] });
    await run.settled();
    await kindling.deliver({ event: "checked", run: run.id, payload: "fine" });
    await until(() => scripted.requests.length === 1);
    let isSettled = false;
    const settled = run.settled().then(() => (isSettled = true));
    await nextTurn(5);
    expect(isSettled).toBe(false);
    expect((await run.get()).status).toBe("running");
    const again = await openKindling({
      contracts: [checks],
      models: [model((request) => textOf(request))],
      ledger: await ledgerWith(await logOf(place)),
    });
    expect(await (await again.run(run.id)).result({ signal: AbortSignal.timeout(20_000) }), "a new process goes on with it (G7)").toBe(
      "fine",
    );
    gate.resolve();
    await settled;
    expect(await run.result()).toBe("fine");
  });

  it("is settled after a crash at any commit, and its items are answered one by one", async () => {
    const place = memoryLedger();
    const first = await openKindling({ contracts: [checks], models: [model("done")], ledger: place });
    const run = await first.start(checks, { langs: ["en", "de"] });
    await run.settled();
    await first.deliver({ event: "checked", run: run.id, path: "posts[en]/check", payload: "one" });
    await run.settled();
    await first.close();
    const log = await logOf(place);
    for (let commits = 1; commits <= log.entries.length; commits++) {
      const kindling = await openKindling({
        contracts: [checks],
        models: [model((request) => textOf(request))],
        ledger: await ledgerWith(log, commits),
      });
      const again = await kindling.run(run.id);
      const view = await again.settled({ signal: AbortSignal.timeout(20_000) });
      expect(view.status, `cut after ${commits}`).toBe("waiting");
      for (const { path } of view.awaits) {
        expect(await kindling.deliver({ event: "checked", run: run.id, path, payload: path.slice(6, 8) })).toMatchObject({
          status: "delivered",
        });
        await again.settled();
      }
      expect(await again.result({ signal: AbortSignal.timeout(20_000) }), `cut after ${commits}`).toMatch(/^(en|one) de$/);
      await kindling.close();
    }
  });

  it("leaves memory, and an answer to one of many loads only what it touches (R7)", async () => {
    const waiting = contract("waiting", { inputs: { langs: z.array(z.string()) }, define: posts });
    const host = await openBareHost([waiting]);
    const ids: string[] = [];
    for (let index = 0; index < 30; index++) ids.push((await host.start({ contract: "waiting", inputs: { langs: ["en", "de"] } })).id);
    await nextTurn(10);
    expect(host.residents.size).toBe(0);
    const read: string[] = [];
    const { ledger } = host;
    const original = ledger.read.bind(ledger);
    Object.assign(ledger, {
      read: (run: string, options?: { from?: number }) => {
        read.push(run);
        return original(run, options);
      },
    });
    await host.deliver({ event: "checked", run: ids[7] ?? "", path: "posts[de]/check", payload: "ok" });
    await nextTurn(10);
    expect(new Set(read).size).toBeLessThanOrEqual(2);
    expect(host.residents.size).toBe(0);
  });

  it("that fails closes them, also when the process dies in between", async () => {
    const failing = contract("failing", {
      inputs: { langs: z.array(z.string()) },
      define(g, { langs }) {
        const stop = g.await("stop", { event: "stop", schema: z.null(), show: { langs } });
        const boom = g.compute("boom", {
          needs: { stop },
          run: () => {
            throw new Error("boom");
          },
        });
        return { posts: posts(g, { langs }), boom };
      },
    });
    const place = memoryLedger();
    const first = await openKindling({ contracts: [failing], ledger: place });
    const run = await first.start(failing, { langs: ["en", "de", "fr"] });
    await first.deliver({ event: "stop", run: run.id, payload: null });
    await expect(run.result()).rejects.toThrow("boom");
    await until(async () => (await first.inbox()).length === 0);
    await first.close();
    const log = await logOf(place);
    const failedAt = log.entries.findIndex(({ run: id, facts }) => id === run.id && facts.some(({ type }) => type === "run.failed")) + 1;
    for (let commits = failedAt; commits <= log.entries.length; commits++) {
      const kindling = await openKindling({ contracts: [failing], ledger: await ledgerWith(log, commits) });
      await until(async () => (await kindling.inbox()).length === 0, `an empty inbox after ${commits}`);
      await kindling.close();
    }
  });

  it("is cancelled with a thousand of them at once", async () => {
    const kindling = await openKindling({ contracts: [checks], models: [model("done")] });
    const run = await kindling.start(checks, { langs: Array.from({ length: 1_000 }, (_, index) => `lang${index}`) });
    await run.settled();
    await run.cancel();
    // Two seconds of patience: a cancel that looked at every item for every item would need minutes.
    await until(async () => (await kindling.inbox()).length === 0);
  });
});
