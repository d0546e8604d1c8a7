// Words that must not appear: in file names, in the identifiers of the core, in any text of the project.

import { lineAt, type Problem, problemAt, type SourceFile, textAt, walk } from "./source-file.ts";

const FILE_WORDS = new Set(
  "util utils helper helpers types common misc manager managers handler handlers data info dag violation deps".split(" "),
);

/** Words for which the project has another one, with that one. Only what is never right in the core; `ref` or `table` may be. */
const CORE_WORDS: ReadonlyMap<string, string> = new Map([
  ["dag", "graph"],
  ["deps", "needs"],
  ["violation", "finding"],
  ["violations", "finding"],
  ["paused", "waiting"],
  ["suspend", "waiting"],
  ["suspended", "waiting"],
  ["quota", "budget"],
  ["flow", "contract"],
  ["workflow", "contract"],
]);

interface TextRule {
  readonly name: string;
  readonly pattern: RegExp;
  readonly in: (path: string) => boolean;
}

const isCode = (path: string): boolean => /\.(ts|js|mjs|cjs)$/.test(path);
const everywhere = (): boolean => true;

/** What no text of the project may hold. Patterns are written so that they do not match themselves. */
const TEXT_RULES: readonly TextRule[] = [
  { name: "a note of unfinished work", pattern: /\b(?:TO[D]O|FIX[M]E|XX[X])\b/g, in: everywhere },
  { name: "an absolute path of one machine", pattern: /(?<![\w.~/*-])\/(?:work|tmp|root|home|Users)\//g, in: everywhere },
  {
    name: "the address of a package registry",
    pattern: /https?:\/\/[\w.-]*(?:registry|artifactory|nexus|verdaccio)[\w.-]*/g,
    in: everywhere,
  },
  { name: "a test that shuts out all others", pattern: /\b(?:it|test|describe|bench)[.]only\b/g, in: isCode },
  { name: "a silenced linter", pattern: /\beslint[-]disable/g, in: isCode },
  { name: "a silenced linter without a reason (-- why)", pattern: /\boxlint-disable(?!.*-- \w)/g, in: isCode },
  { name: "a silenced type check", pattern: /@ts[-](?:ignore|nocheck)\b/g, in: isCode },
  { name: "a cast to any", pattern: /\bas[ ]any\b|<[a]ny>/g, in: (path) => path.endsWith(".ts") },
];

/** Names of files that say nothing about what is in them. */
export function fileNameProblems(paths: readonly string[]): readonly Problem[] {
  return paths.filter(isCode).flatMap((path) => {
    const stem = path.slice(path.lastIndexOf("/") + 1).replace(/\..*$/, "");
    const word = stem.split(/[-_]/).find((part) => FILE_WORDS.has(part.toLowerCase()));
    return word === undefined ? [] : [`${path}: "${word}" says nothing about what the file holds: name it after its main export`];
  });
}

/** Identifiers of the core that use another word than the project's. */
export function identifierProblems(files: readonly SourceFile[]): readonly Problem[] {
  return files.filter(({ path }) => path.startsWith("src/")).flatMap(identifierProblemsOf);
}

function identifierProblemsOf(file: SourceFile): readonly Problem[] {
  const problems = new Set<Problem>();
  walk(file.program, (node) => {
    const name = /^(Private)?Identifier$/.test(node.type) ? (textAt(node, "name") ?? "") : "";
    for (const word of wordsOf(name)) {
      const better = CORE_WORDS.get(word);
      if (better !== undefined) problems.add(problemAt(file, node, `"${name}": the project's word for "${word}" is "${better}"`));
    }
  });
  return [...problems];
}

/** The words of a camelCase, PascalCase or UPPER_CASE name in lower case. */
export function wordsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[\s_$]+/)
    .filter((word) => word !== "");
}

/** Text that must not be in the project, file by file. */
export function textProblems(path: string, text: string): readonly Problem[] {
  return TEXT_RULES.filter((rule) => rule.in(path)).flatMap((rule) =>
    [...text.matchAll(rule.pattern)].map((match) => `${path}:${lineAt(text, match.index)} holds ${rule.name}: ${match[0]}`),
  );
}
