// The tools that one conversation offers: what the model is told of them, which child each call is, and what its results say. Pure; runs no tool.

import type { Failure } from "../errors.ts";
import type { Contract } from "../graph/contract.ts";
import type { Graph, NodeFinding } from "../graph/graph.ts";
import { didYouMean } from "../graph/nearest.ts";
import { asTool, DEFAULT_RESULT_LIMIT, type Tool } from "../graph/tool.ts";
import type { JournalEntry, NeedValues, SettledChild } from "../graph/work.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { ModelReply, ModelTool, ToolCallPart, ToolResultPart } from "../model/model.ts";
import { check, describeIssues, type Issue } from "../schema.ts";
import { badOption, codeOf } from "./kind.ts";

/** What an author may offer: a tool, or a contract as it is. */
export type Offered<Given> = Tool<Given> | Contract<never, unknown>;

/** The tools of one conversation by name. */
export type ToolSet = ReadonlyMap<string, Tool<never>>;

/** One call that a model asked for. */
export interface AskedCall {
  /** Of the child that makes it: `3.search` for the first call of "search" in turn 3. */
  readonly key: string;
  readonly part: ToolCallPart;
  readonly tool: Tool<never> | undefined;
}

/** More calls in one reply are not made. */
export const CALLS_LIMIT = 128;

/** Reads what was offered. Of several tools of one name the first counts, and a finding tells of the others. */
export function readTools(offered: readonly Offered<never>[] = []): { readonly tools: ToolSet; readonly findings: readonly NodeFinding[] } {
  const tools = new Map<string, Tool<never>>();
  const findings: NodeFinding[] = [];
  for (const each of offered) {
    const tool: Tool<never> = "graph" in each ? asTool(each) : each;
    if (tools.has(tool.name)) findings.push(badOption(`tools has "${tool.name}" twice`, "Give one of them another name."));
    else tools.set(tool.name, tool);
  }
  return { tools, findings };
}

/** Tools that want something the node does not have. */
export function checkGiven(tools: ToolSet, needs: readonly string[]): NodeFinding[] {
  return [...tools.values()].flatMap(({ name, given }) =>
    given
      .filter((each) => !needs.includes(each))
      .map((each) => badOption(`the tool "${name}" is given "${each}", and the node has no such need`, didYouMean(each, needs))),
  );
}

/** What the model is told of them. */
export function toldTools(tools: ToolSet): readonly ModelTool[] {
  return [...tools.values()].map(({ name, description, inputSchema }) => ({ name, description, inputSchema }));
}

/** What enters the fingerprint of the conversation; what runs stands in the plans of its parts. */
export function toolsDetail(tools: ToolSet): JsonValue {
  return toldTools(tools).map((told) => {
    const { given, approve, work } = tools.get(told.name) ?? {};
    const most = work?.type === "function" ? work.maxCalls : undefined;
    return {
      ...told,
      ...(most === undefined ? {} : { maxCalls: most }),
      given: given ?? [],
      approve: approve === undefined ? null : { when: approve.when === undefined ? null : codeOf(approve.when) },
    };
  });
}

/** The calls of a reply, each with the key of its child. */
export function callsOf(reply: ModelReply, turn: number, renewal: number, tools: ToolSet): readonly AskedCall[] {
  const counts = new Map<string, number>();
  return reply.content.flatMap((part): AskedCall[] => {
    if (part.type !== "tool-call") return [];
    const count = (counts.get(part.name) ?? 0) + 1;
    counts.set(part.name, count);
    const key = `${renewal === 1 ? "" : `r${renewal}.`}${turn}.${part.name}${count === 1 ? "" : `.${count}`}`;
    return [{ key, part, tool: tools.get(part.name) }];
  });
}

/** The tool of a child: `search` for `3.search.2` and for `r2.3.search`. */
export function toolOfKey(key: string): string {
  const [first = "", second = "", third = ""] = key.split(".");
  return first.startsWith("r") ? third : second;
}

