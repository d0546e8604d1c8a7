// The parts of a model's stream, summed up to what a reply is made of. What the port has no place for is counted, so that it can be told. Pure.

import type { LanguageModelV4Usage, SharedV4ProviderMetadata } from "@ai-sdk/provider";
import type { ModelEvent } from "../../src/index.ts";
import { streamFault } from "./errors.ts";
import type { StreamPart } from "./part-stream.ts";
import { addToolInput, newToolInputs, type ToolInputs, wholeToolInput } from "./tool-input.ts";
import { warningText } from "./warning-text.ts";

/** Metadata is what the model's maker alone can read; undefined when it gave none. */
type Metadata = SharedV4ProviderMetadata | undefined;

/** A block of a reply, in the order in which they began; tool calls in the order in which they were complete. */
export type Block =
  | { readonly type: "text" | "reasoning"; text: string; metadata: Metadata }
  | { readonly type: "tool-call"; readonly id: string; readonly name: string; readonly input: string; readonly metadata: Metadata };

/** How the stream says it ended. */
export interface End {
  readonly unified: string;
  readonly raw: string | undefined;
  readonly usage: LanguageModelV4Usage;
  readonly metadata: Metadata;
}

/** What has come so far. */
export interface Sum {
  readonly blocks: Block[];
  /** Text and reasoning that is not yet ended, by its sort and id. */
  readonly open: Map<string, Extract<Block, { type: "text" | "reasoning" }>>;
  readonly toolInputs: ToolInputs;
  /** How many parts were left out, by sort. */
  readonly leftOut: Map<string, number>;
  /** Names of tools that ran at the provider. */
  readonly ranThere: Set<string>;
  readonly warnings: string[];
  model: string | undefined;
  responseId: string | undefined;
  end: End | undefined;
}

/** Nothing yet, but the warnings of the request. */
export function newSum(warnings: readonly string[]): Sum {
  return {
    blocks: [],
    open: new Map(),
    toolInputs: newToolInputs(),
    leftOut: new Map(),
    ranThere: new Set(),
    warnings: [...warnings],
    model: undefined,
    responseId: undefined,
    end: undefined,
  };
}

/** True while nothing of a reply has come. */
export function isEmpty({ blocks, toolInputs, responseId }: Sum): boolean {
  return blocks.length === 0 && toolInputs.size === 0 && responseId === undefined;
}

/** Adds a part and gives what is new in it. @throws ModelError for a part that reports a fault */
export function* addPart(sum: Sum, part: StreamPart, provider: string): Generator<ModelEvent> {
  switch (part.type) {
    case "stream-start":
      sum.warnings.push(...part.warnings.map(warningText));
      return;
    case "response-metadata":
      sum.model = part.modelId ?? sum.model;
      sum.responseId = part.id ?? sum.responseId;
      return;
    case "text-start":
    case "reasoning-start":
      begin(sum, sortOf(part), part);
      return;
    case "text-delta":
    case "reasoning-delta": {
      const block = sum.open.get(keyOf(sortOf(part), part.id)) ?? begin(sum, sortOf(part), part);
      block.text += part.delta;
      block.metadata = part.providerMetadata ?? block.metadata;
      if (part.delta !== "") yield { type: part.type, delta: part.delta };
      return;
    }
    case "text-end":
      if ("citations" in part && part.citations !== undefined) leaveOut(sum, "citation", part.citations.length);
      end(sum, "text", part);
      return;
    case "reasoning-end":
      end(sum, "reasoning", part);
      return;
    case "tool-input-start":
    case "tool-input-delta":
    case "tool-input-end":
      yield* addToolInput(sum.toolInputs, part);
      return;
    case "tool-call":
      if (part.providerExecuted === true) {
        sum.ranThere.add(part.toolName);
        return;
      }
      yield* wholeToolInput(sum.toolInputs, part);
      sum.blocks.push({ type: "tool-call", id: part.toolCallId, name: part.toolName, input: part.input, metadata: part.providerMetadata });
      return;
    case "tool-result":
      sum.ranThere.add(part.toolName);
      return;
    case "finish":
      sum.end = { unified: part.finishReason.unified, raw: part.finishReason.raw, usage: part.usage, metadata: part.providerMetadata };
      return;
    case "error":
      throw streamFault(part.error, provider);
    case "ping":
    case "raw":
      return;
    case "file":
    case "reasoning-file":
    case "source":
    case "custom":
    case "tool-approval-request":
      leaveOut(sum, part.type, 1);
      return;
    default:
      leaveOut(sum, sortOfUnknown(part), 1);
  }
}

type TextBlock = Extract<Block, { type: "text" | "reasoning" }>;

function sortOf({ type }: { readonly type: string }): TextBlock["type"] {
  return type.startsWith("text") ? "text" : "reasoning";
}

function keyOf(sort: string, id: string): string {
  return `${sort} ${id}`;
}

interface BlockPart {
  readonly id: string;
  readonly providerMetadata?: SharedV4ProviderMetadata;
}

/** Ids may come again once their block has ended. */
function begin(sum: Sum, sort: TextBlock["type"], { id, providerMetadata }: BlockPart): TextBlock {
  const block: TextBlock = { type: sort, text: "", metadata: providerMetadata };
  sum.blocks.push(block);
  sum.open.set(keyOf(sort, id), block);
  return block;
}

function end(sum: Sum, sort: TextBlock["type"], { id, providerMetadata }: BlockPart): void {
  const block = sum.open.get(keyOf(sort, id));
  if (block !== undefined) block.metadata = providerMetadata ?? block.metadata;
  sum.open.delete(keyOf(sort, id));
}

function leaveOut(sum: Sum, sort: string, count: number): void {
  if (count > 0) sum.leftOut.set(sort, (sum.leftOut.get(sort) ?? 0) + count);
}

/** A newer model may send what its types here do not have. */
function sortOfUnknown(part: unknown): string {
  return typeof part === "object" && part !== null && "type" in part ? String(part.type) : "unknown";
}
