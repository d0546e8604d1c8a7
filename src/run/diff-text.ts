// A comparison of two runs as text: the answer in one sentence, then only what is different.

import { describeMilliseconds } from "../graph/duration.ts";
import { isDifferent, type NodeDiff, type OutputDiff, type RunDiff } from "./diff.ts";
import { oneLine, quoted } from "./explain-cause-text.ts";
import { glance, type Difference } from "./explain-difference.ts";
import type { Spending } from "./spending.ts";
import { describeCost } from "./spending-text.ts";

const NODES_TOLD = 50;

/** The text of a comparison, without a line end: `a | b` where something is different. Values stand in it as short forms of scalars. */
export function diffText(diff: RunDiff): string {
  const different = diff.nodes.filter(isDifferent);
  const rest = different.length - NODES_TOLD;
  const outputs = diff.outputs.filter(({ change }) => change !== "same");
  return [
    headline(diff, different.length, outputs.length),
    ...section("a", [describeSide(diff, "a")]),
    ...section("b", [describeSide(diff, "b")]),
    ...section(
      "inputs",
      diff.inputs.map(({ name, a, b }) => `${quoted(name)}  ${sides(glance(a), glance(b))}`),
    ),
    ...section("nodes", [...different.slice(0, NODES_TOLD).map(describeNode), ...(rest > 0 ? [`… ${rest} more`] : [])]),
    ...section("outputs", outputs.map(describeOutput)),
    ...section("spent", isSameSpending(diff) ? [] : [sides(describeSpending(diff.a.spending), describeSpending(diff.b.spending))]),
    ...section("took", [sides(describeDuration(diff.a.durationMs), describeDuration(diff.b.durationMs))]),
    ...section("same", sameCounts(diff)),
  ].join("\n");
}

function headline({ a, b, relation, inputs, nodes, cut }: RunDiff, different: number, outputs: number): string {
  const how = {
    fork: `${b.run}, a fork of ${a.run},`,
    origin: `${b.run}, of which ${a.run} is a fork,`,
    sibling: `${b.run}, a fork of the same run as ${a.run},`,
    same_contract: `${b.run} against ${a.run}`,
    other_version: `${b.run} (version ${b.version}) against ${a.run} (version ${a.version})`,
    other_contract: `${b.run} (${b.contract}) against ${a.run} (${a.contract})`,
  }[relation];
  if (inputs.length + different + outputs === 0) return `${how} is the same: ${counted(nodes.length + cut, "node")}, every output.`;
  const parts = [
    ...(inputs.length === 0 ? [] : [counted(inputs.length, "input")]),
    ...(different === 0 ? [] : [`${different} of ${counted(nodes.length + cut, "node")}`]),
    ...(outputs === 0 ? [] : [counted(outputs, "output")]),
  ];
  const last = parts.pop() ?? "";
  return `${how} differs in ${parts.length === 0 ? last : `${parts.join(", ")} and ${last}`}.`;
}

function describeSide(diff: RunDiff, which: "a" | "b"): string {
  const { run, contract, version, status } = diff[which];
  return `${run}  ${contract} version ${version}, ${status}`;
}

function describeNode({ path, change, a, b, difference, errors, isRedefined, models, prompts }: NodeDiff): string {
  const said = [
    ...(change === "value" && difference !== undefined ? [`value${describePlace(difference)}`] : []),
    ...(change === "status" ? [sides(standing(a, errors?.a), standing(b, errors?.b))] : []),
    ...(change === "error" ? [sides(standing(a, errors?.a), standing(b, errors?.b))] : []),
    ...(change === "only_a" ? [`only in a (${a ?? ""})`] : []),
    ...(change === "only_b" ? [`only in b (${b ?? ""})`] : []),
    ...(models === undefined ? [] : [`model ${sides(models.a.join(", "), models.b.join(", "))}`]),
    ...(prompts === undefined ? [] : [`prompt ${sides(prompts.a.map(shortVersion).join(", "), prompts.b.map(shortVersion).join(", "))}`]),
    ...(isRedefined && models === undefined && prompts === undefined ? ["defined differently"] : []),
    ...(change === "same" || change === "reused" ? ["same outcome"] : []),
  ];
  return `${quoted(path)}  ${said.join("; ")}`;
}

function describeOutput({ name, change, difference }: OutputDiff): string {
  if (difference !== undefined) return `${quoted(name)}  value${describePlace(difference)}`;
  return `${quoted(name)}  only in ${change === "only_a" ? "a" : "b"}`;
}

function describePlace({ at, a, b }: Difference): string {
  return `${at === "$" ? "" : ` at ${oneLine(at)}`}  ${sides(glance(a), glance(b))}`;
}

function standing(status: string | undefined, error: RunDiffError): string {
  return error === undefined ? (status ?? "") : `${status ?? ""} (${error.code}: ${oneLine(error.message, 80)})`;
}

type RunDiffError = NonNullable<NodeDiff["errors"]>["a"];

function sameCounts({ counts, outputs }: RunDiff): readonly string[] {
  const same = [
    ...(counts.same === 0 ? [] : [`${counts.same} made anew`]),
    ...(counts.reused === 0 ? [] : [`${counts.reused} reused`]),
    ...outputs.filter(({ change }) => change === "same").map(({ name }) => `output ${quoted(name)}`),
  ];
  return same.length === 0 ? [] : [same.join(", ")];
}

function isSameSpending({ a, b }: RunDiff): boolean {
  return a.spending.calls === 0 && b.spending.calls === 0;
}

function describeSpending(spending: Spending): string {
  const { calls, inputTokens, outputTokens } = spending;
  if (calls === 0) return "nothing";
  return `${counted(calls, "model call")}, ${inputTokens} tokens in, ${outputTokens} out, ${describeCost(spending)}`;
}

function describeDuration(ms: number | undefined): string {
  return ms === undefined ? "not ended" : describeMilliseconds(ms);
}

/** `name@version`, the version cut to what tells it from others. */
function shortVersion(prompt: string): string {
  const [name = "", version] = prompt.split("@", 2);
  return version === undefined ? oneLine(name) : `${oneLine(name)}@${version.slice(0, 12)}`;
}

function sides(a: string, b: string): string {
  return `${a} | ${b}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function section(label: string, lines: readonly string[]): string[] {
  return lines.map((line, index) => `  ${(index === 0 ? label : "").padEnd(LABEL_WIDTH)}  ${line}`);
}

const LABEL_WIDTH = 7;