/** What the child of a call is given: what the model filled in, and what the node gives. */
export function inputsOfCall(tools: ToolSet, needs: JsonObject, key: string, journal: readonly JournalEntry[]): JsonObject {
  const [first = "", second = ""] = key.split(".");
  const renewal = first.startsWith("r") ? Number(first.slice(1)) : 1;
  const turn = Number(first.startsWith("r") ? second : first);
  const replied = journal.findLast((entry) => entry.type === "model.replied" && entry.turn === turn);
  const call =
    replied?.type === "model.replied" ? callsOf(replied.reply, turn, renewal, tools).find((each) => each.key === key) : undefined;
  const given = Object.fromEntries((call?.tool?.given ?? []).map((name) => [name, needs[name] ?? null]));
  const input = call?.part.input ?? null;
  if (call?.tool?.work.type !== "contract") return { input, which: key, ...given };
  return { ...(isJsonObject(input) ? input : {}), ...given };
}

/** The place of a call in its reply, and how many calls of the same tool were made before it in the conversation. */
export interface CallCount {
  readonly place: number;
  readonly before: number;
}

/** Why a call is not made at all; undefined for one that is. */
export async function refusalOf(
  { part, tool }: AskedCall,
  { place, before }: CallCount,
  tools: ToolSet,
  needs: NeedValues,
): Promise<string | undefined> {
  if (tool === undefined) return `There is no tool "${part.name}". There are: ${[...tools.keys()].join(", ")}.`;
  if (place >= CALLS_LIMIT) return `Not called: a reply may ask for ${CALLS_LIMIT} calls at most.`;
  const most = tool.work.type === "function" ? tool.work.maxCalls : undefined;
  if (most !== undefined && before >= most) return `Not called: "${part.name}" may be called ${most} times in a conversation, and was.`;
  const issues = await issuesOf(tool, part.input, needs);
  return issues.length === 0 ? undefined : `Not called, since the input does not fit: ${describeIssues(issues)}`;
}

async function issuesOf({ work, given }: Tool<never>, input: JsonValue, needs: NeedValues): Promise<readonly Issue[]> {
  if (work.type === "function") {
    const checked = await check(work.input, input);
    return checked.ok ? [] : checked.issues;
  }
  if (!isJsonObject(input)) return [{ at: "", message: "expected an object" }];
  const { inputs } = work.contract.graph;
  const unknown = Object.keys(input).filter((name) => given.includes(name) || !inputs.some((each) => each.name === name));
  const wrong = await Promise.all(
    inputs.map(async ({ name, schema }) => {
      const checked = await check(schema, given.includes(name) ? needs[name] : input[name]);
      return checked.ok ? [] : checked.issues.map((issue) => ({ ...issue, at: issue.at === "" ? name : `${name}.${issue.at}` }));
    }),
  );
  return [...unknown.map((name) => ({ at: name, message: "is no input" })), ...wrong.flat()];
}

/** What the model is told of a call that was not made. */
export function refusedResult({ part }: AskedCall, why: string): ToolResultPart {
  return { type: "tool-result", id: part.id, name: part.name, output: why, isError: true };
}

/** What the model is told of a call that was made. */
export function resultOf({ part }: AskedCall, settled: SettledChild): ToolResultPart {
  const told = { type: "tool-result" as const, id: part.id, name: part.name };
  if (settled.status === "succeeded") return { ...told, output: settled.value };
  return { ...told, output: failureText(settled.error), isError: true };
}

/** The failure without the path it happened at, which means nothing to a model. */
function failureText({ code, message, details, fix }: Failure): string {
  const path = details?.["node"];
  const plain = typeof path === "string" && message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message;
  return code === "attempt_timed_out"
    ? `${plain}; whether it took effect is not known`
    : `${plain}${fix === undefined || code === "tool_rejected" ? "" : ` (${fix})`}`;
}

/** The parts a conversation's children are of. */
export type ToolParts = Readonly<Record<string, Graph>>;

/** How many characters one result may have at most. What a contract gives has no limit of its own, and is taken for as long as a function's may be by default. */
export function longestResult(tools: ToolSet): number {
  return Math.max(0, ...[...tools.values()].map(({ work }) => (work.type === "function" ? work.resultLimit : DEFAULT_RESULT_LIMIT)));
}
