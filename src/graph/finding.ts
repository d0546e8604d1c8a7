// What is wrong or doubtful in a definition, as data, and the error that carries all of it at once.

import { KindlingError } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import { describeSource, type SourceLocation } from "./source.ts";

/** The stable codes of findings. */
export type FindingCode =
  | "duplicate_node"
  | "foreign_handle"
  | "handle_as_value"
  | "bad_name"
  | "bad_option"
  | "bad_output"
  | "no_outputs"
  | "unknown_correlation"
  | "define_threw"
  | "define_async"
  | "prompt_variable_missing"
  | "prompt_variable_unused"
  | "prompt_variable_type"
  | "prompt_variable_optional"
  | "prompt_path_unknown"
  | "unknown_model"
  | "default_invalid"
  | "bad_child"
  | "bad_schema"
  | "child_input_missing"
  | "child_input_unknown"
  | "child_input_type"
  | "no_cases"
  | "no_default_case"
  | "case_never_taken"
  | "bad_matcher"
  | "bad_url"
  | "unknown_executor"
  | "unknown_store"
  | "executor_input_missing"
  | "executor_input_type"
  | "executor_input_unknown"
  | "capability_denied"
  | "cycle"
  | "bad_document"
  | "not_portable"
  | "input_unused"
  | "node_unused"
  | "gate_without_timeout"
  | "effect_without_idempotency_key"
  | "event_awaited_twice"
  | "await_uncorrelated"
  | "not_a_form"
  | "nested_too_deep"
  | "nothing_to_show";

/** One thing wrong (`error`) or doubtful (`warning`) in a definition. */
export interface Finding {
  readonly code: FindingCode;
  readonly severity: "error" | "warning";
  readonly contract: string;
  /** The node it is about, when it is about one. */
  readonly node?: string;
  readonly message: string;
  /** What to do, in a sentence. */
  readonly hint?: string;
  readonly source?: SourceLocation;
}

/** A definition that cannot be used; `findings` lists everything that is wrong with it. */
export class DefinitionError extends KindlingError {
  readonly findings: readonly Finding[];

  constructor(contract: string, findings: readonly Finding[]) {
    const count = findings.length === 1 ? "1 error" : `${findings.length} errors`;
    super("definition_invalid", `contract "${contract}" has ${count}:\n${findings.map(describeFinding).join("\n")}`, {
      details: { findings: findings.map(findingToJson) },
    });
    this.findings = findings;
  }
}

/** A finding as lines of text: place, code, message, hint. */
export function describeFinding(finding: Finding): string {
  const place = finding.source === undefined ? "" : `${describeSource(finding.source)}  `;
  const about = pathOf(finding);
  const node = about === "" ? "" : `${about}: `;
  const hint = finding.hint === undefined ? "" : `\n      ${finding.hint}`;
  return `  ${finding.severity} ${finding.code}  ${place}${node}${finding.message}${hint}`;
}

/** Where in its contract a finding is: `posts[each]/post` for a node of a child written in place; empty for the contract itself. */
function pathOf({ contract, node }: Finding): string {
  const [, ...children] = contract.split("/");
  return [...children, ...(node === undefined ? [] : [node])].join("/");
}

/** A finding as JSON. */
export function findingToJson(finding: Finding): JsonObject {
  const { source, node, hint, ...rest } = finding;
  return {
    ...rest,
    ...(node === undefined ? {} : { node }),
    ...(hint === undefined ? {} : { hint }),
    ...(source === undefined ? {} : { source: { ...source } }),
  };
}
