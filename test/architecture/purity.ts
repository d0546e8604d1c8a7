// The pure layers know no clock, no randomness and no world, and nobody but the node kinds themselves asks which kind a node is.

import { importsOf } from "./imports.ts";
import { layerOf } from "./layers.ts";
import { literalText, nodeAt, nodesAt, type Problem, problemAt, type SourceFile, type SyntaxNode, textAt, walk } from "./source-file.ts";

const PURE_LAYERS = new Set(["base", "signing", "graph", "nodes", "dsl", "compile", "run", "model"]);

/** Files of a pure layer that may touch the world, with the reason. */
const RIM: Readonly<Record<string, string>> = {
  "src/model/prompt-file.ts": "reads prompt files from the disk",
  "src/model/prompt-yaml.ts": "loads the YAML parser with the first prompt, so that importing the core does not pay for it",
};

const PURE_MODULES = new Set(["node:crypto", "node:util", "node:assert"]);
const IMPURE_CALLS = new Set(["fetch", "setTimeout", "setInterval", "setImmediate", "queueMicrotask"]);
const IMPURE_MEMBERS = new Set(
  "Date.now Math.random performance.now crypto.randomUUID crypto.getRandomValues process.env process.cwd process.hrtime".split(" "),
);
const IMPURE_NAMES = new Set(["randomUUID", "randomBytes", "randomInt"]);

/** Reads of clock, chance or world in the layers that must be pure. */
export function purityProblems(files: readonly SourceFile[]): readonly Problem[] {
  return files
    .filter(({ path }) => PURE_LAYERS.has(layerOf(path) ?? "") && !Object.hasOwn(RIM, path))
    .flatMap((file) => [...impureImports(file), ...impureUses(file)]);
}

function impureImports(file: SourceFile): readonly Problem[] {
  return importsOf(file)
    .filter(({ specifier, typeOnly }) => specifier.startsWith("node:") && !typeOnly && !PURE_MODULES.has(specifier))
    .map(({ specifier, node }) => problemAt(file, node, `a pure layer imports ${specifier}`));
}

function impureUses(file: SourceFile): readonly Problem[] {
  const problems: Problem[] = [];
  walk(file.program, (node) => {
    const use = impureUse(node);
    if (use !== undefined) problems.push(problemAt(file, node, `a pure layer uses ${use}: it must be handed in`));
  });
  return problems;
}

function impureUse(node: SyntaxNode): string | undefined {
  const callee = textAt(nodeAt(node, "callee"), "name");
  switch (node.type) {
    case "MemberExpression": {
      const name = `${textAt(nodeAt(node, "object"), "name")}.${textAt(nodeAt(node, "property"), "name")}`;
      return IMPURE_MEMBERS.has(name) ? name : undefined;
    }
    case "CallExpression":
      return callee !== undefined && IMPURE_CALLS.has(callee) ? `${callee}()` : undefined;
    case "NewExpression":
      return callee === "Date" && nodesAt(node, "arguments").length === 0 ? "new Date()" : undefined;
    case "ImportSpecifier": {
      const name = textAt(nodeAt(node, "imported"), "name");
      return name !== undefined && IMPURE_NAMES.has(name) ? name : undefined;
    }
    default:
      return undefined;
  }
}

const KINDS = "input const compute map project aggregate lookup guard llm await sleep branch collection compose repeat effect remote".split(
  " ",
);

/** The names of the node kinds: the known ones and every file of `src/nodes`. */
export function kindNames(paths: readonly string[]): ReadonlySet<string> {
  const files = paths.flatMap((path) => /^src\/nodes\/([\w-]+)\.ts$/.exec(path)?.[1] ?? []);
  return new Set([...KINDS, ...files].filter((name) => name !== "index"));
}

/** Places outside `src/nodes` that compare a node's kind, switch over it or look it up in a list. */
export function kindProblems(files: readonly SourceFile[], kinds: ReadonlySet<string>): readonly Problem[] {
  return files
    .filter(({ path }) => /^(src|providers|mcp)\//.test(path) && !path.startsWith("src/nodes/"))
    .flatMap((file) => {
      const problems: Problem[] = [];
      walk(file.program, (node) => {
        const kind = askedKind(node, kinds);
        if (kind !== undefined) problems.push(problemAt(file, node, `asks whether a node is "${kind}": let the kind answer (src/nodes)`));
      });
      return problems;
    });
}

function askedKind(node: SyntaxNode, kinds: ReadonlySet<string>): string | undefined {
  const among = (literals: readonly (SyntaxNode | undefined)[]): string | undefined =>
    literals.map(literalText).find((text) => text !== undefined && kinds.has(text));
  switch (node.type) {
    case "BinaryExpression": {
      const sides = [nodeAt(node, "left"), nodeAt(node, "right")];
      return sides.some(readsKind) ? among(sides) : undefined;
    }
    case "SwitchStatement":
      return readsKind(nodeAt(node, "discriminant")) ? among(nodesAt(node, "cases").map((arm) => nodeAt(arm, "test"))) : undefined;
    case "CallExpression": {
      const list = nodeAt(nodeAt(node, "callee") ?? node, "object");
      const isLookup = list?.type === "ArrayExpression" && nodesAt(node, "arguments").some(readsKind);
      return isLookup ? among(nodesAt(list, "elements")) : undefined;
    }
    default:
      return undefined;
  }
}

function readsKind(node: SyntaxNode | undefined): boolean {
  if (node?.type === "Identifier") return textAt(node, "name") === "kind";
  if (node?.type === "ChainExpression") return readsKind(nodeAt(node, "expression"));
  return node?.type === "MemberExpression" && textAt(nodeAt(node, "property"), "name") === "kind";
}
