// What a large contract costs the type checker, counted and not timed: instantiations are the same on every machine.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, it } from "vitest";
import { emptyFile, largeContract } from "./large-contract.ts";
import { readErrors, readInstantiations, runCompiler } from "./type-check.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const NODES = 300;
const LIMIT_INSTANTIATIONS = 20_000;

// Inside the project, so that `kindling` and `zod` are found as an author finds them; the folder is ignored by git and by tsconfig.json.
const PLACE = join(ROOT, ".kindling");
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Checks one file alone and gives the instantiations it needed. */
async function instantiationsOf(text: string): Promise<number> {
  mkdirSync(PLACE, { recursive: true });
  const folder = mkdtempSync(join(PLACE, "type-budget-"));
  folders.push(folder);
  writeFileSync(join(folder, "contract.ts"), text);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ extends: "../../tsconfig.json", files: ["contract.ts"], include: [] }));
  const output = await runCompiler(["-p", join(folder, "tsconfig.json"), "--extendedDiagnostics"]);
  expect(readErrors(output)).toEqual([]);
  return readInstantiations(output);
}

const hasIndex = existsSync(join(ROOT, "src/index.ts"));
const reason = hasIndex ? "" : " (skipped: src/index.ts is not there yet)";

it.skipIf(!hasIndex)(`a contract of ${NODES} nodes stays under ${LIMIT_INSTANTIATIONS} instantiations${reason}`, async () => {
  const empty = await instantiationsOf(emptyFile("kindling"));
  const large = await instantiationsOf(largeContract(NODES, "kindling"));
  expect(large - empty).toBeLessThan(LIMIT_INSTANTIATIONS);
});

it("the contract that is measured is a fair mix of what authors write", () => {
  const text = largeContract(NODES, "kindling");
  const large = text.slice(text.indexOf("export const large"));
  const counts = Map.groupBy([...large.matchAll(/\bg\.(\w+)\(/g)], ([, kind = ""]) => kind);
  const total = [...counts.values()].flat().length;
  const shares = Object.fromEntries([...counts].map(([kind, uses]) => [kind, Math.round((100 * uses.length) / total)]));
  expect(total).toBeGreaterThanOrEqual(NODES);
  expect(shares).toEqual({ const: 2, llm: 21, await: 12, compute: 46, branch: 8, collection: 5, compose: 5 });
});

it("an output without a count is no count of zero", () => {
  expect(readInstantiations("Types:  5\nInstantiations:    388\n")).toBe(388);
  expect(() => readInstantiations("Types: 5\n")).toThrow("no count");
});
