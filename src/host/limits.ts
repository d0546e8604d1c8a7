// How many calls to the outside run at once: in all, per resource, and per provider and model (R8). Ready calls wait in lines in which root runs take turns. It knows lanes
// and places, and nothing of what the calls do.

import type { ModelProvider, ModelReply, ModelRequest } from "../model/model.ts";
import type { Clock } from "./clock.ts";
import { type Caller, entered, Lane } from "./load/lane.ts";
import { DEFAULT_LIMITS, type LimitOptions } from "./load/limit-options.ts";
import type { Load } from "./load/load.ts";
import { callThroughLanes } from "./load/model-call.ts";
import { ModelLanes } from "./load/model-lanes.ts";
import { Place } from "./load/place.ts";

/** A call to a model, as an attempt makes it. */
export interface ModelOrder {
  readonly provider: ModelProvider;
  readonly request: ModelRequest;
  readonly caller: Caller;
  /** Another model can be asked instead. */
  readonly hasOther: boolean;
  /** That of the attempt. */
  readonly place: Place;
  /** Makes the call, once it may be made; says when it is sent. */
  readonly make: (sent: () => void) => Promise<ModelReply>;
}

/** Before the name of a model in what a node competes for. */
const MODEL = "model:";

/** Runs tasks within the caps. */
export class Limits {
  readonly #clock: Clock;
  readonly #perResource: number;
  readonly #all: Lane;
  readonly #byResource = new Map<string, Lane>();
  readonly #models: ModelLanes;

  constructor(clock: Clock, options: LimitOptions = {}, providers: readonly ModelProvider[] = []) {
    const { calls = DEFAULT_LIMITS.calls, perResource = DEFAULT_LIMITS.perResource } = options;
    this.#clock = clock;
    this.#perResource = perResource;
    this.#all = new Lane("calls", "calls", { concurrency: calls }, clock);
    this.#models = new ModelLanes(options, providers, clock);
  }

  /** Runs an attempt when its turn has come. A place of the whole is taken only once there is one of the resource, so that a slow one blocks no other. */
  async run<T>(resource: string | undefined, caller: Caller, task: (place: Place) => Promise<T>): Promise<T> {
    const own = resource === undefined ? undefined : await entered(this.#ofResource(resource), caller);
    try {
      const place = new Place(await entered(this.#all, caller));
      try {
        return await task(place);
      } finally {
        place.close();
      }
    } finally {
      if (own !== undefined) own.lane.leave(own);
    }
  }

  /** Makes a call to a model when its turn has come. @throws ModelError `circuit_open`, `over_limit`, and what the call throws */
  call({ provider, request, ...order }: ModelOrder): Promise<ModelReply> {
    const lanes = this.#models.of(provider, request.model);
    return callThroughLanes({ provider: provider.id, request, lanes, all: this.#all, clock: this.#clock, ...order });
  }

  /** How everything stands. */
  load(): Load {
    return {
      at: this.#clock.now(),
      lanes: [this.#all.load(), ...[...this.#byResource.values()].map((lane) => lane.load()), ...this.#models.load()],
    };
  }

  #ofResource(resource: string): Lane {
    const known = this.#byResource.get(resource);
    if (known !== undefined) return known;
    const model = resource.startsWith(MODEL) ? resource.slice(MODEL.length) : undefined;
    const lane =
      model === undefined
        ? new Lane("resource", resource, { concurrency: this.#perResource }, this.#clock)
        : new Lane("attempts", model, { concurrency: this.#models.attempts(model) }, this.#clock);
    this.#byResource.set(resource, lane);
    return lane;
  }
}
