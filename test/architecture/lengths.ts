// How long files and functions are. A limit is lifted for one place only, with a reason, and only while it is needed.

import { lineAt, nodeAt, type Problem, problemAt, type SourceFile, type SyntaxNode, textAt, walk } from "./source-file.ts";

const FILE_LIMIT_LINES = 300;
const FUNCTION_LIMIT_LINES = 70;

/** Places over a limit and why: `path` for a file, `path#name` for a function. */
type Allowed = Readonly<Record<string, string>>;

/** Files and functions over the limits, and entries of `allowed` that nothing needs any more. */
export function lengthProblems(files: readonly SourceFile[], allowed: Allowed): readonly Problem[] {
  const over = files.flatMap((file) => [...longFile(file), ...longFunctions(file)]);
  const places = new Set(over.map(({ place }) => place));
  const stale = Object.keys(allowed).filter((place) => !places.has(place));
  return [
    ...over.filter(({ place }) => !Object.hasOwn(allowed, place)).map(({ problem }) => problem),
    ...stale.map((place) => `${place} is allowed to be long and is not, or is gone: remove it from the list`),
  ];
}

interface Long {
  readonly place: string;
  readonly problem: Problem;
}

function longFile(file: SourceFile): readonly Long[] {
  const lines = file.text.trimEnd().split("\n").length;
  if (lines <= FILE_LIMIT_LINES) return [];
  return [{ place: file.path, problem: `${file.path} has ${lines} lines, more than ${FILE_LIMIT_LINES}: look for the second noun in it` }];
}

function longFunctions(file: SourceFile): readonly Long[] {
  const found: Long[] = [];
  walk(file.program, (node, parent) => {
    if (!/Function(Expression|Declaration)$/.test(node.type)) return;
    const lines = lineAt(file.text, node.end) - lineAt(file.text, node.start) + 1;
    if (lines <= FUNCTION_LIMIT_LINES || (file.path.startsWith("test/") && listsTests(node))) return;
    const name = nameOf(node, parent);
    found.push({
      place: `${file.path}#${name}`,
      problem: problemAt(file, node, `${name} has ${lines} lines, more than ${FUNCTION_LIMIT_LINES}`),
    });
  });
  return found;
}

/** True for a function that declares tests: the callback of a suite, or a suite that several implementations share. It has no work of its own. */
function listsTests(node: SyntaxNode): boolean {
  let found = false;
  walk(node, (inner) => {
    if (inner.type !== "CallExpression") return;
    let callee = nodeAt(inner, "callee");
    while (callee?.type === "MemberExpression" || callee?.type === "CallExpression") {
      callee = nodeAt(callee, callee.type === "CallExpression" ? "callee" : "object");
    }
    found ||= ["describe", "it", "test"].includes(textAt(callee, "name") ?? "");
  });
  return found;
}

function nameOf(node: SyntaxNode, parent: SyntaxNode | undefined): string {
  const own = textAt(nodeAt(node, "id"), "name");
  const given = parent === undefined ? undefined : (nodeAt(parent, "key") ?? nodeAt(parent, "id"));
  return own ?? textAt(given, "name") ?? "(unnamed)";
}
