// Everything that can be found wrong or doubtful in a graph without running it, children included.

import type { Finding } from "../graph/finding.ts";
import type { Graph, NodeDefinition, NodeFinding } from "../graph/graph.ts";
import { didYouMean } from "../graph/nearest.ts";
import type { SourceMark } from "../graph/source.ts";
import { checkAwaits, keysInside, type AwaitSurroundings } from "./check-awaits.ts";
import { checkChildTypes, knownInside, type KnownSchemas } from "./child-inputs.ts";
import { neededNodes } from "./needed.ts";
import { checkPromptTypes, emptyInputs } from "./check-prompt.ts";

/** What is known of the graph around a child written in place. */
interface Surroundings extends AwaitSurroundings {
  /** JSON Schemas of what the child is given. */
  readonly given: KnownSchemas;
}

/** All findings of a graph, in the order of its nodes; those of a child written in place stand behind those of its node. */
export function checkGraph(graph: Graph): readonly Finding[] {
  return checkInside(graph, { given: new Map(), keys: new Set(graph.correlate), isExposed: graph.mcp.expose });
}

function checkInside(graph: Graph, { given, keys, isExposed }: Surroundings): readonly Finding[] {
  const known = knownSchemas(graph, given);
  const use = checkUse(graph);
  const awaits = checkAwaits(graph, { keys, isExposed });
  const empty = emptyInputs(graph.inputs);
  return [
    ...checkCorrelation(graph),
    ...graph.nodes.flatMap((node) => {
      const { name, behaviour } = node;
      const own = [
        ...(use.get(name) ?? []),
        ...behaviour.check({ needs: Object.keys(node.needs) }),
        ...(awaits.get(name) ?? []),
        ...checkChildTypes(node, known),
        ...checkPromptTypes(node, known, empty),
      ];
      return [...own.map((finding) => place(graph, finding, name, node.source)), ...checkChildren(node, { given: known, keys, isExposed })];
    }),
  ];
}

function knownSchemas(graph: Graph, given: KnownSchemas): KnownSchemas {
  const known = graph.nodes.flatMap(({ name, behaviour: { gives } }) =>
    gives === undefined ? [] : [[name, { schema: gives, root: gives }] as const],
  );
  return new Map([...known, ...given]);
}

/** What is inside children written in place; a contract's own findings were told when it was defined. */
function checkChildren(node: NodeDefinition, { given, keys, isExposed }: Surroundings): Finding[] {
  const { work } = node.behaviour;
  if (work.type !== "children") return [];
  const inline = Object.values(work.parts).filter((child) => child.inline);
  return inline.flatMap((child) => {
    const names = child.inputs.map(({ name }) => name);
    const inside = checkInside(child, { given: knownInside(node, names, given), keys: keysInside(work, keys), isExposed });
    return inside.filter((finding) => finding.code !== "input_unused");
  });
}

function checkCorrelation(graph: Graph): Finding[] {
  const inputs = graph.inputs.map((input) => input.name);
  return graph.correlate
    .filter((key) => !inputs.includes(key))
    .map((key) =>
      place(
        graph,
        {
          code: "unknown_correlation",
          severity: "error",
          message: `correlate names "${key}", which is no input`,
          hint: didYouMean(key, inputs),
        },
        undefined,
        graph.source,
      ),
    );
}

/** Inputs and nodes that nothing uses, by name. */
function checkUse(graph: Graph): ReadonlyMap<string, readonly NodeFinding[]> {
  const needed = neededNodes(graph);
  const inputs = new Set(graph.inputs.map((input) => input.name));
  const correlate = new Set(graph.correlate);
  const unneeded = graph.nodes.filter(({ name }) => !needed.has(name) && !correlate.has(name));
  return new Map(
    unneeded.map(({ name }): [string, NodeFinding[]] => [
      name,
      [
        inputs.has(name)
          ? {
              code: "input_unused",
              severity: "warning",
              message: "nothing uses this input",
              hint: "Use it, name it in correlate, or leave it out.",
            }
          : {
              code: "node_unused",
              severity: "warning",
              message: "no output needs this node, so it never runs",
              hint: "Return it, or let something that is returned need it.",
            },
      ],
    ]),
  );
}

function place(graph: Graph, finding: NodeFinding, node: string | undefined, mark: SourceMark): Finding {
  const source = mark.locate();
  return { ...finding, contract: graph.name, ...(node === undefined ? {} : { node }), ...(source === undefined ? {} : { source }) };
}
