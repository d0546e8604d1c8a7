// Which modules a file imports, and whether for their values or only for their types.

import { posix } from "node:path";
import { literalText, nodeAt, nodesAt, type Problem, problemAt, type SourceFile, type SyntaxNode, textAt, walk } from "./source-file.ts";

/** One import, export-from or `import()` of a file. */
export interface Import {
  readonly specifier: string;
  /** True when nothing of it is left at run time. */
  readonly typeOnly: boolean;
  readonly node: SyntaxNode;
}

/** All imports of a file in the order of the text, dynamic ones included. */
export function importsOf(file: SourceFile): readonly Import[] {
  const imports: Import[] = [];
  walk(file.program, (node) => {
    const specifier = literalText(nodeAt(node, "source") ?? (node.type === "TSImportType" ? nodeAt(node, "argument") : undefined));
    if (specifier === undefined) return;
    if (node.type === "TSImportType") imports.push({ specifier, typeOnly: true, node });
    else if (/^(Import|Export)/.test(node.type)) imports.push({ specifier, typeOnly: isTypeOnly(node), node });
  });
  return imports;
}

function isTypeOnly(node: SyntaxNode): boolean {
  if (textAt(node, "importKind") === "type" || textAt(node, "exportKind") === "type") return true;
  const names = nodesAt(node, "specifiers");
  // `import "./x.ts"` has no names and is there for what it does.
  return names.length > 0 && names.every((name) => textAt(name, "importKind") === "type" || textAt(name, "exportKind") === "type");
}

/** The package's own public entries as files; `kindling/providers/x` is added by rule. */
const OWN_ENTRIES: Readonly<Record<string, string>> = {
  kindling: "src/index.ts",
  "kindling/testing": "src/testing.ts",
  "kindling/testing/vitest": "src/testing/vitest.ts",
  "kindling/eval": "src/eval/index.ts",
  "kindling/mcp": "mcp/index.ts",
  "kindling/mcp-tools": "mcp/client/index.ts",
  "kindling/web": "src/web/index.ts",
  "kindling/document": "src/document/index.ts",
  "kindling/langfuse": "src/observe/langfuse-index.ts",
};

/** The project file an import names, or undefined for a package. */
export function targetOf(file: SourceFile, specifier: string): string | undefined {
  if (specifier.startsWith(".")) return posix.join(posix.dirname(file.path), specifier);
  const provider = /^kindling\/providers\/(.+)$/.exec(specifier)?.[1];
  return provider === undefined ? OWN_ENTRIES[specifier] : `providers/${provider}.ts`;
}

/** Imports that name no file of ours although they look so: `kindling/…` outside the exports, a missing file, an ending left out. */
export function unknownTargets(files: readonly SourceFile[], paths: ReadonlySet<string>): readonly Problem[] {
  return files.flatMap((file) =>
    importsOf(file).flatMap(({ specifier, node }) => {
      const isOwn = specifier.startsWith(".") || /^kindling(\/|$)/.test(specifier);
      const target = targetOf(file, specifier);
      if (!isOwn || specifier === "kindling/package.json" || (target !== undefined && paths.has(target))) return [];
      return [problemAt(file, node, `imports "${specifier}", which is no file of this project`)];
    }),
  );
}

/** Every cycle of value imports once, as `a.ts -> b.ts -> a.ts`. */
export function importCycles(files: readonly SourceFile[]): readonly Problem[] {
  const edges = new Map(files.map((file) => [file.path, valueTargets(file)]));
  const finished = new Set<string>();
  const trail: string[] = [];
  const cycles: string[] = [];
  const visit = (path: string): void => {
    const start = trail.indexOf(path);
    if (start !== -1) cycles.push([...trail.slice(start), path].join(" -> "));
    if (start !== -1 || finished.has(path)) return;
    trail.push(path);
    for (const target of edges.get(path) ?? []) visit(target);
    trail.pop();
    finished.add(path);
  };
  for (const path of edges.keys()) visit(path);
  return cycles;
}

function valueTargets(file: SourceFile): readonly string[] {
  return importsOf(file).flatMap(({ specifier, typeOnly }) => {
    const target = typeOnly ? undefined : targetOf(file, specifier);
    return target === undefined ? [] : [target];
  });
}
