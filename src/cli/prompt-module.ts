// A TypeScript module with all prompt files of a project and what fills them: then a need that is missing or misspelt is an error of the compiler at its word.

import { dirname, relative } from "node:path";
import type { Prompt, PromptVariable } from "../index.ts";
import { UsageError } from "./problem.ts";
import type { PromptFile } from "./prompt-files.ts";

/** The text of the module at a path. @throws UsageError `ambiguous_prompt` when two prompts would have the same name in it */
export function promptModule(path: string, prompts: readonly PromptFile[]): string {
  const members = new Map<string, PromptFile>();
  const lines = prompts.flatMap((file) => {
    if (file.prompt === undefined) return [];
    const name = camelCase(file.prompt.name);
    const other = members.get(name);
    if (other !== undefined)
      throw new UsageError("ambiguous_prompt", `${other.file} and ${file.file} would both be called ${name}`, {
        fix: "Give one of them another name in its header.",
      });
    members.set(name, file);
    return memberOf(name, file.prompt, addressFrom(path, file.path));
  });
  return [
    "// Written by `kindling prompts types`: the prompt files of this project with what fills them. Write it anew when one of them has changed.",
    "",
    'import { promptFile } from "kindling";',
    "",
    "export const prompts = {",
    ...lines,
    "} as const;",
    "",
  ].join("\n");
}

function memberOf(name: string, prompt: Prompt, address: string): string[] {
  const { description, variables } = prompt;
  const fields = [...Map.groupBy(variables, (variable) => variable.name)].map(([variable, places]) => fieldOf(variable, places));
  const filled = fields.length === 0 ? "{}" : `{ ${fields.join("; ")} }`;
  return [
    ...(description === "" ? [] : [`  /** ${description.replaceAll("*/", "*\\/").replaceAll(/\s+/g, " ")} */`]),
    `  ${name}: promptFile<${filled}>(new URL(${JSON.stringify(address)}, import.meta.url)),`,
  ];
}

/** `readonly ticket: { readonly title: unknown }` */
function fieldOf(name: string, places: readonly PromptVariable[]): string {
  const [first] = places;
  const type = first?.type ?? "json";
  const isOptional = first?.optional === true;
  const paths = places.flatMap(({ path }) => (path === undefined ? [] : [path]));
  const value = type === "json" ? partsOf(paths, isOptional) : type;
  return `readonly ${property(name)}${isOptional ? "?" : ""}: ${isOptional && value !== "unknown" ? `${value} | null` : value}`;
}

/** What is read of a value. Lists have no members that types could name, so that what is read of them is anything. */
function partsOf(paths: readonly (readonly string[])[], isOptional: boolean): string {
  const inside = paths.filter(([first]) => first !== undefined);
  if (inside.length === 0 || inside.some(([first = ""]) => /^\d+$/.test(first))) return "unknown";
  const members = [...Map.groupBy(inside, ([first = ""]) => first)].map(([name, found]) => {
    const part = partsOf(
      found.map((path) => path.slice(1)),
      isOptional,
    );
    return `readonly ${property(name)}${isOptional ? "?" : ""}: ${isOptional && part !== "unknown" ? `${part} | null` : part}`;
  });
  return `{ ${members.join("; ")} }`;
}

function property(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function addressFrom(path: string, file: string): string {
  const address = relative(dirname(path), file).replaceAll("\\", "/");
  return encodeURI(address.startsWith(".") ? address : `./${address}`);
}

function camelCase(name: string): string {
  const [first = "", ...more] = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
  const joined = first.charAt(0).toLowerCase() + first.slice(1) + more.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  return /^[A-Za-z]/.test(joined) ? joined : `_${joined}`;
}
