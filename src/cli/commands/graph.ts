// `graph`: a contract's graph, or a run's with its states, as text or Mermaid.

import { InputError, didYouMean, mermaidGraph, textGraph } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { UsageError } from "../problem.ts";
import { type GlobalOptions, openProject } from "../project.ts";
import { loadConfig } from "../config-file.ts";
import { LATEST, findRun } from "../run-name.ts";
import type { Shell } from "../shell.ts";

/** What `graph` takes. */
export interface GraphOptions extends GlobalOptions {
  readonly format?: string;
}

/** Draws a contract, or the contract of a run with how far it is. */
export async function graph(shell: Shell, name: string, options: GraphOptions): Promise<Answer> {
  const format = options.format ?? "text";
  if (format !== "text" && format !== "mermaid")
    throw new UsageError("bad_option", `--format ${format} is unknown`, { fix: "text or mermaid" });
  const { contracts } = (await loadConfig(shell.cwd, options.config)).config;
  const contract = contracts.find((each) => each.name === name);
  const text =
    contract === undefined
      ? await ofRun(
          shell,
          name,
          options,
          format,
          contracts.map((each) => each.name),
        )
      : format === "text"
        ? textGraph(contract)
        : mermaidGraph(contract);
  return { ok: true, result: { format, text }, lines: text.trimEnd().split("\n") };
}

async function ofRun(
  shell: Shell,
  name: string,
  options: GraphOptions,
  format: "text" | "mermaid",
  known: readonly string[],
): Promise<string> {
  if (name !== LATEST && !name.startsWith("run_")) {
    throw new InputError("contract_not_found", `there is no contract "${name}"`, { fix: didYouMean(name, known) });
  }
  const project = await openProject(shell, options, "read");
  try {
    const id = await findRun(project.kindling, name, shell);
    const view = await (await project.kindling.run(id)).get();
    const contract = project.loaded.config.contracts.find((each) => each.name === view.contract);
    if (contract === undefined)
      throw new InputError("contract_not_found", `run ${id} is of "${view.contract}", which the config does not have`, {
        fix: didYouMean(view.contract, known),
      });
    return format === "text" ? textGraph(contract) : mermaidGraph(contract, view);
  } finally {
    await project[Symbol.asyncDispose]();
  }
}
