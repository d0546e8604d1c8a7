// `graph`: a contract's graph, or a run's with its states, as text, Mermaid, DOT or JSON.

import { type AnyContract, didYouMean, dotGraph, graphJson, InputError, mermaidGraph, type RunView, textGraph } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { UsageError } from "../problem.ts";
import type { GlobalOptions } from "../project.ts";
import { loadConfig } from "../config-file.ts";
import { contractOf } from "../run-contract.ts";
import { LATEST } from "../run-name.ts";
import { withRun } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { jsonLines } from "../view/json-lines.ts";
import { MARKS } from "../view/node-lines.ts";
import type { Paint } from "../view/paint.ts";

/** What `graph` takes. */
export interface GraphOptions extends GlobalOptions {
  readonly format?: string;
}

/** What is drawn: a contract, and perhaps a run of it. */
interface Subject {
  readonly contract: AnyContract;
  readonly run?: RunView;
}

/** Draws a contract, or the contract of a run with how far it is. */
export async function graph(shell: Shell, name: string, options: GraphOptions): Promise<Answer> {
  const format = formatOf(options.format);
  const { contracts } = (await loadConfig(shell.cwd, options.config)).config;
  const contract = contracts.find((each) => each.name === name);
  const known = contracts.map((each) => each.name);
  const subject = contract === undefined ? await runNamed(shell, name, options, known) : { contract };
  return ANSWERS[format](subject, shell.out.paint);
}

/** The answer in each format. Text has colour on a terminal; what `--json` gives has none. */
const ANSWERS: Readonly<Record<Format, (subject: Subject, paint: Paint) => Answer>> = {
  text: ({ contract, run }, paint) => {
    const coloured = textGraph(contract, run, (status, text) => paint(TONES.get(status) ?? "accent", text));
    return { ...textAnswer("text", textGraph(contract, run)), lines: linesOf(coloured) };
  },
  mermaid: ({ contract, run }) => textAnswer("mermaid", mermaidGraph(contract, run)),
  dot: ({ contract, run }) => textAnswer("dot", dotGraph(contract, run)),
  json: ({ contract, run }) => {
    const drawn = graphJson(contract, run);
    return { ok: true, result: { format: "json", graph: drawn }, lines: jsonLines(drawn) };
  },
};

const FORMATS = ["text", "mermaid", "dot", "json"] as const;
type Format = (typeof FORMATS)[number];

const TONES = new Map<string, Parameters<Paint>[0]>(Object.entries(MARKS).map(([status, [, tone]]) => [status, tone]));

function formatOf(given = "text"): Format {
  const format = FORMATS.find((each) => each === given);
  if (format !== undefined) return format;
  throw new UsageError("bad_option", `--format ${given} is unknown`, { fix: "text, mermaid, dot or json" });
}

function textAnswer(format: Format, text: string): Answer & { readonly ok: true } {
  return { ok: true, result: { format, text }, lines: linesOf(text) };
}

function linesOf(text: string): string[] {
  return text.trimEnd().split("\n");
}

async function runNamed(shell: Shell, name: string, options: GraphOptions, known: readonly string[]): Promise<Subject> {
  if (name !== LATEST && !name.startsWith("run_")) {
    throw new InputError("contract_not_found", `there is no contract "${name}"`, { fix: didYouMean(name, known) });
  }
  return withRun(shell, options, "read", name, async ({ kindling }, handle) => {
    const run = await handle.get();
    return { run, contract: contractOf(kindling, run) };
  });
}
