// A random contract carried by the bare host, whose runs can be looked at in memory: the fold of their facts must be just what stands there.

import { expect, onTestFinished } from "vitest";
import { planOf } from "../../src/compile/plan.ts";
import { systemChance } from "../../src/host/clock.ts";
import { EmbeddedHost } from "../../src/host/embedded.ts";
import { Limits } from "../../src/host/limits.ts";
import { modelAccess } from "../../src/host/models.ts";
import { foldEntries, Plans } from "../../src/host/plans.ts";
import { NO_PRICES } from "../../src/model/price.ts";
import { readNote } from "../../src/run/head.ts";
import { childrenIn } from "../../src/run/node-state.ts";
import { joinPath } from "../../src/run/path.ts";
import { isEnded, type RunState } from "../../src/run/state.ts";
import { manualClock, memoryLedger, type ManualClock } from "../../src/testing.ts";
import { nextTurn } from "../host/open-host.ts";
import type { NodeSpec } from "./node-spec.ts";
import { INPUTS, randomContract } from "./random-graph.ts";
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
    limits: new Limits(),
    models: modelAccess({ models: [provider], model: undefined, prices: NO_PRICES }, clock),
    fetch: globalThis.fetch,
    onLive: () => {},
    onLog: () => {},
  });
  onTestFinished(() => host.close());
  const { id } = await host.start({ contract: "random", inputs: INPUTS });
  return { host, clock, id };
}

/** Answers awaits and moves the time until the run has ended. */
export async function playOut({ host, clock, id }: BareStage): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) {
    const state = host.inMemory(id)?.state;
    if (state === undefined || isEnded(state)) return;
    for (const { note } of host.ledger.find({ keys: ["awaits:answered"], open: true })) {
      const { path = "", awaits = [] } = readNote(note) ?? {};
      for (const { node } of awaits.filter(({ event }) => event === "answered"))
        await host.deliver({ event: "answered", run: id, path: joinPath(path, node), payload: "x", deliveryId: `${turn} ${path}/${node}` });
    }
    await nextTurn();
    clock.advance(turn % 10 === 9 ? 86_400_000 : 100);
  }
  throw new Error(`run ${id} did not end`);
}

/** Compares a run in memory with the fold of its facts. */
export async function expectFolded({ host, id }: BareStage, state: RunState): Promise<void> {
  await host.inMemory(id)?.durable();
  expect(timeless(state)).toEqual(timeless(foldEntries(id, planOf(state.plan.graph), await host.ledger.read(id))));
}

/** A state without times, and without what only this process needs to know. */
function timeless(state: RunState): unknown {
  const { plan: _plan, due: _due, active: _active, pausing: _pausing, startedAt: _startedAt, endedAt: _endedAt, nodes, ...rest } = state;
  return {
    ...rest,
    nodes: nodes.map((node) => {
      const { at: _at, since: _since, active: _here, next: _next, deadline: _deadline, ...known } = { at: 0, since: 0, active: 0, next: 0, deadline: 0, ...node };
      const children = childrenIn(node);
      if (children === undefined || children === node) return known;
      const { active: _inFlight, next: _begun, ...told } = children;
      return { ...known, before: undefined, children: told };
    }),
  };
}
