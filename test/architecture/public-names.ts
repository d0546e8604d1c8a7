// The names the package gives to others, and whether each says what it is for.

import { targetOf } from "./imports.ts";
import { literalText, nodeAt, nodesAt, type Problem, type SourceFile, type SyntaxNode, textAt } from "./source-file.ts";

/** A name an entry file exports, with the file and name it was declared under. */
export interface PublicName {
  /** As one imports it: `kindling`, `kindling/mcp`. */
  readonly entry: string;
  readonly name: string;
  readonly isType: boolean;
  readonly documented: boolean;
}

/** The public entries among the given paths: import specifier and file. */
export function entries(paths: readonly string[]): readonly (readonly [entry: string, path: string])[] {
  const fixed = [
    ["kindling", "src/index.ts"],
    ["kindling/testing", "src/testing.ts"],
    ["kindling/testing/vitest", "src/testing/vitest.ts"],
    ["kindling/eval", "src/eval/index.ts"],
    ["kindling/mcp", "mcp/index.ts"],
    ["kindling/mcp-tools", "mcp/client/index.ts"],
    ["kindling/web", "src/web/index.ts"],
    ["kindling/document", "src/document/index.ts"],
    ["kindling/langfuse", "src/observe/langfuse-index.ts"],
    ["kindling/otel", "src/observe/otel-index.ts"],
  ] as const;
  const providers = paths.filter((path) => /^providers\/[\w-]+\.ts$/.test(path));
  return [
    ...fixed.filter(([, path]) => paths.includes(path)),
    ...providers.map((path) => [`kindling/${path.replace(/\.ts$/, "")}`, path] as const),
  ];
}

/** Every public name, in the order of entry and name. */
export function publicNames(files: readonly SourceFile[]): readonly PublicName[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  return entries([...byPath.keys()]).flatMap(([entry, path]) =>
    exportsOf(byPath, path)
      .map(({ name, isType, documented }) => ({ entry, name, isType, documented }))
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
}

/** The golden text: one line a name. */
export function publicNamesText(names: readonly PublicName[]): string {
  return names.map(({ entry, name, isType }) => `${entry}: ${isType ? "type " : ""}${name}\n`).join("");
}

/** Public names without a TSDoc comment where they are declared. */
export function undocumentedNames(names: readonly PublicName[]): readonly Problem[] {
  return names.filter(({ documented }) => !documented).map(({ entry, name }) => `${entry}: ${name} has no TSDoc comment`);
}

interface Export {
  readonly name: string;
  readonly isType: boolean;
  readonly documented: boolean;
}

type Files = ReadonlyMap<string, SourceFile>;

function exportsOf(files: Files, path: string): readonly Export[] {
  const file = files.get(path);
  if (file === undefined) return [];
  const found = new Map<string, Export>();
  for (const node of nodesAt(file.program, "body")) {
    for (const item of exportsAt(files, file, node)) {
      // Overloads and a type beside a value of the same name are one name; a comment on any of them counts.
      const known = found.get(item.name);
      found.set(item.name, {
        name: item.name,
        isType: item.isType && (known?.isType ?? true),
        documented: item.documented || (known?.documented ?? false),
      });
    }
  }
  return [...found.values()];
}

function exportsAt(files: Files, file: SourceFile, node: SyntaxNode): readonly Export[] {
  switch (node.type) {
    case "ExportDefaultDeclaration":
      return [{ name: "default", isType: false, documented: isDocumented(file, node) }];
    case "ExportAllDeclaration": {
      const name = textAt(nodeAt(node, "exported"), "name") ?? `* from ${literalText(nodeAt(node, "source")) ?? "?"}`;
      return [{ name, isType: textAt(node, "exportKind") === "type", documented: isDocumented(file, node) }];
    }
    case "ExportNamedDeclaration": {
      const declaration = nodeAt(node, "declaration");
      if (declaration === undefined) return nodesAt(node, "specifiers").map((specifier) => reexport(files, file, node, specifier));
      const isType = /^TS(Interface|TypeAlias)Declaration$/.test(declaration.type);
      return declaredNames(declaration).map((name) => ({ name, isType, documented: isDocumented(file, node) }));
    }
    default:
      return [];
  }
}

function reexport(files: Files, file: SourceFile, node: SyntaxNode, specifier: SyntaxNode): Export {
  const name = textAt(nodeAt(specifier, "exported"), "name") ?? "?";
  const local = textAt(nodeAt(specifier, "local"), "name") ?? name;
  const isTypeHere = textAt(node, "exportKind") === "type" || textAt(specifier, "exportKind") === "type";
  const origin = originOf(files, file, nodeAt(node, "source"), local);
  return { name, isType: isTypeHere || (origin?.isType ?? false), documented: origin?.documented ?? true };
}

/** The declaration behind a name: in the file it is exported from, in the file it is imported from, or here. */
function originOf(files: Files, file: SourceFile, source: SyntaxNode | undefined, local: string): Export | undefined {
  const specifier = literalText(source);
  if (specifier !== undefined) {
    const target = targetOf(file, specifier);
    // A name of another package is documented there.
    return target === undefined ? undefined : exportsOf(files, target).find(({ name }) => name === local);
  }
  for (const node of nodesAt(file.program, "body")) {
    const imported = nodesAt(node, "specifiers").find((item) => textAt(nodeAt(item, "local"), "name") === local);
    if (node.type === "ImportDeclaration" && imported !== undefined) {
      return originOf(files, file, nodeAt(node, "source"), textAt(nodeAt(imported, "imported"), "name") ?? local);
    }
    if (declaredNames(node).includes(local)) {
      return { name: local, isType: /^TS(Interface|TypeAlias)/.test(node.type), documented: isDocumented(file, node) };
    }
  }
  return undefined;
}

function declaredNames(declaration: SyntaxNode): readonly string[] {
  if (declaration.type === "VariableDeclaration") return nodesAt(declaration, "declarations").flatMap((item) => declaredNames(item));
  const name = textAt(nodeAt(declaration, "id"), "name");
  return name === undefined ? [] : [name];
}

function isDocumented(file: SourceFile, node: SyntaxNode): boolean {
  const before = file.text.slice(0, node.start).trimEnd();
  if (!before.endsWith("*/")) return false;
  return before.slice(before.lastIndexOf("/*")).startsWith("/**");
}
