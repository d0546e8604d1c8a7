// Finds a project's config file and loads it. Whatever is wrong with it is told with the file, the place in it, and what to do.

import { existsSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { approversProblem, assertThresholds, type Config, ConfigError, didYouMean, InputError, pricesProblem } from "../index.ts";
import { loadProblem } from "./config-problem.ts";

/** A config file that was loaded. */
export interface LoadedConfig {
  readonly file: string;
  readonly folder: string;
  readonly config: Config;
}

const NAMES = ["kindling.config.ts", "kindling.config.mts", "kindling.config.js", "kindling.config.mjs"];
const MEMBERS = [
  "contracts",
  "approvers",
  "ledger",
  "ledgerKey",
  "stores",
  "models",
  "model",
  "prices",
  "limits",
  "retention",
  "compactEvery",
  "alerts",
  "anchor",
  "redact",
  "telemetry",
];

/** Loads the config at `given`, or the nearest one from the working directory upwards. @throws ConfigError */
export async function loadConfig(cwd: string, given?: string): Promise<LoadedConfig> {
  const file = given === undefined ? findConfig(cwd) : resolve(cwd, given);
  if (file === undefined) {
    throw new ConfigError("config_not_found", `there is no kindling.config.ts here or in a folder above (looked from ${cwd})`, {
      fix: "Run `kindling init` to make a project here, go to your project's folder, or name the file with --config.",
    });
  }
  const name = relative(cwd, file) || file;
  if (!existsSync(file))
    throw new ConfigError("config_not_found", `the config file ${name} does not exist`, { fix: "Correct the path after --config." });
  const exported = await importDefault(file, name);
  const problems = problemsOf(exported);
  if (problems.length > 0) {
    throw new ConfigError("config_invalid", `${name} is no config:\n${problems.map((problem) => `- ${problem}`).join("\n")}`, {
      fix: "Its default export is made by defineConfig({ contracts: [yourContract] }).",
      details: { file, problems },
    });
  }
  // Looked at member by member just now.
  return { file, folder: dirname(file), config: exported as Config };
}

/** The nearest config file from a folder upwards. */
export function findConfig(start: string): string | undefined {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    const found = NAMES.map((name) => join(folder, name)).find((file) => existsSync(file));
    if (found !== undefined) return found;
    if (folder === dirname(folder)) return undefined;
  }
}

async function importDefault(file: string, name: string): Promise<unknown> {
  let module: { readonly default?: unknown };
  try {
    // The project's own module: what it exports is looked at before it is used.
    module = (await import(pathToFileURL(file).href)) as { readonly default?: unknown };
  } catch (error) {
    throw loadProblem(name, file, error);
  }
  if (module.default !== undefined) return module.default;
  throw new ConfigError("config_empty", `${name} has no default export`, {
    fix: "Write: export default defineConfig({ contracts: [yourContract] });",
    details: { file },
  });
}

function problemsOf(exported: unknown): string[] {
  if (typeof exported !== "object" || exported === null)
    return [`the default export is ${exported === null ? "null" : typeof exported}, not an object`];
  const members = new Map(Object.entries<unknown>({ ...exported }));
  const problems = [...members.keys()]
    .filter((member) => !MEMBERS.includes(member))
    .map((member) => `"${member}" is no member of a config. ${didYouMean(member, MEMBERS)}`);
  const contracts = members.get("contracts");
  if (!Array.isArray(contracts))
    problems.push(`contracts is ${contracts === undefined ? "missing" : typeof contracts}; it is a list of contracts`);
  else
    for (const [index, contract] of contracts.entries())
      if (!hasMembers(contract, ["name", "graph"])) problems.push(`contracts[${index}] is no contract; contract("name", { … }) makes one`);
  const ledger = members.get("ledger");
  if (ledger !== undefined && typeof ledger !== "string" && !hasMembers(ledger, ["open"]))
    problems.push(`ledger is ${typeof ledger}; it is a folder, or what fileLedger(folder) gives`);
  const key = members.get("ledgerKey");
  if (key !== undefined && !["env", "command", "file"].some((source) => hasMembers(key, [source])))
    problems.push('ledgerKey names no place of a key; it is { env: "NAME" }, { file: "path" } or { command: ["program", "argument"] }');
  if (key !== undefined && ledger !== undefined && typeof ledger !== "string")
    problems.push("ledgerKey is for a ledger that is named by its folder; fileLedger(folder, { key }) takes its own");
  const models = members.get("models");
  if (models !== undefined && !Array.isArray(models)) problems.push("models is no list; it holds providers, such as anthropic()");
  else
    for (const [index, provider] of (models ?? []).entries())
      if (!hasMembers(provider, ["id", "stream"])) problems.push(`models[${index}] is no provider; call it: anthropic()`);
  const stores = members.get("stores");
  if (stores !== undefined && !Array.isArray(stores)) problems.push("stores is no list; it holds what defineStore and defineHistory give");
  else
    for (const [index, store] of (stores ?? []).entries())
      if (!hasMembers(store, ["kind", "name", "schema"]))
        problems.push(`stores[${index}] is no store; defineStore("name", { … }) makes one`);
  const model = members.get("model");
  if (model !== undefined && (typeof model !== "string" || !model.includes(":")))
    problems.push('model is no name of a model, such as "anthropic:claude-sonnet-5-5"');
  const alerts = members.get("alerts");
  if (alerts !== undefined) problems.push(...alertsProblem(alerts));
  const prices = members.get("prices");
  const inPrices = prices === undefined ? undefined : pricesProblem(prices);
  if (inPrices !== undefined) problems.push(`${inPrices.message}. ${inPrices.fix}`);
  const approvers = members.get("approvers");
  const inApprovers = approvers === undefined ? undefined : approversProblem(approvers);
  if (inApprovers !== undefined) problems.push(`${inApprovers.message}. ${inApprovers.fix}`);
  return problems;
}

function alertsProblem(alerts: unknown): string[] {
  if (typeof alerts !== "object" || alerts === null)
    return [`alerts is ${alerts === null ? "null" : typeof alerts}; it is { cursorLag: 10_000, … }`];
  try {
    assertThresholds({ ...alerts });
    return [];
  } catch (error) {
    if (error instanceof InputError) return [`alerts: ${error.message}. ${error.fix ?? ""}`.trimEnd()];
    throw error;
  }
}

function hasMembers(value: unknown, names: readonly string[]): boolean {
  return typeof value === "object" && value !== null && names.every((name) => name in value);
}
