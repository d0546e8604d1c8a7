// A source file as the architecture checks see it: its path, its text and its syntax tree. The parser is the one vitest ships and
// exports (TypeScript 7 has no stable one); everything below it works on plain nodes.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseAst } from "vitest/node";

/** A syntax tree node: ESTree with the TypeScript additions. Members are read through the functions below, which check what they find. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [member: string]: unknown;
}

/** One file of the project. `path` is relative to the root, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly program: SyntaxNode;
}

/** Something a check found, as one line: `src/a.ts:12 …`. */
export type Problem = string;

/** The project's folder, ending in a separator. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

const CODE_FOLDERS = ["src", "providers", "mcp", "examples", "bench", "test"];
const NOT_OURS = new Set(["node_modules", "dist", "coverage", ".git", ".kindling"]);

/** Parses one file; also used with inline text by the tests of the checks. */
export function sourceFile(path: string, text: string): SourceFile {
  // oxlint-disable-next-line typescript/no-deprecated -- its successor is exported by a package of vitest's own and not by vitest
  const program: unknown = parseAst(text, { lang: "ts", sourceType: "module" }, path);
  if (!isNode(program)) throw new Error(`${path}: the parser gave no program`);
  return { path, text, program };
}

/** All TypeScript of the project, parsed; what must not compile (`test/types/mistakes`) is left out. */
export function projectSource(): readonly SourceFile[] {
  return projectPaths()
    .filter((path) => CODE_FOLDERS.some((folder) => path.startsWith(`${folder}/`)))
    .filter((path) => path.endsWith(".ts") && !path.endsWith(".d.ts"))
    .filter((path) => !path.startsWith("test/types/mistakes/") && !path.startsWith("test/fixtures/"))
    .map((path) => sourceFile(path, readFileSync(join(ROOT, path), "utf8")));
}

/** Every file of the project, generated and installed ones left out, sorted. */
export function projectPaths(): readonly string[] {
  const paths: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
      if (NOT_OURS.has(entry.name)) continue;
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) visit(path);
      else if (entry.isFile()) paths.push(path);
    }
  };
  visit("");
  return paths.sort();
}

/** True for a syntax tree node. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string" && "start" in value;
}

/** A member that holds a node, or undefined. */
export function nodeAt(node: SyntaxNode, member: string): SyntaxNode | undefined {
  const value = node[member];
  return isNode(value) ? value : undefined;
}

/** A member that holds a list of nodes; empty when it holds none. */
export function nodesAt(node: SyntaxNode, member: string): readonly SyntaxNode[] {
  const value = node[member];
  return Array.isArray(value) ? value.filter(isNode) : [];
}

/** A member that holds text, or undefined. */
export function textAt(node: SyntaxNode | undefined, member: string): string | undefined {
  const value = node?.[member];
  return typeof value === "string" ? value : undefined;
}

/** The value of a string literal, or undefined for any other node. */
export function literalText(node: SyntaxNode | undefined): string | undefined {
  return node?.type === "Literal" ? textAt(node, "value") : undefined;
}

/** Calls `visit` for a node and everything in it, parents first; `parent` is undefined for the first. */
export function walk(node: SyntaxNode, visit: (node: SyntaxNode, parent: SyntaxNode | undefined) => void, parent?: SyntaxNode): void {
  visit(node, parent);
  for (const value of Object.values(node)) {
    if (isNode(value)) walk(value, visit, node);
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) walk(item, visit, node);
  }
}

/** The line, from 1, of a place in the text. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let index = text.indexOf("\n"); index !== -1 && index < offset; index = text.indexOf("\n", index + 1)) line++;
  return line;
}

/** A problem at a node. */
export function problemAt(file: SourceFile, node: SyntaxNode, message: string): Problem {
  return `${file.path}:${lineAt(file.text, node.start)} ${message}`;
}
