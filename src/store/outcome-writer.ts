// Records what was derived, several keys at once, as far as one atomic change holds.

import type { Commit } from "../ledger/ledger.ts";
import type { FactOrder } from "./change.ts";
import type { DeriveWorld } from "./derive-world.ts";
import type { GroupOutcome } from "./group.ts";

/** Below what an order may hold: what one key adds still fits. */
export const COMMITS_AT_ONCE = 500;
const CHARACTERS_MOST = 128 * 1024;

/** One for each batch. */
export class OutcomeWriter {
  readonly #world: DeriveWorld;
  readonly #orders: FactOrder[] = [];
  readonly #beside: Commit[] = [];
  #commits = 0;
  #characters = 0;

  constructor(world: DeriveWorld) {
    this.#world = world;
  }

  async add({ order, beside }: GroupOutcome): Promise<void> {
    if (order !== undefined) {
      this.#orders.push(order);
      // Each cause is told what followed from it.
      this.#commits += 1 + order.causes.length;
      this.#characters += JSON.stringify(order).length;
    }
    this.#beside.push(...beside);
    this.#commits += beside.length;
    this.#characters += beside.reduce((sum, { facts }) => sum + JSON.stringify(facts).length, 0);
    if (this.#commits >= this.#world.commitsAtOnce || this.#characters >= CHARACTERS_MOST) await this.#write([]);
  }

  /** Records what is left, together with this. */
  async end(last: readonly Commit[]): Promise<void> {
    if (this.#orders.length + this.#beside.length + last.length > 0) await this.#write(last);
  }

  async #write(last: readonly Commit[]): Promise<void> {
    const [orders, beside] = [this.#orders.splice(0), this.#beside.splice(0)];
    this.#commits = 0;
    this.#characters = 0;
    await this.#world.record(orders, [...beside, ...last]);
  }
}
