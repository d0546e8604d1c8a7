// The calls of a client about projections: made in this process, kept by the one that writes.

import { assertDefinition, assertOptions } from "../graph/given.ts";
import type { Projection } from "../store/project.ts";
import type { ProjectionPoint } from "../store/projection-log.ts";
import { type Projected, Projector } from "../store/projector.ts";
import type { CallOptions } from "./requests.ts";
import type { Standing } from "./standing.ts";

/** A projection in hand. */
export interface ProjectionHandle<State> {
  /** What it says, with everything that is recorded by now. Costs what was recorded since it was asked or kept last. @throws RunError `projection_failed`, with the place of the fact; `projection_behind` when facts that it had not come to are gone */
  get(options?: CallOptions): Promise<Projected<State>>;
  /** The same, made anew from the oldest fact on. */
  rebuild(options?: CallOptions): Promise<Projected<State>>;
}

/** A state to be kept, as the process that writes takes it. */
export interface ProjectOrder extends ProjectionPoint {
  readonly name: string;
}

/** Made once for a runtime. */
export function projectionCall(standing: Standing): <State>(projection: Projection<State>) => ProjectionHandle<State> {
  const projectors = new WeakMap<Projection<never>, unknown>();
  return <State>(projection: Projection<State>) => {
    assertDefinition("kindling.projection", projection, "projection");
    const known: unknown = projectors.get(projection as unknown as Projection<never>);
    // Kept under the definition that it was made for.
    const projector =
      (known as Projector<State> | undefined) ??
      new Projector(projection, async (point) => {
        if (standing.engine.writing.by === "none") return;
        await standing.write((host) => host.project({ name: projection.name, ...point }));
      });
    projectors.set(projection as unknown as Projection<never>, projector);
    return {
      get: async (options = {}) => {
        assertOptions("projection.get", options);
        return projector.get((await standing.fresh()).ledger, options.signal);
      },
      rebuild: async (options = {}) => {
        assertOptions("projection.rebuild", options);
        return projector.rebuild((await standing.fresh()).ledger, options.signal);
      },
    };
  };
}
