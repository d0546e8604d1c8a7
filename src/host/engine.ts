// What a runtime stands on at a moment: a ledger opened for writing with its host, or one opened for reading with the way to the process that writes.

import { setTimeout } from "node:timers/promises";
import { LedgerError } from "../errors.ts";
import { toMilliseconds } from "../graph/duration.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { NO_PRICES } from "../model/price.ts";
import { TAKE_OVER_STEP_MS } from "./call-writer.ts";
import { assertOwnRetention } from "./assert-retention.ts";
import type { Anchors } from "./anchors.ts";
import { systemChance, systemClock } from "./clock.ts";
import type { Disclosure } from "./disclosure.ts";
import { openDoor, type Door } from "./door.ts";
import { doorHost } from "./door-client.ts";
import { EmbeddedHost } from "./embedded.ts";
import { Follower } from "./follower.ts";
import type { Host } from "./host.ts";
import { Limits } from "./limits.ts";
import type { LiveBoard } from "./live/live-board.ts";
import { modelAccess } from "./models.ts";
import { Plans } from "./plans.ts";
import { RegularCompaction } from "./regular-compaction.ts";
import type { Watching } from "./run-handle.ts";
import { RunReader } from "./run-reader.ts";
import type { RuntimeOptions } from "./create-runtime.ts";

/** A ledger with what carries and reads its runs. */
export interface Engine {
  readonly ledger: Ledger;
  /** `own`: this process writes. `door`: another does and takes calls. `none`: this one only reads. */
  readonly writing:
    | { readonly by: "own"; readonly host: EmbeddedHost }
    | { readonly by: "door"; readonly host: Host }
    | { readonly by: "none" };
  readonly reader: RunReader;
  readonly watching: Watching;
  readonly disclosure: Disclosure;
  close(): Promise<void>;
}

/** Opens an engine. With `shared`, whoever finds the ledger free writes; others read, and call the writer by its door. */
export async function openEngine(given: RuntimeOptions, live: LiveBoard, disclosure: Disclosure): Promise<Engine> {
  const { onLog } = given;
  const options: RuntimeOptions = onLog === undefined ? given : { ...given, onLog: (line) => onLog(disclosure.log(line)) };
  const clock = options.clock ?? systemClock;
  const now = () => clock.now();
  const access = options.access ?? "write";
  if (access !== "read") {
    const anchors = await anchorsOf(options);
    try {
      return await writingEngine(options, await options.ledger.open({ access: "write", now }), { live, disclosure, anchors });
    } catch (error) {
      if (access === "write" || !isLocked(error)) throw error;
    }
  }
  const ledger = await openForReading(options, now);
  const { folder } = options.ledger;
  const writing = access === "read" || folder === undefined ? ({ by: "none" } as const) : ({ by: "door", host: doorHost(folder) } as const);
  const reader = new RunReader(ledger, new Plans(options.contracts));
  const follower = new Follower(ledger, (run) => reader.rootOf(run), { isNudged: false, isHandedTo: false });
  return assemble({ ledger, reader, follower }, writing, { live, disclosure }, async () => ledger.close());
}

/** Opens an engine that writes in place of a writer that is gone; undefined, after a pause, while somebody else writes. */
export async function takeOver(options: RuntimeOptions, live: LiveBoard, disclosure: Disclosure): Promise<Engine | undefined> {
  const engine = await openEngine(options, live, disclosure);
  if (engine.writing.by === "own") return engine;
  await engine.close();
  await setTimeout(TAKE_OVER_STEP_MS);
  return undefined;
}

/** How long a process waits for a ledger that another one is making. */
const MAKING_MS = 5_000;
const MAKING_STEP_MS = 20;

/** Opens for reading. Where the lock is held and there is no ledger yet, whoever holds it is making one. */
async function openForReading({ ledger, access }: RuntimeOptions, now: () => number): Promise<Ledger> {
  for (let waitedMs = 0; ; waitedMs += MAKING_STEP_MS) {
    try {
      return await ledger.open({ access: "read", now });
    } catch (error) {
      const isMissing = error instanceof LedgerError && error.code === "ledger_missing";
      if (access !== "shared" || !isMissing || waitedMs >= MAKING_MS) throw error;
      await setTimeout(MAKING_STEP_MS);
    }
  }
}

/** True for the error that says another process writes. */
export function isLocked(error: unknown): boolean {
  return error instanceof LedgerError && error.code === "ledger_locked";
}

/** Loaded only where there are any. */
async function anchorsOf({ anchor, ledger, clock = systemClock, fetch = globalThis.fetch }: RuntimeOptions): Promise<Anchors | undefined> {
  if (anchor === undefined) return undefined;
  const { Anchors } = await import("./anchors.ts");
  return new Anchors(anchor, { folder: ledger.folder, clock, fetch });
}

/** Where what happens goes besides the ledger. */
interface Outlets {
  readonly live: LiveBoard;
  readonly disclosure: Disclosure;
}

async function writingEngine(
  options: RuntimeOptions,
  ledger: Ledger,
  { live, disclosure, anchors }: Outlets & { readonly anchors: Anchors | undefined },
): Promise<Engine> {
  const clock = options.clock ?? systemClock;
  const plans = new Plans(options.contracts);
  const reader = new RunReader(ledger, plans);
  const follower = new Follower(ledger, (run) => reader.rootOf(run), { isNudged: true, isHandedTo: options.ledger.folder !== undefined });
  const host = new EmbeddedHost({
    ledger,
    plans,
    stores: options.stores ?? [],
    approvers: options.approvers ?? [],
    clock,
    chance: options.chance ?? systemChance,
    limits: new Limits(clock, options.limits, options.models),
    models: modelAccess({ models: options.models ?? [], model: options.model, prices: options.prices ?? NO_PRICES }, clock),
    fetch: options.fetch ?? globalThis.fetch,
    disclosure,
    live,
    onLog: options.onLog ?? (() => {}),
    onStopped: (error) => follower.close(error),
    onRecorded: (root) => follower.nudge(root),
  });
  let door: Door | undefined;
  try {
    assertOwnRetention(options.retention ?? [], ledger, plans.names());
    door = options.ledger.folder === undefined ? undefined : await openDoor(options.ledger.folder, host, live);
    await host.recover();
  } catch (error) {
    await door?.close();
    await host.close();
    throw error;
  }
  anchors?.start();
  const { compactEvery, retention = [], stores = [], onLog: log = () => {} } = options;
  const everyMs = compactEvery === undefined ? undefined : toMilliseconds(compactEvery);
  const regular =
    everyMs === undefined
      ? undefined
      : new RegularCompaction({ everyMs, retention, stores, clock, compact: host.compact, keep: host.keep, log });
  regular?.start();
  return assemble({ ledger, reader, follower }, { by: "own", host }, { live, disclosure }, async () => {
    await door?.close();
    await regular?.close();
    await host.close();
    await anchors?.close();
  });
}

interface Reading {
  readonly ledger: Ledger;
  readonly reader: RunReader;
  readonly follower: Follower;
}

function assemble(
  { ledger, reader, follower }: Reading,
  writing: Engine["writing"],
  { live, disclosure }: Outlets,
  close: () => Promise<void>,
): Engine {
  const own = writing.by === "own" ? writing.host : undefined;
  return {
    ledger,
    writing,
    reader,
    disclosure,
    watching: {
      reader,
      follower,
      live,
      stranded: (run) => own?.stranded(run),
      outputsOf: (run) => own?.residents.outputsOf(run),
    },
    close: async () => {
      await close();
      follower.close();
    },
  };
}
