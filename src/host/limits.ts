// How many calls to the outside run at once, per resource (a model's provider) and in all. Ready calls queue in the order they became ready (R8).

import pLimit, { type LimitFunction } from "p-limit";

/** The caps; both at least 1. */
export interface LimitOptions {
  /** Calls to the outside at once, over all runs of the runtime. Default 64. */
  readonly calls?: number;
  /** Calls at once per resource, e.g. per model provider. Default 16. */
  readonly perResource?: number;
}

/** Runs tasks within the caps. */
export class Limits {
  readonly #all: LimitFunction;
  readonly #perResource: number;
  readonly #byResource = new Map<string, LimitFunction>();

  constructor({ calls = 64, perResource = 16 }: LimitOptions = {}) {
    this.#all = pLimit(calls);
    this.#perResource = perResource;
  }

  /** Runs a task when its turn has come. A place of the whole is taken only once there is one of the resource, so that a slow one blocks no other. */
  run<T>(resource: string | undefined, task: () => Promise<T>): Promise<T> {
    if (resource === undefined) return this.#all(task);
    let limit = this.#byResource.get(resource);
    if (limit === undefined) {
      limit = pLimit(this.#perResource);
      this.#byResource.set(resource, limit);
    }
    return limit(() => this.#all(task));
  }
}
