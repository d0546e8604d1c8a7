// The options a kind takes and the findings it makes, read from its source: what its page must name. Knows no pages.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  literalText,
  nodeAt,
  nodesAt,
  ROOT,
  type SourceFile,
  sourceFile,
  type SyntaxNode,
  textAt,
  walk,
} from "../architecture/source-file.ts";

/** The names of the options that the methods of a file of kinds take, those of interfaces they extend included. */
export function optionsOfMethods(path: string): readonly string[] {
  const file = readSource(path);
  const methods = declarationsIn(file).filter((node) => nameOf(node)?.endsWith("Methods") === true);
  const names = methods.flatMap((node) => {
    const types: string[] = [];
    walk(node, (each) => {
      const name = textAt(nodeAt(each, "typeName"), "name");
      if (each.type === "TSTypeReference" && name?.endsWith("Options") === true) types.push(name);
    });
    return types.flatMap((type) => optionsOf(file, type));
  });
  return [...new Set(names)].toSorted();
}

/** The members of an options type of a file. */
export function optionsIn(path: string, type: string): readonly string[] {
  return [...new Set(optionsOf(readSource(path), type))].toSorted();
}

/** The names of the methods of an interface. */
export function methodsOf(path: string, type: string): readonly string[] {
  const declaration = declarationsIn(readSource(path)).find((node) => nameOf(node) === type);
  const body = declaration === undefined ? undefined : nodeAt(declaration, "body");
  const methods = body === undefined ? [] : nodesAt(body, "body").filter((member) => member.type === "TSMethodSignature");
  return [...new Set(keysOf(methods))].toSorted();
}

/** The codes of the findings that a file makes by itself. */
export function codesIn(path: string): readonly string[] {
  const { program } = readSource(path);
  const codes = new Set<string>();
  walk(program, (node) => {
    const isCode = node.type === "Property" && textAt(nodeAt(node, "key"), "name") === "code";
    const code = isCode ? literalText(nodeAt(node, "value")) : undefined;
    if (code !== undefined) codes.add(code);
    if (node.type === "CallExpression" && textAt(nodeAt(node, "callee"), "name") === "badOption") codes.add("bad_option");
  });
  return [...codes].toSorted();
}

function readSource(path: string): SourceFile {
  return sourceFile(path, readFileSync(join(ROOT, path), "utf8"));
}

function declarationsIn({ program }: SourceFile): readonly SyntaxNode[] {
  return nodesAt(program, "body").map((node) => nodeAt(node, "declaration") ?? node);
}

function nameOf(declaration: SyntaxNode): string | undefined {
  return textAt(nodeAt(declaration, "id"), "name");
}

function optionsOf(file: SourceFile, type: string): readonly string[] {
  const declaration = declarationsIn(file).find((node) => nameOf(node) === type);
  if (declaration === undefined) return importedOptions(file, type);
  const inherited = nodesAt(declaration, "extends").flatMap((each) => optionsOf(file, textAt(nodeAt(each, "expression"), "name") ?? ""));
  return [...inherited, ...membersIn(file, nodeAt(declaration, "body") ?? nodeAt(declaration, "typeAnnotation"))];
}

function importedOptions(file: SourceFile, type: string): readonly string[] {
  for (const node of nodesAt(file.program, "body")) {
    const isHere = nodesAt(node, "specifiers").some(
      (each) => node.type === "ImportDeclaration" && textAt(nodeAt(each, "local"), "name") === type,
    );
    const from = literalText(nodeAt(node, "source"));
    if (isHere && from?.startsWith(".") === true) return optionsOf(readSource(join(dirname(file.path), from)), type);
  }
  return [];
}

/** The members of a type as it is written: a body, a literal, a union or intersection, or the name of another one. */
function membersIn(file: SourceFile, type: SyntaxNode | undefined): readonly string[] {
  switch (type?.type) {
    case "TSInterfaceBody":
      return keysOf(nodesAt(type, "body"));
    case "TSTypeLiteral":
      return keysOf(nodesAt(type, "members"));
    case "TSUnionType":
    case "TSIntersectionType":
      return nodesAt(type, "types").flatMap((each) => membersIn(file, each));
    case "TSParenthesizedType":
      return membersIn(file, nodeAt(type, "typeAnnotation"));
    case "TSTypeReference":
      return optionsOf(file, textAt(nodeAt(type, "typeName"), "name") ?? "");
    default:
      return [];
  }
}

function keysOf(members: readonly SyntaxNode[]): readonly string[] {
  return members.flatMap((member) => textAt(nodeAt(member, "key"), "name") ?? []);
}
