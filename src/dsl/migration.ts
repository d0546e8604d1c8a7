// What runs of older versions of a contract are, seen from this one.

import type { Finding } from "../graph/finding.ts";
import type { Graph, Migration } from "../graph/graph.ts";
import { didYouMean } from "../graph/nearest.ts";

/** A migration, as an author writes it. */
export interface MigrationOptions {
  /** The version or versions it is for. */
  readonly from: string | readonly string[];
  /** Nodes that have another name now: `{ newName: "oldName" }`. */
  readonly nodes?: Readonly<Record<string, string>>;
  /** What becomes of nodes that have run and are different now, by their names now: their values stand (`keep`), or they run again (`rerun`). */
  readonly changed?: Readonly<Record<string, "keep" | "rerun">>;
}

/** Migrations as the core reads them. */
export function migrationsOf(options: MigrationOptions | readonly MigrationOptions[] | undefined): readonly Migration[] {
  return listOf(options).map(({ from, nodes = {}, changed = {} }) => ({
    from: typeof from === "string" ? [from] : [...from],
    nodes: { ...nodes },
    changed: { ...changed },
  }));
}

/** Finds migrations that name nodes the contract does not have. */
export function checkMigrations(
  contract: string,
  options: MigrationOptions | readonly MigrationOptions[] | undefined,
  graph: Graph,
): Finding[] {
  const names = graph.nodes.map(({ name }) => name);
  const bad = (message: string, hint: string): Finding => ({ code: "bad_option", severity: "error", contract, message, hint });
  return listOf(options).flatMap(({ from, nodes = {}, changed = {} }) => {
    const versions = typeof from === "string" ? [from] : from;
    const own = versions.includes(graph.version)
      ? [bad(`migrate is from version "${graph.version}", which is this one`, "Give the older versions.")]
      : [];
    const unknown = [...Object.keys(nodes), ...Object.keys(changed)].filter((name) => !names.includes(name));
    const parents = Object.keys(nodes).filter((name) => graph.nodes.find((node) => node.name === name)?.behaviour.work.type === "children");
    return [
      ...own,
      ...unknown.map((name) => bad(`migrate names "${name}", which is no node of this version`, didYouMean(name, names))),
      ...parents.map((name) =>
        bad(
          `migrate renames "${name}", whose children are known by its name`,
          "Keep its name, or let the runs of the older version end first.",
        ),
      ),
    ];
  });
}

function listOf(options: MigrationOptions | readonly MigrationOptions[] | undefined): readonly MigrationOptions[] {
  if (options === undefined) return [];
  return isList(options) ? options : [options];
}

function isList(options: MigrationOptions | readonly MigrationOptions[]): options is readonly MigrationOptions[] {
  return Array.isArray(options);
}
