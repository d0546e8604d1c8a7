// A reader that a compaction overtakes: whoever waits goes on waiting, and whoever must see each commit is told.

import { expect, it } from "vitest";
import { type Entry, LedgerError, type LedgerPlace, memoryLedger } from "../../src/index.ts";
import { ada, openAll, press } from "./compactable.ts";
import { overridden } from "./ledgers.ts";
import { until } from "./open-host.ts";

/** A ledger of which a reader falls behind when it is told to. */
function overtaking() {
  const place = memoryLedger();
  const { promise, resolve } = Promise.withResolvers<void>();
  let followed = 0;
  const reading: LedgerPlace = {
    ...place,
    open: async (options) => {
      const ledger = await place.open(options);
      return overridden(ledger, {
        changes: (query) => (query.live === true && followed++ === 0 ? overtaken(promise) : ledger.changes(query)),
      });
    },
  };
  return { place, reading, overtake: resolve, followed: () => followed };
}

function overtaken(when: Promise<void>): AsyncIterable<Entry> {
  const next = async (): Promise<never> => {
    await when;
    throw new LedgerError("cursor_too_old", "what was to follow left the disk");
  };
  return { [Symbol.asyncIterator]: () => ({ next }) };
}

it("a reader that is overtaken by a compaction still hears how a run goes on, and who watches each commit is told", async () => {
  const { place, reading, overtake, followed } = overtaking();
  const writer = await openAll({ ledger: place });
  const { id } = await writer.start(press, { topic: "Rain", langs: [] });
  const reader = await openAll({ ledger: reading, access: "read" });
  await until(async () => (await reader.get(id))?.status === "waiting");
  const result = (await reader.run(id)).result({ signal: AbortSignal.timeout(20_000) });
  const watched = expect(Array.fromAsync(reader.watch(id))).rejects.toMatchObject({ code: "cursor_too_old" });
  await until(() => followed() === 1);
  overtake();
  await watched;
  await until(() => followed() === 2);
  await writer.deliver({ event: "reviewed", run: id, payload: { decision: "approve" }, actor: ada });
  expect(await result).toMatchObject({ review: { decision: "approve" } });
  expect((await Array.fromAsync(reader.watch(id))).length).toBeGreaterThan(3);
});

it("hooks of a reader that is overtaken say so once, and hear of what follows", async () => {
  const { place, reading, overtake, followed } = overtaking();
  const writer = await openAll({ ledger: place });
  const { id } = await writer.start(press, { topic: "Rain", langs: [] });
  const faults: unknown[] = [];
  const reader = await openAll({ ledger: reading, access: "read", onHookFault: ({ error }) => faults.push(error) });
  const heard: string[] = [];
  reader.on("run.succeeded", {}, ({ run }) => heard.push(run));
  await until(() => followed() === 1);
  overtake();
  await until(() => followed() === 2);
  await writer.deliver({ event: "reviewed", run: id, payload: { decision: "approve" }, actor: ada });
  await expect.poll(() => heard).toEqual([id]);
  expect(faults).toMatchObject([{ code: "cursor_too_old" }]);
});
