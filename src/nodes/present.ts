// How an output is shown to people in reports. It is no node; the recorded value stays as it is.

import type { Node } from "../graph/node.ts";
import type { NodeKind } from "./kind.ts";

export interface PresentMethods {
  /** Gives a readable form of a node's value, used in reports where the node is an output; gives the node back. */
  present<T>(node: Node<T>, show: (value: T) => string): Node<T>;
}

export const present: NodeKind<PresentMethods> = {
  kind: "present",
  methods: (builder) => ({
    present: (node, show) => {
      builder.present(node, show);
      return node;
    },
  }),
};
