// What a child's input is given: which node's value, or the items of it. Asks no kind; what is not said by a forecast has the name of its need.

import type { NodeDefinition } from "../graph/graph.ts";

/** The node whose value an input is given; with `isItem`, each child gets one item of that value. */
export interface Feed {
  readonly from: string;
  readonly isItem: boolean;
}

/** The feed of a child's input; undefined where it is given nothing, or nothing is known of it. */
export function feedOf({ needs, behaviour: { forecast, work } }: NodeDefinition, input: string): Feed | undefined {
  const named = (local: string, isItem = false): Feed | undefined => {
    const from = Object.hasOwn(needs, local) ? needs[local] : undefined;
    return from === undefined ? undefined : { from, isItem };
  };
  switch (forecast?.type) {
    case "items":
      if (input === forecast.as) return named(forecast.over, true);
      return input === forecast.over ? undefined : named(input);
    case "rounds":
      if (input === forecast.as) return named(forecast.from);
      return input === forecast.from ? undefined : named(input);
    default: {
      // Children that differ, one for each item or round, are given more than the needs: without a forecast nobody knows what.
      const differ = work.type === "children" && (work.more !== undefined || Object.keys(work.correlation("*")).length > 0);
      return differ ? undefined : named(input);
    }
  }
}
