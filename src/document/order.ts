// The nodes of a document in an order in which whatever a node names stands before it. Knows names only.

/** A node that names others. */
export interface Naming {
  readonly name: string;
  readonly names: readonly string[];
}

/** Nodes in order. */
export interface Ordered<N> {
  readonly order: readonly N[];
  /** The names along each cycle, of the first cycles that were found. */
  readonly cycles: readonly (readonly string[])[];
  /** The nodes that close cycles: without what they name there are none. */
  readonly closing: ReadonlySet<N>;
}

/** The nodes in order, those of the document kept where they can be, and each cycle as the names along it. Linear, and no recursion. */
export function inOrder<N extends Naming>(nodes: readonly N[]): Ordered<N> {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const states = new Map<N, "open" | "done">();
  const order: N[] = [];
  const cycles: string[][] = [];
  const closing = new Set<N>();
  for (const root of nodes) {
    if (states.has(root)) continue;
    const trail: { readonly node: N; next: number }[] = [{ node: root, next: 0 }];
    states.set(root, "open");
    for (let step = trail.at(-1); step !== undefined; step = trail.at(-1)) {
      const name = step.node.names[step.next];
      step.next += 1;
      const before = name === undefined ? undefined : byName.get(name);
      if (name === undefined) {
        states.set(step.node, "done");
        order.push(step.node);
        trail.pop();
      } else if (before !== undefined && !states.has(before)) {
        states.set(before, "open");
        trail.push({ node: before, next: 0 });
      } else if (before !== undefined && states.get(before) === "open") {
        closing.add(step.node);
        if (cycles.length < CYCLES_LIMIT)
          cycles.push(trail.slice(trail.findIndex(({ node }) => node === before)).map(({ node }) => node.name));
      }
    }
  }
  return { order, cycles, closing };
}

/** Cycles told at most: a document of cycles must not cost more than one without. */
const CYCLES_LIMIT = 20;
