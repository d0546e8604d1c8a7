// Which layer may import values from which. Types may come from anywhere in `src`: they are gone at run time.

import { importsOf, targetOf } from "./imports.ts";
import { type Problem, problemAt, type SourceFile } from "./source-file.ts";

/** A layer and the layers it may import values from; its own files always. */
type LayerTable = Readonly<Record<string, readonly string[]>>;

/**
 * The arrows of the architecture. `base` is `src/json.ts`, `src/schema.ts`, `src/errors.ts` and whatever else stands directly in `src`
 * beside `index.ts` and `testing.ts`.
 */
export const LAYERS: LayerTable = {
  base: [],
  signing: ["base"],
  ledger: ["base"],
  store: ["base", "ledger"],
  model: ["base"],
  graph: ["base", "model"],
  nodes: ["base", "model", "graph"],
  compile: ["base", "model", "graph", "nodes"],
  dsl: ["base", "model", "graph", "nodes", "compile"],
  document: ["base", "model", "graph", "nodes", "compile", "dsl"],
  run: ["base", "model", "graph", "nodes", "compile"],
  host: ["base", "signing", "model", "graph", "nodes", "compile", "run", "ledger", "store"],
  index: ["base", "signing", "ledger", "store", "model", "graph", "nodes", "compile", "dsl", "run", "host"],
  testing: ["index", "base", "signing", "ledger", "store", "model", "graph", "nodes", "compile", "dsl", "run", "host", "providers"],
  eval: ["index", "testing"],
  providers: ["index"],
  mcp: ["index"],
  observe: ["index"],
  web: ["index"],
  cli: ["index"],
  examples: ["index", "testing", "providers", "mcp"],
};

/** Arrows beyond the table, each with its reason; one that nothing uses is reported. */
export const EXTRA_ARROWS: Readonly<Record<string, string>> = {
  "store -> graph": "how long facts are kept is a duration, as everywhere",
  "mcp -> web": "one HTTP server on a socket serves every surface; it knows nothing of what is asked",
  "cli -> mcp": "`kindling mcp` serves the MCP server of this package, loaded when that command is called",
  "cli -> web": "`kindling serve` serves the approval page, and `kindling approve` asks for the same passphrase",
  "cli -> eval": "`kindling eval` evaluates contracts, loaded when it is called",
  "cli -> testing": "`kindling record` and `kindling replay` make recordings of runs and play them, loaded when they are called",
};

/** Folders no layer rule binds: they look at the inside on purpose. */
const UNBOUND = new Set(["test", "bench"]);

/** The layer of a file, or undefined when the table does not bind it. */
export function layerOf(path: string): string | undefined {
  const [top = "", second] = path.split("/");
  if (UNBOUND.has(top)) return undefined;
  if (top !== "src") return top;
  if (path.split("/").length > 2) return second;
  if (path === "src/index.ts") return "index";
  return path === "src/testing.ts" ? "testing" : "base";
}

/** Value imports against the arrows, type imports of a surface that go past the index, and layers the table does not know. */
export function layerProblems(files: readonly SourceFile[], table = LAYERS, extra = EXTRA_ARROWS): readonly Problem[] {
  const used = new Set<string>();
  const problems = files.flatMap((file) => problemsOf(file, table, extra, used));
  const unused = Object.keys(extra).filter((arrow) => !used.has(arrow));
  return [...problems, ...unused.map((arrow) => `the extra arrow "${arrow}" is not used any more: remove it`)];
}

function problemsOf(file: SourceFile, table: LayerTable, extra: Readonly<Record<string, string>>, used: Set<string>): readonly Problem[] {
  const from = layerOf(file.path);
  if (from === undefined) return [];
  const allowed = table[from];
  if (allowed === undefined) return [`${file.path} belongs to no known layer: add "${from}" to the table or move the file`];
  return importsOf(file).flatMap(({ specifier, typeOnly, node }) => {
    const target = targetOf(file, specifier);
    if (target === undefined) return [];
    const to = layerOf(target) ?? "test";
    if (to === from || allowed.includes(to)) return [];
    if (typeOnly && file.path.startsWith("src/") && target.startsWith("src/") && !isSurface(from)) return [];
    const arrow = `${from} -> ${to}`;
    if (Object.hasOwn(extra, arrow)) {
      used.add(arrow);
      return [];
    }
    return [problemAt(file, node, `imports ${typeOnly ? "types" : "values"} against the arrows: ${arrow} (${specifier})`)];
  });
}

/** The surfaces stand outside: even their types come from the public index. */
function isSurface(layer: string): boolean {
  return layer === "cli" || layer === "web" || layer === "observe";
}
