// Events that came before their run: kept for as long as the contract says, one stream per contract, and offered to the run that starts.

import type { Plan } from "../compile/plan.ts";
import { canonicalJson, type JsonObject } from "../json.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { EventBuffered, EventTaken } from "../run/event-facts.ts";
import { isErased } from "../run/erased.ts";
import { keys } from "../run/head.ts";
import { readFact } from "../run/read-fact.ts";
import type { Clock } from "./clock.ts";
import { hasHead } from "./each-head.ts";
import { isSubset } from "./early.ts";
import { openSnapshot, sealSnapshot } from "./snapshot.ts";
import { isSnapshotDue } from "./snapshot-keeper.ts";

/** Events kept per contract at once. */
export const MAILBOX_LIMIT = 1_000;

/** How keeping ended: `conflict` when the delivery id was used for another payload, `full` when there is no room, `moot` when its run has started meanwhile. */
export type Kept = "kept" | "duplicate" | "conflict" | "full" | "moot";

type Letter = EventBuffered & { readonly until: number };

interface Box {
  readonly stream: string;
  readonly letters: Map<string, Letter>;
  /** Letters that a run is being given at this moment: nobody else is offered them. */
  readonly offered: Set<string>;
  version: number;
  /** How many of its facts stand in a snapshot. */
  kept: number;
}

function streamOf(contract: string): string {
  return `mailbox:${contract}`;
}

/** Each letter has a key of its own, so that it can be erased with the run that took it. No stream has this name. */
function treeOf(box: Box, { deliveryId }: Letter | EventTaken): string {
  return `letter ${box.stream} ${deliveryId}`;
}

/** The mailboxes of a host's contracts. */
export class Mailbox {
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #boxes = new Map<string, Promise<Box>>();

  constructor(ledger: Ledger, clock: Clock) {
    this.#ledger = ledger;
    this.#clock = clock;
  }

