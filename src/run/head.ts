// The head of a run: the little that is known of it without folding it. It makes runs findable and keeps waiting ones out of memory (R7).

import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Failure } from "../errors.ts";
import type { Gate } from "../graph/gate.ts";
import type { Head } from "../ledger/ledger.ts";
import type { ParentLink } from "./fact.ts";
import { exitsDue } from "./exits.ts";
import { type NotedSpending, notedSpending } from "./fold-spending.ts";
import { isDerivedDeliveryId } from "./ids.ts";
import { reminderAt } from "./reminder.ts";
import { isEnded, type RunState, type RunStatus } from "./state.ts";

/** An open await as a head notes it. */
export interface NotedAwait {
  readonly node: string;
  readonly event: string;
  /** The history whose events answer it. */
  readonly history?: string;
  readonly gate?: Gate;
  readonly since: number;
  readonly deadline?: number;
  readonly shown: string;
  /** What people have said at a gate that needs more of them: who, and when. */
  readonly voices?: readonly { readonly by: string; readonly at: number }[];
}

/** When a node of a waiting run is to be looked at again. */
export interface NotedTimer {
  readonly node: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** An effect that failed for good, as a head notes it. */
export interface NotedDead {
  /** It could not be done, or not be taken back. */
  readonly what: "effect" | "compensation";
  readonly node: string;
  readonly code: string;
  readonly message: string;
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** What a head's note holds. */
export interface RunNote {
  readonly contract: string;
  readonly version: string;
  readonly status: RunStatus;
  readonly root: string;
  readonly path: string;
  readonly correlation: JsonObject;
  readonly tags?: readonly string[];
  readonly parent?: ParentLink;
  readonly awaits?: readonly NotedAwait[];
  readonly timers?: readonly NotedTimer[];
  /** Effects that failed for good. */
  readonly dead?: readonly NotedDead[];
  readonly overrides?: JsonObject;
  /** Children with a stream of their own that this run does not know to have ended. */
  readonly openChildren?: number;
  readonly error?: Failure;
  /** Somebody gave it a budget. */
  readonly budget?: true;
  /** Left out while it is at work, and by editions that did not note it: its facts tell it. */
  readonly spent?: NotedSpending;
}

/** The head of a run as it stands. */
export function headOf(state: RunState): Head {
  const awaits = openAwaits(state);
  const timers = timersOf(state);
  const dead = deadIn(state);
  const spent = notedSpending(state);
  const isRoot = state.parent === undefined;
  const openChildren = isEnded(state) ? 0 : state.openChildren;
  const note: RunNote = {
    contract: state.plan.name,
    version: state.plan.version,
    status: state.status,
    root: state.root,
    path: state.path,
    correlation: state.correlation,
    ...(state.tags === undefined ? {} : { tags: state.tags }),
    ...(state.parent === undefined ? {} : { parent: state.parent }),
    ...(Object.keys(state.overrides).length === 0 ? {} : { overrides: state.overrides }),
    ...(awaits.length === 0 ? {} : { awaits }),
    ...(dead.length === 0 ? {} : { dead }),
    ...(timers.length === 0 ? {} : { timers }),
    ...(openChildren === 0 ? {} : { openChildren }),
    ...(state.error === undefined ? {} : { error: state.error }),
    ...(state.budget === undefined ? {} : { budget: true }),
    ...(spent === undefined ? {} : { spent }),
  };
  const events = isRoot ? [...state.plan.events] : [];
  const [exit] = exitsDue(state);
  const due = isEnded(state) ? exit?.now?.retryAt : earliest(timers);
  return {
    open: !isEnded(state) || exit !== undefined,
    keys: [
      ...(state.parent === undefined
        ? [keys.root, keys.contract(state.plan.name)]
        : [keys.inTree(state.root), keys.under(state.parent.run)]),
      keys.status(state.status),
      ...(state.tags ?? []).map(keys.tag),
      ...(state.parent === undefined || isEnded(state) ? [] : [keys.child]),
      ...(openChildren === 0 ? [] : [keys.parent]),
      ...(exit !== undefined && due === undefined ? [keys.follows] : []),
      ...(awaits.length === 0 ? [] : [keys.waits]),
      ...(awaits.some(({ gate }) => gate !== undefined) ? [keys.gate] : []),
      ...(dead.length === 0 ? [] : [keys.dead]),
      ...(state.models.size === 0 ? [] : [keys.spent]),
      ...[...state.shared.values()].map(keys.made),
      ...[...new Set(awaits.map(({ event }) => event))].map(keys.awaits),
      ...events.map(keys.declares),
      ...[...new Set([...state.buffered.values()].map(({ event }) => event))].map(keys.early),
      ...deliveredIds(state, isRoot).map(keys.delivered),
      ...[...state.mailed].map(keys.mailed),
      ...[...state.restsOn].map(keys.restsOn),
      ...(isRoot || awaits.length > 0 ? Object.entries(state.correlation).map(([key, value]) => keys.correlates(key, value)) : []),
    ],
    note: note as unknown as JsonObject,
    ...(due === undefined ? {} : { due }),
  };
}

/** The keys runs are found by. */
export const keys = {
  root: "root",
  contract: (name: string) => `contract:${name}`,
  tag: (tag: string) => `tag:${tag}`,
  status: (status: RunStatus) => `status:${status}`,
  inTree: (root: string) => `in:${root}`,
  /** This run found a value that others may take: the hash of what was read, and by what. */
  made: (hash: string) => `made:${hash}`,
  /** An effect of this very run failed for good. */
  dead: "dead",
  /** Nodes of this very run have asked a model. */
  spent: "spent",
  under: (parent: string) => `under:${parent}`,
  /** A child that has not ended. */
  child: "child",
  /** A run that knows of children that have not ended. */
  parent: "parent",
  /** It has ended, and something follows on that now. What follows at a time is found by that. */
  follows: "follows",
  /** An await of this very run is open; one that a person decides. */
  waits: "waits",
  gate: "gate",
  /** A root run keeps an event that came before its await. */
  early: (event: string) => `early:${event}`,
  /** An await of this very run was answered by this delivery. */
  delivered: (deliveryId: string) => `delivered:${deliveryId}`,
  /** A root run took this delivery from the mailbox. */
  mailed: (deliveryId: string) => `mailed:${deliveryId}`,
  /** It rests on facts of this key of a store, or of this store. */
  restsOn: (subject: string) => `rests-on:${subject}`,
  /** A root run of which only a receipt is left. */
  compacted: "compacted",
  awaits: (event: string) => `awaits:${event}`,
  declares: (event: string) => `declares:${event}`,
  correlates: (key: string, value: JsonValue) => `on:${key}=${canonicalJson(value)}`,
} as const;

/** Reads a note back; undefined for a stream that is no run. */
export function readNote(note: JsonObject): RunNote | undefined {
  // Written by `headOf`; the ledger's checksums vouch for it since, and the version of the ledger's format for its shape.
  return typeof note["contract"] === "string" && isJsonObject(note["correlation"]) ? (note as unknown as RunNote) : undefined;
}

/** In a root only ids that callers gave: nobody looks for a derived one there. */
function deliveredIds(state: RunState, isRoot: boolean): string[] {
  const delivered = [...state.deliveries.values()].filter(({ outcome }) => outcome !== "buffered");
  return delivered.map(({ deliveryId }) => deliveryId).filter((id) => !isRoot || !isDerivedDeliveryId(id));
}

/** The times of awaits, sleepers and of what other systems work on. */
function timersOf(state: RunState): NotedTimer[] {
  const timers: NotedTimer[] = [];
  if (isEnded(state)) return timers;
  for (const index of [...state.waits, ...state.asleep]) {
    const node = state.plan.nodes[index];
    const now = state.nodes[index];
    if (node === undefined || now === undefined) continue;
    if (now.status === "sleeping" || now.status === "postponed") timers.push({ node: node.name, at: now.at });
    if (now.status !== "waiting") continue;
    const times = [now.deadline, reminderAt(node, now)].filter((at) => at !== undefined);
    if (times.length > 0) timers.push({ node: node.name, at: Math.min(...times) });
  }
  return timers;
}

function earliest(timers: readonly NotedTimer[]): number | undefined {
  return timers.length === 0 ? undefined : timers.reduce((least, { at }) => Math.min(least, at), Number.POSITIVE_INFINITY);
}

/** Only a run that has ended has any: until then they are tried again. What could not be taken back is one, too. */
function deadIn(state: RunState): NotedDead[] {
  if (state.status !== "failed" && state.status !== "cancelled") return [];
  const standing = [...state.uncompensated].flatMap(([index, { error, attempts }]): NotedDead[] => {
    const node = state.plan.nodes[index]?.name;
    return node === undefined ? [] : [{ ...deadOf(node, error, attempts, state.endedAt ?? 0), what: "compensation" }];
  });
  return [...standing, ...failedEffects(state)];
}

function failedEffects(state: RunState): NotedDead[] {
  return state.plan.nodes.flatMap((node) => {
    const now = state.nodes[node.index];
    const { work } = node.definition.behaviour;
    if (now?.status !== "failed" || work.type !== "call" || work.patient !== true) return [];
    return [deadOf(node.name, now.error, state.attempts[node.index] ?? 0, now.at)];
  });
}

function deadOf(node: string, { code, message }: Failure, attempts: number, since: number): NotedDead {
  return { what: "effect", node, code, message: message.slice(0, 200), attempts, since };
}

function openAwaits(state: RunState): NotedAwait[] {
  const awaits: NotedAwait[] = [];
  if (isEnded(state)) return awaits;
  for (const index of state.waits) {
    const node = state.plan.nodes[index];
    const now = state.nodes[index];
    const work = node?.definition.behaviour.work;
    if (node === undefined || now?.status !== "waiting" || work?.type !== "wait") continue;
    awaits.push({
      node: node.name,
      event: now.event,
      since: now.since,
      shown: now.shown,
      ...(work.on === undefined ? {} : { history: work.on.history.name }),
      ...(work.gate === undefined ? {} : { gate: work.gate }),
      ...(now.voices.length === 0 ? {} : { voices: now.voices.map(({ actor, at }) => ({ by: actor.id, at })) }),
      ...(now.deadline === undefined ? {} : { deadline: now.deadline }),
    });
  }
  return awaits;
}
