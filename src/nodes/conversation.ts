// One conversation with a model, turn by turn. Every request and every reply is recorded, and so is every call of a tool, so a crash repeats at most what was
// in flight; it goes on behind the last turn. Knows no graph: what a tool is, its child knows.

import { ModelError, textOf, type ModelMessage, type ModelReply, type ModelRequest } from "../model/model.ts";
import { readOutput, repairMessages } from "../model/structured.ts";
import type { NeedValues, CallContext, JournalEntry } from "../graph/work.ts";
import { AskChildren } from "../graph/work.ts";
import { ValueError } from "../graph/value-error.ts";
import { failureOf } from "../errors.ts";
import { hashJson, type JsonObject } from "../json.ts";
import type { ToolResultPart } from "../model/model.ts";
import { describeIssues, jsonSchemaOf, type Schema } from "../schema.ts";
import type { Opening } from "./opening.ts";
import { callsOf, refusalOf, refusedResult, resultOf, toldTools, type ToolSet } from "./tool-set.ts";

/** The options as the conversation needs them, without the author's types. */
export interface Conversation {
  readonly node: string;
  /** Asked once in each process that carries it on. */
  readonly open: (needs: NeedValues, context: CallContext) => Opening | Promise<Opening>;
  readonly output: Schema | undefined;
  /** In the order in which they are asked; empty for the runtime's default. */
  readonly models: readonly string[];
  /** Whether the next model is asked after this error. */
  readonly goesOn: (error: ModelError) => boolean;
  readonly settings: Omit<ModelRequest, "model" | "messages" | "tools" | "output" | "toolChoice">;
  readonly tools: ToolSet;
  readonly toolChoice: ModelRequest["toolChoice"];
  readonly maxTurns: number;
}

/** Gives the node's value, or the calls of tools that must be made first. */
export async function converse(conversation: Conversation, needs: NeedValues, context: CallContext): Promise<unknown> {
  const { output, tools, maxTurns } = conversation;
  const { messages: first, prompt } = await conversation.open(needs, context);
  let messages = first;
  let isRepaired = false;
  const made = new Map<string, number>();
  for (let turn = 1; ; turn++) {
    const answer = await answerOf(conversation, context, { turn, messages, prompt });
    const { reply } = answer;
    const said: ModelMessage = { role: "assistant", content: reply.content };
    const mayGoOn = turn < maxTurns;
    if (tools.size > 0 && reply.content.some(({ type }) => type === "tool-call")) {
      if (!mayGoOn) throw exhausted(conversation);
      const results = await resultsOf(tools, made, { reply, turn }, needs, context);
      if (AskChildren.is(results)) return results;
      messages = [...messages, said, { role: "tool", content: results }];
    } else if (reply.stop.reason === "paused") {
      if (!mayGoOn) throw exhausted(conversation);
      messages = [...messages, said];
    } else if (output === undefined) {
      return textIn(answer, context);
    } else {
      const read = await readOutput(reply, output);
      if (read.ok) return read.value;
      if (isRepaired) throw unrepaired(answer, describeIssues(read.issues));
      isRepaired = true;
      messages = repairMessages(messages, reply, read.issues);
    }
  }
}

/** What the tools gave, in the order of the calls; or the calls that are still to be made. Counts those that are made in `made`. */
async function resultsOf(
  tools: ToolSet,
  made: Map<string, number>,
  { reply, turn }: { readonly reply: ModelReply; readonly turn: number },
  needs: NeedValues,
  context: CallContext,
): Promise<readonly ToolResultPart[] | AskChildren> {
  const results: ToolResultPart[] = [];
  const open: string[] = [];
  for (const [place, call] of callsOf(reply, turn, context.renewal, tools).entries()) {
    const settled = context.children.get(call.key);
    const before = made.get(call.part.name) ?? 0;
    const why = settled === undefined ? await refusalOf(call, { place, before }, tools, needs) : undefined;
    if (why === undefined) made.set(call.part.name, before + 1);
    if (why !== undefined) results.push(refusedResult(call, why));
    else if (settled === undefined) open.push(call.key);
    else if (settled.status === "failed" && settled.error.code === "tool_uncertain")
      throw new ValueError(settled.error.code, settled.error.message, settled.error.fix === undefined ? {} : { fix: settled.error.fix });
    else results.push(resultOf(call, settled));
  }
  return open.length > 0 ? new AskChildren(open) : results;
}

/** A reply, and the full name of the model that was asked for it. */
interface Answer {
  readonly name: string;
  readonly reply: ModelReply;
}

/** The reply of a turn: the one on record, or that of the first model that can give one. */
async function answerOf(conversation: Conversation, context: CallContext, { turn, ...said }: Turn): Promise<Answer> {
  const names: readonly (string | undefined)[] = conversation.models.length === 0 ? [undefined] : conversation.models;
  const known = repliesOf(context.journal, turn);
  const good = [...known].find(([, reply]) => unusable(reply) === undefined);
  if (good !== undefined) return { name: good[0], reply: good[1] };

  const errors: ModelError[] = [];
  for (const [place, asked] of names.entries()) {
    const name = asked ?? context.models.defaultModel ?? "";
    const hasOther = place < names.length - 1;
    try {
      const reply = known.get(name) ?? (await ask(conversation, context, { turn, name: asked, hasOther, ...said }));
      const problem = unusable(reply);
      if (problem === undefined) return { name, reply };
      throw new ModelError(problem.code, problem.message, { provider: providerOf(name), retryable: false, ...problem.detail });
    } catch (error) {
      if (!(error instanceof ModelError) || context.signal.aborted) throw error;
      errors.push(error);
      if (errors.length === names.length || !conversation.goesOn(error)) break;
      context.note({ type: "model.failed", turn, model: name, error: failureOf(error) });
    }
  }
  throw lastOf(errors);
}

