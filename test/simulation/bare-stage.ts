// A random contract carried by the bare host, whose runs can be looked at in memory: the fold of their facts must be just what stands there.

import { expect, onTestFinished } from "vitest";
import { planOf } from "../../src/compile/plan.ts";
import { systemChance } from "../../src/host/clock.ts";
import { EmbeddedHost } from "../../src/host/embedded.ts";
import { LiveBoard } from "../../src/host/live/live-board.ts";
import { Limits } from "../../src/host/limits.ts";
import { modelAccess } from "../../src/host/models.ts";
import { foldEntries, Plans } from "../../src/host/plans.ts";
import { NO_PRICES } from "../../src/model/price.ts";
import { readNote } from "../../src/run/head.ts";
import { joinPath } from "../../src/run/path.ts";
import { isEnded, type RunState } from "../../src/run/state.ts";
import { manualClock, memoryLedger, type ManualClock } from "../../src/testing.ts";
import { nextTurn } from "../host/open-host.ts";
import type { NodeSpec } from "./node-spec.ts";
import { randomContract } from "./random-graph.ts";
import { INPUTS } from "./random-inputs.ts";
import { World } from "./world.ts";

const TURNS = 2_000;

/** A bare host with a run of a random contract. */
export interface BareStage {
  readonly host: EmbeddedHost;
  readonly clock: ManualClock;
  readonly id: string;
}

/** Starts a run on a bare host. */
export async function openBareStage(spec: readonly NodeSpec[]): Promise<BareStage> {
  const clock = manualClock();
  const { contract, provider } = randomContract(spec, new World());
  const host = new EmbeddedHost({
    ledger: await memoryLedger().open({ access: "write" }),
    plans: new Plans([contract]),
    clock,
    chance: systemChance,
    limits: new Limits(clock),
    models: modelAccess({ models: [provider], model: undefined, prices: NO_PRICES }, clock),
    fetch: globalThis.fetch,
    live: new LiveBoard(),
    onLog: () => {},
  });
  onTestFinished(() => host.close());
  const { id } = await host.start({ contract: "random", inputs: INPUTS });
  return { host, clock, id };
}

let answers = 0;

/** Answers awaits and moves the time until the run has ended, or for so many turns. */
export async function playOut({ host, clock, id }: BareStage, turns = TURNS): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    const state = host.inMemory(id)?.state;
    if (state === undefined || isEnded(state)) return;
    for (const { note } of host.ledger.find({ keys: ["awaits:answered"], open: true })) {
      const { path = "", awaits = [] } = readNote(note) ?? {};
      for (const { node } of awaits.filter(({ event }) => event === "answered"))
        await host.deliver({
          event: "answered",
          run: id,
          path: joinPath(path, node),
          payload: "x",
          deliveryId: `answer ${(answers += 1)}`,
        });
    }
    await nextTurn();
    clock.advance(turn % 10 === 9 ? 86_400_000 : 100);
  }
  if (turns === TURNS) throw new Error(`run ${id} did not end`);
}

/** Compares a run in memory that is at rest with the fold of its facts. One at work also knows that a pause is over, which no fact tells. */
export async function expectFolded({ host, id }: BareStage, state: RunState): Promise<void> {
  if (state.status === "running") return;
  await host.inMemory(id)?.durable();
  expect(timeless(state)).toEqual(timeless(foldEntries(id, planOf(state.plan.graph), await host.ledger.read(id))));
}

/** A state without times, and without what only this process needs to know. */
function timeless(state: RunState): unknown {
  const { plan: _plan, due: _due, active: _active, pausing: _pausing, startedAt: _startedAt, endedAt: _endedAt, nodes, ...rest } = state;
  return withoutTimes({ ...rest, nodes });
}

/** Members that tell a time, or how far this process is with the children of a node. */
const PASSING: ReadonlySet<string> = new Set(["at", "since", "deadline", "retryAt", "active", "next", "changed", "left", "asked"]);

function withoutTimes(value: unknown): unknown {
  if (value instanceof Map) return new Map([...value].map(([key, each]) => [key, withoutTimes(each)]));
  if (value instanceof Set) return value;
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, each]) => (PASSING.has(key) ? [] : [[key, withoutTimes(each)]])));
}
