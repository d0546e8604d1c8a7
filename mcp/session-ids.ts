// Which requests of one session of the 2025 era are under way, by their ids: answers find their way back by them, so of two with one id the other would never be
// answered, and would keep its connection.

import * as z from "zod";

const Id = z.union([z.string(), z.number()]);
const Asking = z.object({ id: Id, method: z.string() });
const Answering = z.object({ id: Id });
const Cancelling = z.object({ method: z.literal("notifications/cancelled"), params: z.object({ requestId: Id }) });

/** The ids of one session. */
export class SessionIds {
  readonly #underWay = new Set<string | number>();

  /** Takes the requests in a body, which may be a batch; false, and none is taken, where one of them is under way. */
  take(body: unknown): boolean {
    const ids = idsIn(body);
    const isTwice = new Set(ids).size < ids.length || ids.some((id) => this.#underWay.has(id));
    if (isTwice) return false;
    for (const id of ids) this.#underWay.add(id);
    // What is cancelled is never answered.
    for (const message of messagesIn(body)) this.#release(Cancelling.safeParse(message).data?.params.requestId);
    return true;
  }

  /** Has the requests of a body that was taken not be under way after all. */
  giveBack(body: unknown): void {
    for (const id of idsIn(body)) this.#release(id);
  }

  /** Sees what the server says: what is answered is over. */
  release(message: unknown): void {
    if (!Asking.safeParse(message).success) this.#release(Answering.safeParse(message).data?.id);
  }

  #release(id: string | number | undefined): void {
    if (id !== undefined) this.#underWay.delete(id);
  }
}

function messagesIn(body: unknown): readonly unknown[] {
  return Array.isArray(body) ? body : [body];
}

function idsIn(body: unknown): readonly (string | number)[] {
  return messagesIn(body).flatMap((message) => Asking.safeParse(message).data?.id ?? []);
}