/** Replies on record for this turn, by the model that was asked. */
function repliesOf(journal: readonly JournalEntry[], turn: number): ReadonlyMap<string, ModelReply> {
  const replies = new Map<string, ModelReply>();
  let asked = "";
  for (const entry of journal) {
    if (entry.type === "model.requested") asked = entry.model;
    else if (entry.type === "model.replied" && entry.turn === turn) replies.set(asked, entry.reply);
  }
  return replies;
}

interface Turn {
  readonly turn: number;
  readonly messages: readonly ModelMessage[];
  readonly prompt: Opening["prompt"];
}

interface Question extends Turn {
  readonly name: string | undefined;
  /** There is another one to ask. */
  readonly hasOther: boolean;
}

async function ask(
  conversation: Conversation,
  context: CallContext,
  { turn, name: asked, messages, prompt, hasOther }: Question,
): Promise<ModelReply> {
  const { name, model, provider } = context.models.resolve(asked);
  const request = requestOf(conversation, model, turn, messages);
  const reservation = await context.reserve({ name, provider, request, most: (tokens) => context.models.most(name, tokens) });
  let startedAt = 0;
  try {
    const begins = async () => {
      reservation.begins();
      // R3: what the call rests on, and that it is made, is durable before it is made. Nothing is on record of a call that waits for its turn, or is refused.
      await context.record({
        type: "model.requested",
        turn,
        model: name,
        request: hashJson(JSON.parse(JSON.stringify(request)) as JsonObject),
        ...prompt,
      });
      startedAt = context.models.now();
    };
    const reply = await context.models.call(provider, request, { begins, hasOther });
    const cost = reply.costUsd ?? context.models.cost(name, reply.usage);
    reservation.settle(reply.usage, cost);
    context.note({ type: "model.replied", turn, reply, cost, durationMs: context.models.now() - startedAt });
    return reply;
  } catch (error) {
    reservation.fail(error);
    throw error;
  }
}

/** What is sent in a turn. A tool that must be called must be called first, and not for ever. */
export function requestOf(conversation: Conversation, model: string, turn: number, messages: readonly ModelMessage[]): ModelRequest {
  const { settings, output, tools, toolChoice, node } = conversation;
  const schema = output === undefined ? undefined : jsonSchemaOf(output);
  return {
    model,
    messages,
    ...settings,
    ...(tools.size === 0 ? {} : { tools: toldTools(tools) }),
    ...(toolChoice === undefined || turn > 1 ? {} : { toolChoice }),
    ...(schema === undefined ? {} : { output: { name: node, schema } }),
  };
}

interface Problem {
  readonly code: "refused" | "truncated" | "context_too_long";
  readonly message: string;
  readonly detail: { readonly fix?: string };
}

/** Why nothing can be made of a reply; undefined for one that can be used. */
function unusable({ stop }: ModelReply): Problem | undefined {
  switch (stop.reason) {
    case "refusal":
      return { code: "refused", message: `the model refused to answer${stop.detail === undefined ? "" : `: ${stop.detail}`}`, detail: {} };
    case "length":
      return {
        code: "truncated",
        message: "the reply was cut off at maxOutputTokens",
        detail: { fix: "Raise maxOutputTokens; reasoning counts towards it." },
      };
    case "context-window":
      return { code: "context_too_long", message: "the conversation does not fit the model's context window", detail: {} };
    default:
      return undefined;
  }
}

/** The last model's error. Where an earlier one may answer later, asking them all again may help. */
function lastOf(errors: readonly ModelError[]): ModelError {
  const last = errors.at(-1);
  const hopeful = errors.filter(({ retryable }) => retryable);
  if (last === undefined) throw new ValueError("no_model", "no model was asked");
  if (errors.length === 1) return last;
  const pauses = hopeful.map(({ retryAfterMs = 0 }) => retryAfterMs);
  const told = errors.map(({ provider, code, message }) => `${provider}: ${code}: ${message}`).join("; ");
  return new ModelError(last.code, `none of ${errors.length} models could answer: ${told}`, {
    provider: last.provider,
    retryable: hopeful.length > 0,
    cause: last,
    ...(last.fix === undefined ? {} : { fix: last.fix }),
    ...(pauses.length === 0 ? {} : { retryAfterMs: Math.min(...pauses) }),
  });
}

function textIn({ name, reply }: Answer, context: CallContext): string {
  const text = textOf(reply);
  if (text.trim() !== "") return text;
  throw new ModelError("invalid_output", `${name}: the reply is empty`, {
    provider: providerOf(name),
    // Asking again with the same words may give an answer, once or twice.
    retryable: context.attempt < EMPTY_TRIES,
    fix: "Look at the reply with `kindling facts`.",
  });
}

const EMPTY_TRIES = 3;

function exhausted({ maxTurns }: Conversation): ValueError {
  return new ValueError("turns_exhausted", `the model has not come to an end in ${maxTurns} turns`, {
    fix: "Raise maxTurns, or tell the model in the prompt when to stop.",
    details: { maxTurns },
  });
}

function unrepaired({ name }: Answer, issues: string): ModelError {
  return new ModelError("invalid_output", `${name}: the reply does not fit the output schema, also after one repair: ${issues}`, {
    provider: providerOf(name),
    retryable: false,
    fix: "Look at the reply with `kindling facts`; make the schema or the prompt clearer, or use a stronger model.",
  });
}

/** The provider in a model's name. */
export function providerOf(model: string): string {
  return model.split(":", 1)[0] ?? model;
}
