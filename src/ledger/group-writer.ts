// Group commit: everything queued while one write and sync runs goes into the next one, and is acknowledged after it, in order. There is no timer: the disk
// sets the pace. What is given at once stands in one group as far as a group may be long, so a crash keeps all of it or nothing. The first failure ends it for good,
// since nobody knows what the file holds then. Knows lines and one long file; no streams.

import { type WritableFile, writeWhole } from "./disk.ts";
import { encodeGroup } from "./frame.ts";
import type { Draft } from "./intake.ts";
import { ATOMIC_LIMIT_BYTES, ATOMIC_LIMIT_COMMITS } from "./ledger.ts";
import type { LogPoint } from "./scan.ts";

/** A group has at most so many lines and body bytes (a single line may have more), so that encoding it does not hold up everything else. */
export const GROUP_LIMIT_LINES = ATOMIC_LIMIT_COMMITS;
export const GROUP_LIMIT_BYTES = ATOMIC_LIMIT_BYTES;

/** What the writer of a log wants to know. */
export interface GroupEvents {
  /** A group is durable: its drafts, where each line begins, and the point behind it. Comes before anyone is answered. */
  onDurable(drafts: readonly Draft[], offsets: readonly number[], end: LogPoint): void;
  /** Between two groups, after everyone was answered. Gives the point to go on from, which is another one where a segment has begun. */
  onPause(end: LogPoint): Promise<LogPoint>;
  /** A write failed. The result is what everyone who waits is told. */
  onFailure(cause: unknown): Error;
}

/** The queue in front of a log file. */
export class GroupWriter {
  readonly #file: WritableFile;
  readonly #events: GroupEvents;
  #queue: Queued[] = [];
  #queuedBytes = 0;
  #end: LogPoint;
  #running: Promise<void> | undefined;

  constructor(file: WritableFile, end: LogPoint, events: GroupEvents) {
    this.#file = file;
    this.#end = end;
    this.#events = events;
  }

  /** Bytes of the bodies that wait. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Queues drafts in their order and resolves when they are durable; those that fit into a group stand in one. `blobs` are what must be durable before; the drafts keep their place while they are written. */
  append(drafts: readonly Draft[], blobs: Promise<unknown> | undefined): Promise<void> {
    if (drafts.length === 0) return this.idle();
    const durable = Promise.withResolvers<void>();
    const ready = blobs === undefined ? { isReady: true, promise: undefined } : this.#whenReady(blobs);
    const parts = [...partsOf(drafts)];
    for (const [index, part] of parts.entries()) {
      this.#queue.push({ drafts: part, ready, durable: index === parts.length - 1 ? durable : undefined });
      this.#queuedBytes += bytesOf(part);
    }
    this.#running ??= this.#run();
    return durable.promise;
  }

  /** Resolves when nothing is queued or being written. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** Makes the pause that follows a group, though nothing was written. */
  async pause(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
    this.#running = this.#rest().then(() => this.#run());
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#queue.length > 0) {
      // Even when there is nothing to wait for, this lets all appends of the same turn join the group.
      await this.#queue[0]?.ready.promise;
      const group = this.#takeGroup();
      if (group.length > 0) await this.#writeGroup(group);
    }
    this.#running = undefined;
  }

  #takeGroup(): readonly Queued[] {
    let [lines, bytes, count] = [0, 0, 0];
    for (const { drafts, ready } of this.#queue) {
      const more = bytesOf(drafts);
      const isFull = lines + drafts.length > GROUP_LIMIT_LINES || bytes + more > GROUP_LIMIT_BYTES;
      if ((count > 0 && isFull) || !ready.isReady) break;
      lines += drafts.length;
      bytes += more;
      count += 1;
    }
    this.#queuedBytes -= bytes;
    return this.#queue.splice(0, count);
  }

  async #writeGroup(group: readonly Queued[]): Promise<void> {
    const after = this.#end;
    const drafts = group.flatMap((queued) => queued.drafts);
    const { bytes, starts, chain } = encodeGroup(drafts, after);
    const end = { offset: after.offset + bytes.length, position: after.position + drafts.length, group: after.group + 1, chain };
    try {
      await writeWhole(this.#file, bytes, after.offset);
      await this.#file.syncContent();
      this.#end = end;
      this.#events.onDurable(
        drafts,
        starts.map((start) => after.offset + start),
        end,
      );
    } catch (cause) {
      this.#fail(cause, group);
      return;
    }
    for (const { durable } of group) durable?.resolve();
    await this.#rest();
  }

  async #rest(): Promise<void> {
    try {
      this.#end = await this.#events.onPause(this.#end);
    } catch (cause) {
      this.#fail(cause, []);
    }
  }

  #whenReady(blobs: Promise<unknown>): Ready {
    const ready: Ready = { isReady: false, promise: undefined };
    ready.promise = blobs.then(
      () => {
        ready.isReady = true;
      },
      (cause: unknown) => this.#fail(cause, []),
    );
    return ready;
  }

  /** Tells everyone who waits. A group that is being written at this moment still gets its own answer. */
  #fail(cause: unknown, group: readonly Queued[]): void {
    const failure = this.#events.onFailure(cause);
    for (const { durable } of [...group, ...this.#queue]) durable?.reject(failure);
    this.#queue = [];
    this.#queuedBytes = 0;
  }
}

/** Whether the blobs of some drafts are durable. */
interface Ready {
  isReady: boolean;
  promise: Promise<void> | undefined;
}

/** Drafts that stand in one group. */
interface Queued {
  readonly drafts: readonly Draft[];
  readonly ready: Ready;
  /** Of the last ones of an append: its caller's answer. */
  readonly durable: PromiseWithResolvers<void> | undefined;
}

function bytesOf(drafts: readonly Draft[]): number {
  return drafts.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
}

/** What is given at once, in pieces that fit into a group: one piece, unless it is too long. */
function* partsOf(drafts: readonly Draft[]): Generator<readonly Draft[]> {
  let part: Draft[] = [];
  let bytes = 0;
  for (const draft of drafts) {
    if (part.length >= GROUP_LIMIT_LINES || (part.length > 0 && bytes + draft.bodyBytes > GROUP_LIMIT_BYTES)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(draft);
    bytes += draft.bodyBytes;
  }
  yield part;
}
