// Plays a run to its end: answers every await by what it shows and moves the time on, so that the same run always ends the same way.

import type { JsonValue, Kindling, RunView } from "../../src/index.ts";
import type { ManualClock } from "../../src/testing.ts";
import { digest } from "../host/ledgers.ts";
import { nextTurn } from "../host/open-host.ts";
import { textOf } from "./world.ts";

const PATIENCE_MS = 5_000;

/** How many turns a run may be busy with itself before the time is moved on. */
const QUIET_TURNS = 3;

/** Answers awaits and moves the time until the run has ended. Awaits of other events than `answered` are left to their deadlines. */
export async function drive(kindling: Kindling, id: string, clock: ManualClock): Promise<RunView> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const view = await rested(kindling, id, clock);
    if (view.status !== "waiting") return view;
    if (performance.now() > end) throw new Error(`run ${id} did not end: ${JSON.stringify(view.nodes)}`);
    if (!(await answerAll(kindling, view)) && !(await passTime(clock))) throw new Error(`run ${id} waits for nothing: ${JSON.stringify(view.nodes)}`);
  }
}

/** The run when nothing more happens by itself. Pauses before retries are short, deadlines and sleeps are long: only the first pass here. */
async function rested(kindling: Kindling, id: string, clock: ManualClock): Promise<RunView> {
  const run = await kindling.run(id);
  let isOver = false;
  const settled = run.settled({ signal: AbortSignal.timeout(PATIENCE_MS) }).finally(() => (isOver = true));
  settled.catch(() => undefined);
  for (await nextTurn(); !isOver; await nextTurn(QUIET_TURNS)) clock.advance(100);
  return settled;
}

/** Answers what waits for `answered`; false when nothing does. */
export async function answerAll(kindling: Kindling, { id, awaits }: RunView): Promise<boolean> {
  const open = awaits.filter(({ event }) => event === "answered");
  for (const { path } of open) await answer(kindling, id, path);
  return open.length > 0;
}

/** Answers one await by what it shows. */
async function answer(kindling: Kindling, id: string, path: string): Promise<void> {
  let payload: string;
  try {
    const { values, since } = await kindling.awaiting(id, path);
    payload = digest(textOf({ path, values }));
    const delivery = await kindling.deliver({ event: "answered", run: id, path, payload, deliveryId: `${path} ${since} ${payload}` });
    // An answer before it may have made the run fail.
    const isOver = delivery.status === "refused" && delivery.code === "run_ended";
    if (delivery.status !== "delivered" && !isOver) throw new Error(`${path}: ${JSON.stringify(delivery)}`);
  } catch (error) {
    // An answer before it, and an item that failed by it, closed this one.
    if (!(error instanceof Error && "code" in error && (error.code === "not_awaiting" || error.code === "run_not_found"))) throw error;
  }
}

/** Moves the clock to its next timer; false when there is none. */
async function passTime(clock: ManualClock): Promise<boolean> {
  const [next] = clock.pending;
  if (next === undefined) return false;
  clock.set(Math.max(next, clock.now()));
  await nextTurn(QUIET_TURNS);
  return true;
}

/** How a run ended, without what depends on time: of several failures, which came first does. */
export interface End {
  readonly status: string;
  readonly outputs: JsonValue;
}

export function endOf({ status, outputs }: RunView): End {
  return { status, outputs: JSON.parse(textOf({ outputs: outputs ?? null })) as JsonValue };
}

/** Where a run failed, and by what; undefined for one that did not. */
export function failureOf({ error }: RunView): { readonly code: string; readonly node: string } | undefined {
  const node = error?.details?.["node"];
  return error === undefined ? undefined : { code: error.code, node: typeof node === "string" ? node : "" };
}
