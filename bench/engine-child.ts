// A process of its own for the engine's benchmarks, so that heap and cold starts are measured alone. Prints one line of JSON.
// node --expose-gc --conditions=kindling-source engine-child.ts <task> <folder> <argument>

import type { AnyContract } from "../src/index.ts";
import { chainOf, chainWatched, fan, fanWatched, longCalls, longItems, numbers, openBench } from "./engine-contracts.ts";
import { noted, rawShared } from "./engine-raw.ts";
import { inTurns, liveHeapBytes, median, msOf } from "./engine-measure.ts";

/** One size of a run: milliseconds of it, heap while its last node runs, and heap it leaves behind. */
export interface SizeFigures {
  readonly ms: number;
  readonly heldBytes: number;
  readonly leftBytes: number;
}

/** A new process that goes on with a run: opening, an event with a payload that does not fit, then one that does, to the run's end. */
export interface ResumeFigures {
  readonly openMs: number;
  readonly refusedMs: number;
  readonly goOnMs: number;
}

/** Deliveries that are refused before the one that is taken. */
const REFUSED = 5;

const [task = "", folder = "", argument = ""] = process.argv.slice(2);
const tasks: Readonly<Record<string, () => Promise<unknown>>> = {
  chain: () => sizeOf(Number(argument), chainOf(Number(argument)), (atEnd) => chainWatched(Number(argument), atEnd), chainInputs),
  fan: () => sizeOf(Number(argument), fan, fanWatched, fanInputs),
  "build-items": () => build(longItems, Number(argument)),
  "build-calls": () => build(longCalls, Number(argument)),
  "resume-items": () => goOn(longItems),
  "resume-calls": () => goOn(longCalls),
  "fan-once": () => fanOnce(Number(argument)),
  "raw-once": () => msOf(() => rawShared(folder, Number(argument), Number(argument), noted)),
};
console.log(JSON.stringify((await tasks[task]?.()) ?? null));

type Inputs = (count: number) => object;

function chainInputs(): object {
  return { n: 0 };
}

function fanInputs(count: number): object {
  return { list: numbers(count) };
}

async function sizeOf(
  count: number,
  contract: AnyContract,
  watched: (atEnd: () => void) => AnyContract,
  inputsOf: Inputs,
): Promise<SizeFigures> {
  let held = 0;
  const observed = watched(() => {
    held = liveHeapBytes();
  });
  await using kindling = await openBench(folder, [contract, observed]);
  const inputs = inputsOf(count);
  const run = async (name: string, given: object) => (await kindling.start(name, given)).result();
  // As much again and again until the compiler has seen it, whatever the size.
  for (let done = 0; done < 10_000; done += count) await run(contract.name, inputs);
  await run(observed.name, inputsOf(1));
  const times: number[] = [];
  for (let done = 0; done === 0 || (done < 20_000 && times.length < 20); done += count)
    times.push(await msOf(() => run(contract.name, inputs)));
  const before = await restingHeapBytes();
  await run(observed.name, inputs);
  return { ms: median(times), heldBytes: held - before, leftBytes: (await restingHeapBytes()) - before };
}

/** Bytes of live heap once the run before is out of memory, with what its last commit held. */
async function restingHeapBytes(): Promise<number> {
  await new Promise((done) => setTimeout(done, 100));
  return liveHeapBytes();
}

async function build(contract: AnyContract, count: number): Promise<{ readonly ms: number; readonly facts: number }> {
  await using kindling = await openBench(folder, [contract]);
  const ms = await msOf(async () => (await kindling.start(contract.name, { id: "1", list: numbers(count) })).settled());
  return { ms, facts: (await kindling.verify()).facts };
}

async function goOn(contract: AnyContract): Promise<ResumeFigures> {
  const startedAt = performance.now();
  const kindling = await openBench(folder, [contract]);
  const openMs = performance.now() - startedAt;
  const deliver = (ok: unknown) => kindling.deliver({ event: "go", correlation: { id: "1" }, payload: { ok } });
  const refused = await inTurns(REFUSED, { deliver: () => deliver("perhaps") });
  const goOnMs = await msOf(async () => {
    const delivery = await deliver(true);
    if (delivery.status !== "delivered") throw new Error(`the delivery was ${delivery.status}`);
    await (await kindling.run(delivery.run)).result();
  });
  await kindling.close();
  return { openMs, refusedMs: refused.deliver.ms, goOnMs };
}

async function fanOnce(count: number): Promise<number> {
  await using kindling = await openBench(folder, [fan]);
  const list = numbers(count);
  return await msOf(async () => (await kindling.start(fan, { list })).result());
}