  /** Keeps an event for a contract, unless `hasRun` says that it has a run by now; resolves when it is durable. */
  async keep(plan: Plan, keepForMs: number, event: Omit<EventBuffered, "until">, hasRun: () => boolean): Promise<Kept> {
    const box = await this.#box(plan.name);
    // Asked in the same turn in which the letter is laid down: a run that becomes durable later looks for it later.
    if (hasRun()) return "moot";
    this.#dropExpired(box);
    const known = box.letters.get(event.deliveryId);
    if (known !== undefined) return canonicalJson(known.payload) === canonicalJson(event.payload) ? "duplicate" : "conflict";
    if (box.letters.size >= MAILBOX_LIMIT) return "full";
    const letter: Letter = { ...event, until: this.#clock.now() + keepForMs };
    box.letters.set(letter.deliveryId, letter);
    await this.#append(box, letter);
    return "kept";
  }

  /** The events kept for a run with this correlation, oldest first. They stay until `taken` says that the run has them. */
  async offer(plan: Plan, correlation: JsonObject): Promise<readonly EventBuffered[]> {
    if (plan.graph.early === undefined) return [];
    const box = await this.#box(plan.name);
    this.#dropExpired(box);
    const letters = [...box.letters.values()].filter(
      (letter) => !box.offered.has(letter.deliveryId) && isSubset(letter.correlation, { correlation }),
    );
    for (const { deliveryId } of letters) box.offered.add(deliveryId);
    return letters.map(({ until: _until, ...event }) => ({ ...event, mailed: true }));
  }

  /** All events that are kept for runs of a contract, oldest first. */
  async letters(plan: Plan): Promise<readonly EventBuffered[]> {
    if (plan.graph.early === undefined || this.#ledger.head(streamOf(plan.name))?.open !== true) return [];
    const box = await this.#box(plan.name);
    this.#dropExpired(box);
    return [...box.letters.values()];
  }

  /** Notes that a run has these events. */
  async taken(plan: Plan, events: readonly EventBuffered[], run: string): Promise<void> {
    const box = await this.#box(plan.name);
    for (const { deliveryId } of events) {
      if (box.letters.delete(deliveryId)) await this.#append(box, { type: "event.taken", deliveryId, taker: run, at: "" });
    }
  }

  /** The run they were offered to has no use for these events: the next one may have them. */
  async returned(plan: Plan, events: readonly EventBuffered[]): Promise<void> {
    const box = await this.#box(plan.name);
    for (const { deliveryId } of events) box.offered.delete(deliveryId);
  }

  /** Erases letters that a run has taken; resolves when nobody can read them any more. */
  async erase(contract: string, deliveryIds: readonly string[], run: string): Promise<void> {
    if (deliveryIds.length === 0) return;
    const box = await this.#box(contract);
    const letters = deliveryIds.map((deliveryId): EventTaken => ({ type: "event.taken", deliveryId, taker: run, at: "" }));
    await this.#ledger.erase(letters.map((letter) => ({ tree: treeOf(box, letter), runs: [] })));
    // Names no letter: it says anew how the box stands, which the last letter may have said.
    await this.#append(box, { type: "event.taken", deliveryId: "", taker: run, at: "" });
    if ((await this.#ledger.snapshots.get(box.stream)) !== undefined) await this.#putSnapshot(box);
  }

  #box(contract: string): Promise<Box> {
    const known = this.#boxes.get(contract) ?? this.#read(streamOf(contract));
    this.#boxes.set(contract, known);
    return known;
  }

  async #read(stream: string): Promise<Box> {
    const { letters, version: kept } = await this.#kept(stream);
    for (const entry of await this.#ledger.read(stream, { from: kept + 1 })) {
      // Nothing of what was before counts, whatever the snapshot says.
      if (entry.replaces !== undefined) letters.clear();
      for (const json of entry.facts) {
        if (isErased(json)) continue;
        const fact = readFact(json, stream);
        if (fact.type === "event.buffered" && fact.until !== undefined) letters.set(fact.deliveryId, { ...fact, until: fact.until });
        else if (fact.type === "event.taken") letters.delete(fact.deliveryId);
      }
    }
    // Each commit of a mailbox holds one fact, so none of the snapshot's came again. A run that took an event just before a crash says so in its head.
    for (const id of letters.keys()) if (hasHead(this.#ledger, { keys: [keys.mailed(id)] })) letters.delete(id);
    return { stream, letters, offered: new Set(), version: this.#ledger.head(stream)?.version ?? 0, kept };
  }

  async #kept(stream: string): Promise<{ readonly letters: Map<string, Letter>; readonly version: number }> {
    const snapshot = await this.#ledger.snapshots.get(stream);
    const isThere = snapshot !== undefined && snapshot.version <= (this.#ledger.head(stream)?.version ?? 0);
    // Written by `#keepSnapshot`, as the checksum and the name of the stream vouch.
    const letters = isThere ? (openSnapshot(stream, snapshot.bytes) as Map<string, Letter> | undefined) : undefined;
    return snapshot === undefined || letters === undefined ? { letters: new Map(), version: 0 } : { letters, version: snapshot.version };
  }

  /** So that a mailbox through which many letters went is read back fast. Only while all of it is durable: what a crash takes must be in no snapshot. */
  async #keepSnapshot(box: Box): Promise<void> {
    const { stream, version, kept } = box;
    if (!isSnapshotDue(version, kept, true) || this.#ledger.head(stream)?.version !== version) return;
    await this.#putSnapshot(box);
  }

  async #putSnapshot(box: Box): Promise<void> {
    const { stream, version, letters } = box;
    box.kept = version;
    await this.#ledger.snapshots.put(stream, { version, bytes: sealSnapshot(stream, letters) });
  }

  #dropExpired(box: Box): void {
    const now = this.#clock.now();
    for (const [id, letter] of box.letters) if (letter.until <= now) box.letters.delete(id);
  }

  async #append(box: Box, fact: Letter | EventTaken): Promise<void> {
    const expected = box.version;
    box.version += 1;
    // Every value in the fact went through `toJson`.
    const isEmpty = box.letters.size === 0;
    await this.#ledger.append([
      {
        run: box.stream,
        tree: treeOf(box, fact),
        expected,
        facts: [fact as unknown as JsonObject],
        head: { open: !isEmpty, keys: ["mailbox"], note: {} },
        // Of a box that holds nothing nobody needs to know what went through it.
        ...(isEmpty && expected > 0 ? { replaces: "before" as const } : {}),
      },
    ]);
    await this.#keepSnapshot(box);
  }
}
