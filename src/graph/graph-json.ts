// A contract's graph as JSON for other programs: a shape that is documented here and has a version. It renders a drawing and knows nothing else.

import type { AnyContract } from "./contract.ts";
import {
  type DrawingBox,
  type DrawingMember,
  type DrawingNode,
  drawingOf,
  type DrawnContract,
  type DrawnRun,
  type Standing,
} from "./drawing.ts";
import type { Picture } from "./graph.ts";

/**
 * A contract's graph, and with a run how far it is. New members may be added under the same version; one that goes or changes its meaning makes a new version.
 * What there is nothing to say about is null or empty; `status` and `counts` are there only with a run.
 */
export interface GraphJson extends GraphJsonBox {
  readonly version: 1;
  readonly contract: GraphJsonContract;
  /** The run whose state is shown. */
  readonly run?: { readonly id: string | null; readonly status: string | null };
}

/** A contract by name, its own version and its description. */
export interface GraphJsonContract {
  readonly name: string;
  readonly version: string;
  readonly description: string | null;
}

/** A graph: the contract's own, or that of a child. */
export interface GraphJsonBox {
  readonly inputs: readonly { readonly name: string; readonly required: boolean; readonly description: string | null }[];
  /** Names of the inputs by which events find a run. */
  readonly correlate: readonly string[];
  /** How long events are kept that come before their run, in milliseconds; null when they are refused. */
  readonly earlyMs: number | null;
  /** In the order they were declared, those of one scope together. A child's inputs are not among them. */
  readonly nodes: readonly GraphJsonNode[];
  /** Names of the scopes, each before those inside it. */
  readonly scopes: readonly string[];
  /** What it gives: the output's name (empty for a graph with one value) and its node. */
  readonly outputs: readonly { readonly name: string; readonly node: string }[];
}

/** A node. */
export interface GraphJsonNode extends GraphJsonStanding {
  /** From the contract: `posts[each]/draft`. */
  readonly path: string;
  readonly name: string;
  readonly kind: string;
  readonly shape: Picture["shape"];
  /** The scope it was declared in; empty at the top. */
  readonly scope: string;
  /** What a picture says under its name. */
  readonly lines: readonly string[];
  readonly description: string | null;
  readonly tags: readonly string[];
  /** Local name to node name. */
  readonly needs: Readonly<Record<string, string>>;
  /** Nodes it waits for and does not read. */
  readonly after: readonly string[];
  /** The event it waits for; with `by: "human"` a person must decide. */
  readonly awaits: {
    readonly event: string;
    readonly by: "human" | "anyone";
    readonly assurance: string | null;
    readonly roles: readonly string[];
    readonly timeoutMs: number | null;
  } | null;
  readonly parts: readonly GraphJsonPart[];
}

/** A child's graph within its node: a case of a branch, what runs for each item. */
export interface GraphJsonPart extends GraphJsonBox, GraphJsonStanding {
  readonly part: string;
  /** Null for a child written in place. */
  readonly contract: GraphJsonContract | null;
  /** True when its nodes are left out, since there were 20,000 before it. */
  readonly cut: boolean;
}

/** How something stands in the run that is shown. */
export interface GraphJsonStanding {
  /** Null when nothing is known of it in this run; of several, the status that matters most. */
  readonly status?: string | null;
  /** How often each status is there: one thing may stand for many items. */
  readonly counts?: Readonly<Record<string, number>>;
}

/** The graph of a contract as JSON; with a run, each node has its status. */
export function graphJson(contract: AnyContract, run?: DrawnRun): GraphJson {
  const drawing = drawingOf(contract, run);
  const hasRun = drawing.run !== undefined;
  return {
    version: 1,
    contract: contractJson(drawing.contract),
    ...(drawing.run === undefined ? {} : { run: { id: drawing.run.id ?? null, status: drawing.run.status ?? null } }),
    ...boxJson(drawing.box, hasRun),
  };
}

function boxJson({ inputs, correlation, earlyMs, members, outputs }: DrawingBox, hasRun: boolean): GraphJsonBox {
  const nodes: GraphJsonNode[] = [];
  const scopes: string[] = [];
  const gather = (inside: readonly DrawingMember[], scope: string): void => {
    for (const member of inside) {
      if (member.type === "node") nodes.push(nodeJson(member, scope, hasRun));
      else {
        scopes.push(member.name);
        gather(member.members, member.name);
      }
    }
  };
  gather(members, "");
  return {
    inputs: inputs.map(({ name, required, description }) => ({ name, required, description: description ?? null })),
    correlate: correlation,
    earlyMs: earlyMs ?? null,
    nodes,
    scopes,
    outputs: outputs.map(({ name, node }) => ({ name, node })),
  };
}

function nodeJson(node: DrawingNode, scope: string, hasRun: boolean): GraphJsonNode {
  const { path, name, kind, shape, lines, description, tags, awaits, standing } = node;
  return {
    path,
    name,
    kind,
    ...standingJson(standing, hasRun),
    shape,
    scope,
    lines,
    description: description ?? null,
    tags,
    needs: Object.fromEntries(node.needs.flatMap((need) => need.locals.map((local) => [local, need.node]))),
    after: node.after.map((before) => before.node),
    awaits: awaits === undefined ? null : { ...awaits, assurance: awaits.assurance ?? null, timeoutMs: awaits.timeoutMs ?? null },
    parts: node.parts.map((part) => ({
      part: part.part,
      contract: part.contract === undefined ? null : contractJson(part.contract),
      cut: part.isCut,
      ...standingJson(part.standing, hasRun),
      ...boxJson(part, hasRun),
    })),
  };
}

function standingJson(standing: Standing | undefined, hasRun: boolean): GraphJsonStanding {
  if (!hasRun) return {};
  return standing === undefined ? { status: null } : { status: standing.status, counts: standing.counts };
}

function contractJson({ name, version, description }: DrawnContract): GraphJsonContract {
  return { name, version, description: description ?? null };
}
