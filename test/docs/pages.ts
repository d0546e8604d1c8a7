// Pages with examples that are programs: each is written to a file, type-checked, run, and what it prints is compared with what the page shows.
// `UPDATE_GOLDEN=1` writes what is printed into the page.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { format } from "node:util";
import { afterAll, vi } from "vitest";
import { type AnyContract, textGraph } from "../../src/index.ts";
import { readErrors, runCompiler, type TypeError } from "../types/type-check.ts";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** A fenced block of a page. */
export interface Block {
  readonly language: string;
  /** The file it is, for one that says so: `ts order.ts`. */
  readonly file: string | undefined;
  /** What the comment before it says: `<!-- prints order.ts -->`. */
  readonly mark: string | undefined;
  readonly text: string;
}

/** Something a program of a page makes, and what the page shows for it. */
export interface Shown {
  readonly mark: string;
  readonly text: string;
}

const BLOCK = /(?:^<!-- (?<mark>[^\n]+) -->\n)?^```(?<language>\w+)(?: (?<file>\S+))?\n(?<text>[\s\S]*?)^```$/gm;
const MADE = /^(?<what>prints|graph of) (?<file>\S+)$/;

/** Reads a file of the project. */
export function readPage(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** The fenced blocks of a page, in their order. */
export function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(BLOCK)].map(({ groups = {} }) => ({
    language: groups["language"] ?? "",
    file: groups["file"],
    mark: groups["mark"],
    text: groups["text"] ?? "",
  }));
}

/** The rows of the first table under a heading, without its head; cells are trimmed. */
export function tableUnder(page: string, heading: string): readonly (readonly string[])[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? "";
  const lines = section.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );
}

/** A folder for the files of examples, removed when the test file ends. Inside the repository, so that their imports of the package resolve. */
export function exampleFolder(prefix: string): string {
  const place = join(ROOT, ".kindling", "tests");
  mkdirSync(place, { recursive: true });
  const folder = mkdtempSync(join(place, prefix));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ extends: "../../../tsconfig.json", include: ["**/*.ts"], exclude: [] }));
  afterAll(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** What the compiler says of the files of such a folder. */
export async function typeErrorsIn(folder: string): Promise<readonly TypeError[]> {
  const errors = readErrors(await runCompiler(["-p", join(folder, "tsconfig.json")]));
  return errors.filter(({ file }) => file.includes(`/${basename(folder)}/`));
}

/** Writes the programs of a page into a folder. */
export function writePrograms(folder: string, page: string): void {
  mkdirSync(folder, { recursive: true });
  for (const { file, text } of blocksOf(page)) if (file !== undefined) writeFileSync(join(folder, file), text);
}

/** Runs the programs of a page, in their order, and gives what the page should show for each of its marks. */
export async function playPage(folder: string, page: string): Promise<readonly Shown[]> {
  const blocks = blocksOf(page);
  const made = new Map<string, { readonly printed: string; readonly graph: string }>();
  for (const { file, language } of blocks) if (file !== undefined && language === "ts") made.set(file, await play(join(folder, file)));
  return blocks.flatMap(({ mark }) => {
    const { what, file = "" } = MADE.exec(mark ?? "")?.groups ?? {};
    const program = made.get(file);
    if (mark === undefined || what === undefined) return [];
    return [{ mark, text: program === undefined ? `there is no ${file}\n` : what === "prints" ? program.printed : program.graph }];
  });
}

/** What the page shows for its marks. */
export function shownIn(page: string): readonly Shown[] {
  return blocksOf(page).flatMap(({ mark, text }) => (mark !== undefined && MADE.test(mark) ? [{ mark, text }] : []));
}

/** Writes what the programs made into a page, where the tests are told to. */
export function updatePage(path: string, made: readonly Shown[]): void {
  if (process.env["UPDATE_GOLDEN"] !== "1") return;
  const texts = new Map(made.map(({ mark, text }) => [mark, text]));
  const updated = readPage(path).replaceAll(
    /(?<=^<!-- (?<mark>[^\n]+) -->\n```text\n)[\s\S]*?(?=^```$)/gm,
    (text, mark: string) => texts.get(mark) ?? text,
  );
  writeFileSync(join(ROOT, path), updated);
}

async function play(file: string): Promise<{ readonly printed: string; readonly graph: string }> {
  const lines: string[] = [];
  // Each is a process of its own for whoever tries it.
  vi.resetModules();
  const log = vi.spyOn(console, "log").mockImplementation((...parts) => void lines.push(format(...parts)));
  try {
    const module = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
    const contracts = Object.values(module).filter(isContract);
    return {
      printed: lines.map((line) => `${line}\n`).join(""),
      graph: contracts.map((contract) => `${textGraph(contract).trimEnd()}\n`).join("\n"),
    };
  } finally {
    log.mockRestore();
  }
}

function isContract(value: unknown): value is AnyContract {
  return typeof value === "object" && value !== null && "graph" in value && "version" in value;
}
