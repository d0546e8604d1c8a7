// Plays a run in an order that a seed chooses: calls that take their time are held and let go one by one, and answers and time come in between.

import type { RunView } from "../../src/index.ts";
import { nextTurn } from "../host/open-host.ts";
import { seededRandom } from "../ledger/seeded-random.ts";
import { answer, passTime, stuck } from "./drive.ts";
import type { Stage } from "./player.ts";
import type { World } from "./world.ts";

/** Turns in which whatever follows from the last step has happened. */
const TURNS = 3;

const STEPS = 5_000;
const IDLE_STEPS = 20;

/** Calls that wait to be let go. */
export class Held {
  readonly #waiting: (() => void)[] = [];
  readonly #random: () => number;

  /** Holds every call of a world that takes its time. */
  constructor(world: World, seed: number) {
    this.#random = seededRandom(seed);
    world.pause = () => new Promise((resolve) => this.#waiting.push(resolve));
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** A number from 0 to below `count`. */
  below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  /** Lets one of them go. */
  release(): void {
    const [resolve] = this.#waiting.splice(this.below(this.#waiting.length), 1);
    resolve?.();
  }
}

/** Plays to the end, in any order; `between` may do something before each step. */
export async function driveInDisorder(
  stage: Stage,
  id: string,
  held: Held,
  between: (view: RunView) => Promise<void> = async () => {},
): Promise<RunView> {
  const { kindling, clock } = stage;
  const run = await kindling.run(id);
  let idle = 0;
  for (let step = 0; step < STEPS && idle < IDLE_STEPS; step++) {
    await nextTurn(TURNS);
    clock.advance(100);
    await nextTurn(TURNS);
    const before = await run.get();
    await between(before);
    const view = await run.get();
    if (view.status === "succeeded" || view.status === "failed" || view.status === "cancelled") return view;
    const open = view.awaits.filter(({ event }) => event === "answered");
    const choice = held.below(held.size + open.length + 1);
    idle = held.size + open.length > 0 || before.position !== view.position ? 0 : idle + 1;
    if (choice < held.size) held.release();
    else if (choice < held.size + open.length) await answer(kindling, id, open[choice - held.size]?.path ?? "");
    else if (await passTime(clock)) idle = 0;
  }
  throw await stuck(kindling, id, "does not end");
}
