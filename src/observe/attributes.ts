// Observations as attributes of spans: what the conventions know, under their names, and what only Kindling knows, under its own.

import type { Attributes } from "@opentelemetry/api";
import type { Failure, ObservedCall, ObservedNode, ObservedRun } from "../index.ts";
import { ATTRIBUTE, OPERATION } from "./genai.ts";
import type { Told } from "./span-style.ts";

/** Attributes without those that are not known. */
export function known(attributes: Readonly<Record<string, Attributes[string] | null>>): Attributes {
  const found: Attributes = {};
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined && value !== null) found[name] = value;
  return found;
}

/** The name of a run's span. */
export function runName({ contract }: ObservedRun): string {
  return `${OPERATION.run} ${contract}`;
}

/** What a run is. */
export function runAttributes({ id, root, path, contract, version }: ObservedRun, by: string): Attributes {
  return known({
    [ATTRIBUTE.operation]: OPERATION.run,
    [ATTRIBUTE.contract]: contract,
    [ATTRIBUTE.conversation]: root,
    [ATTRIBUTE.runId]: id,
    [ATTRIBUTE.runPath]: path === "" ? null : path,
    [ATTRIBUTE.contractVersion]: version,
    [ATTRIBUTE.runBy]: by,
  });
}

/** How it rests. */
export function restAttributes({ status, waitsFor, error }: Told<"run.rested">): Attributes {
  return known({
    [ATTRIBUTE.runStatus]: status,
    [ATTRIBUTE.waitsFor]: waitsFor.length === 0 ? null : [...waitsFor],
    [ATTRIBUTE.errorType]: error?.code ?? null,
  });
}

/** The operation of a node, which its span's name begins with. */
export function nodeOperation({ asksModels, tool }: ObservedNode): string {
  if (tool !== undefined) return OPERATION.tool;
  return asksModels ? OPERATION.agent : OPERATION.node;
}

/** The name of a node's span. */
export function nodeName(node: ObservedNode): string {
  const name = `${nodeOperation(node)} ${node.tool?.name ?? node.name}`;
  return node.purpose === "work" ? name : `${name} (taken back)`;
}

/** What a node is. */
export function nodeAttributes(node: ObservedNode, root: string): Attributes {
  const { path, name, kind, attempt, tool, store, asksModels } = node;
  return known({
    [ATTRIBUTE.operation]: nodeOperation(node),
    [ATTRIBUTE.conversation]: root,
    [ATTRIBUTE.agent]: asksModels ? name : null,
    [ATTRIBUTE.toolName]: tool?.name ?? null,
    [ATTRIBUTE.toolType]: tool === undefined ? null : "function",
    [ATTRIBUTE.toolCallId]: tool === undefined || tool.call === "" ? null : tool.call,
    [ATTRIBUTE.nodePath]: path,
    [ATTRIBUTE.nodeKind]: kind,
    [ATTRIBUTE.nodeAttempt]: attempt,
    [ATTRIBUTE.storeName]: store?.name ?? null,
    [ATTRIBUTE.storeKind]: store?.kind ?? null,
  });
}

/** The name of a model call's span. */
export function callName({ model }: ObservedCall): string {
  return `${OPERATION.chat} ${modelOf(model)}`;
}

/** What a model is asked with. */
export function callAttributes({ provider, model, server, turn, prompt, settings }: ObservedCall, root: string): Attributes {
  const at = prompt?.lastIndexOf("@") ?? -1;
  return known({
    [ATTRIBUTE.operation]: OPERATION.chat,
    [ATTRIBUTE.conversation]: root,
    [ATTRIBUTE.provider]: provider,
    [ATTRIBUTE.requestModel]: modelOf(model),
    [ATTRIBUTE.serverAddress]: server?.address ?? null,
    [ATTRIBUTE.serverPort]: server?.port ?? null,
    [ATTRIBUTE.maxTokens]: settings.maxOutputTokens,
    [ATTRIBUTE.stream]: true,
    [ATTRIBUTE.temperature]: settings.temperature ?? null,
    [ATTRIBUTE.topP]: settings.topP ?? null,
    [ATTRIBUTE.seed]: settings.seed ?? null,
    [ATTRIBUTE.stopSequences]: settings.stop === undefined ? null : [...settings.stop],
    [ATTRIBUTE.reasoningLevel]: settings.reasoning?.effort ?? null,
    [ATTRIBUTE.outputType]: settings.output,
    [ATTRIBUTE.promptName]: prompt === undefined || at < 0 ? null : prompt.slice(0, at),
    [ATTRIBUTE.promptVersion]: prompt === undefined || at < 0 ? null : prompt.slice(at + 1),
    [ATTRIBUTE.turn]: turn,
  });
}

/** What it replied, without what it said. `beganAt` is when it was asked. */
export function replyAttributes({ reply, cost, firstAt, error }: Told<"model.ended">, beganAt: number): Attributes {
  const { usage, stop } = reply ?? {};
  return known({
    [ATTRIBUTE.responseModel]: reply?.model ?? null,
    [ATTRIBUTE.finishReasons]: stop === undefined ? null : [stop.raw ?? stop.reason],
    [ATTRIBUTE.timeToFirstChunk]: firstAt === undefined ? null : (firstAt - beganAt) / 1_000,
    [ATTRIBUTE.inputTokens]: usage?.input ?? null,
    [ATTRIBUTE.outputTokens]: usage?.output ?? null,
    [ATTRIBUTE.cacheReadTokens]: usage?.cacheRead ?? null,
    [ATTRIBUTE.cacheWriteTokens]: usage?.cacheWrite ?? null,
    [ATTRIBUTE.reasoningTokens]: usage?.reasoning ?? null,
    [ATTRIBUTE.cost]: cost,
    [ATTRIBUTE.requestId]: reply?.requestId ?? requestIdOf(error),
    [ATTRIBUTE.errorType]: error?.code ?? null,
  });
}

/** What all model calls of a node used together. */
export function usedAttributes({ input, output }: { readonly input: number; readonly output: number }): Attributes {
  return { [ATTRIBUTE.inputTokens]: input, [ATTRIBUTE.outputTokens]: output };
}

/** The model's name at its provider. */
export function modelOf(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}

function requestIdOf(error: Failure | undefined): string | null {
  const id = error?.details?.["requestId"];
  return typeof id === "string" ? id : null;
}
