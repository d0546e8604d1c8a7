// Plays a run to its end: answers every await by what it shows and moves the time on, so that the same run always ends the same way.

import type { JsonValue, Kindling, RunView } from "../../src/index.ts";
import type { ManualClock } from "../../src/testing.ts";
import { digest } from "../host/ledgers.ts";
import { nextTurn } from "../host/open-host.ts";
import { textOf } from "./world.ts";

/** How many turns a run may be busy with itself before the time is moved on. */
const QUIET_TURNS = 3;

/** How often the time is moved on for a run that does not rest, and how often one is answered, before it counts as stuck: nothing here waits for real time. */
const PATIENCE = 500;

/** How often a run is looked at that waits for nothing. */
const IDLE_LOOKS = 10;

/** Answers awaits and moves the time until the run has ended. Awaits of other events than `answered` are left to their deadlines. */
export async function drive(kindling: Kindling, id: string, clock: ManualClock): Promise<RunView> {
  let idle = 0;
  for (let look = 0; look < PATIENCE && idle < IDLE_LOOKS; look++) {
    const view = await rested(kindling, id, clock);
    if (view.status !== "waiting") return view;
    // A time that has come already is told by no timer any more, and followed soon.
    idle = (await answerAll(kindling, view)) || (await passTime(clock)) ? 0 : idle + 1;
  }
  if (idle > 0) throw await stuck(kindling, id, "waits for nothing");
  throw await stuck(kindling, id, "does not end");
}

/** The run when nothing more happens by itself. Pauses before retries are short, deadlines and sleeps are long: only the first pass here. */
export async function rested(kindling: Kindling, id: string, clock: ManualClock): Promise<RunView> {
  const run = await kindling.run(id);
  const patience = new AbortController();
  let isOver = false;
  const settled = run.settled({ signal: patience.signal }).finally(() => (isOver = true));
  settled.catch(() => undefined);
  await nextTurn();
  for (let turn = 0; !isOver; turn++) {
    if (turn > PATIENCE) patience.abort(await stuck(kindling, id, "does not rest"));
    clock.advance(100);
    await nextTurn(QUIET_TURNS);
  }
  return settled;
}

export async function stuck(kindling: Kindling, id: string, how: string): Promise<Error> {
  return new Error(
    `run ${id} ${how}: ${JSON.stringify((await kindling.get(id))?.nodes.map(({ path, status, children }) => ({ path, status, children })))}`,
  );
}

/** Answers what waits for `answered`; false when nothing does. */
export async function answerAll(kindling: Kindling, { id, awaits }: RunView): Promise<boolean> {
  const open = awaits.filter(({ event }) => event === "answered");
  for (const { path } of open) await answer(kindling, id, path);
  return open.length > 0;
}

let answers = 0;

/** Answers one await by what it shows. */
export async function answer(kindling: Kindling, id: string, path: string): Promise<void> {
  try {
    const { values, shown } = await kindling.awaiting(id, path);
    const payload = digest(textOf({ path, values }));
    const delivery = await kindling.deliver({ event: "answered", run: id, path, payload, deliveryId: `answer ${(answers += 1)}`, shown });
    // An answer before it may have made the run fail, and what is shown may have become something else.
    const isPast = delivery.status === "refused" && ["run_ended", "stale_approval", "already_decided"].includes(delivery.code);
    if (delivery.status !== "delivered" && !isPast) throw new Error(`${path}: ${JSON.stringify(delivery)}`);
  } catch (error) {
    // An answer before it, and an item that failed by it, closed this one.
    if (!(error instanceof Error && "code" in error && (error.code === "not_awaiting" || error.code === "run_not_found"))) throw error;
  }
}

/** Timeouts of calls are further away. */
const YEAR_MS = 365 * 86_400_000;

/** Moves the clock to its next timer; false when there is none. */
export async function passTime(clock: ManualClock): Promise<boolean> {
  const next = clock.pending.find((at) => at < clock.now() + YEAR_MS);
  if (next !== undefined) clock.set(Math.max(next, clock.now()));
  await nextTurn(QUIET_TURNS);
  return next !== undefined;
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
