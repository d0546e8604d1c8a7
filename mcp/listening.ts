// `subscriptions/listen` of the modern era: a client names addresses in one long request. The SDK keeps the request and says who hears what; here is what makes
// there be something to hear. Knows no transport.

import * as z from "zod";
import type { End, Subscriptions } from "./subscriptions.ts";

const Wish = z.object({ method: z.literal("subscriptions/listen") });
const Listen = Wish.extend({
  id: z.union([z.string(), z.number()]),
  params: z.object({ notifications: z.object({ resourceSubscriptions: z.array(z.string()).default([]) }) }),
});

/** A client's wish to hear of what is at some addresses. */
export interface ListenRequest {
  readonly id: string | number;
  readonly uris: readonly string[];
}

/** The wish in a message, if it is one. */
export function listenIn(message: unknown): ListenRequest | undefined {
  const { success, data } = Listen.safeParse(message);
  return success ? { id: data.id, uris: [...new Set(data.params.notifications.resourceSubscriptions)] } : undefined;
}

/** True for a message that is such a wish, whether it can be understood or not. */
export function isListening(message: unknown): boolean {
  return Wish.safeParse(message).success;
}

/** The answer to a client that listens to too much. */
export function tooMuchListening({ id }: Pick<ListenRequest, "id">) {
  return { jsonrpc: "2.0" as const, id, error: TOO_MANY_SUBSCRIPTIONS };
}

/** What a client is told that listens to too much, in either era. */
export const TOO_MANY_SUBSCRIPTIONS = { code: -32_000, message: "Too many subscriptions are open. End one, then subscribe again." };

/** What is listened to over one bus: an address is told once, however many listen to it. */
export class Listening {
  readonly #subscriptions: Subscriptions;
  readonly #tell: (uri: string) => void;
  readonly #open = new Map<string, { count: number; readonly end: Promise<End | undefined> }>();

  constructor(subscriptions: Subscriptions, tell: (uri: string) => void) {
    this.#subscriptions = subscriptions;
    this.#tell = tell;
  }

  /** From now on these are told of, until the end that is given; undefined, and nothing is, when that would be too many. */
  async listen(uris: readonly string[]): Promise<End | undefined> {
    const ends = await Promise.all(uris.map((uri) => this.#add(uri)));
    const end = () => {
      for (const each of ends) each?.();
    };
    if (!ends.includes(undefined)) return end;
    end();
    return undefined;
  }

  async #add(uri: string): Promise<End | undefined> {
    const known = this.#open.get(uri) ?? { count: 0, end: this.#subscriptions.subscribe(uri, () => this.#tell(uri)) };
    this.#open.set(uri, known);
    known.count += 1;
    const end = await known.end;
    const leave = () => {
      known.count -= 1;
      if (known.count > 0) return;
      this.#open.delete(uri);
      end?.();
    };
    if (end !== undefined) return leave;
    leave();
    return undefined;
  }
}
