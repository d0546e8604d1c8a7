// A ModelRequest as the body of Anthropic's Messages API. Pure: no SDK code, only its types.

import type {
  MessageCountTokensParams,
  MessageCreateParamsStreaming,
  TextBlockParam,
  Tool,
  ToolChoice,
} from "@anthropic-ai/sdk/resources/messages/messages";
import type { Capabilities, ModelMessage, ModelRequest, ModelTool } from "../../src/index.ts";
import { outputInstructions, outputWarning } from "../http/output-instructions.ts";
import { checkToolChoice, unsupported } from "../http/refusals.ts";
import { narrowSchema, type SchemaDialect } from "../http/schema-dialect.ts";
import { withProviderOptions } from "../http/wire-body.ts";
import { textBlock, toMessage } from "./blocks.ts";
import { settleMarks } from "./cache-marks.ts";
import { type ClaudeModel, claudeModel } from "./models.ts";
import { type Thinking, toThinking } from "./thinking.ts";

type Body = Omit<MessageCreateParamsStreaming, "stream">;

/** The body and what had to be left out or changed. */
export interface AnthropicRequest {
  readonly body: Body;
  readonly warnings: readonly string[];
}

/** Maps a request. @throws ModelError `unsupported` for what the API or the model does not take and what would mean something else without */
export function toRequest(
  request: ModelRequest,
  provider = "anthropic",
  known: ClaudeModel = claudeModel(request.model),
): AnthropicRequest {
  const { capabilities } = known;
  const warnings: string[] = [];
  const output = toOutput(request, warnings);
  const thinking = toThinking(request, known, warnings);
  refuse(request, provider, capabilities, thinking);
  warnOfSampling(request, warnings);

  const { messages, end } = settleMarks(request, warnings);
  const { leading, rest } = splitSystem(messages);
  const system = output.instructions === undefined ? leading : [...leading, textBlock({ text: output.instructions })];
  const config = {
    ...(thinking.effort === undefined ? {} : { effort: thinking.effort }),
    ...(output.format === undefined ? {} : { format: output.format }),
  };
  const { model, maxOutputTokens, tools = [], stop = [] } = request;
  const body: Body = {
    model,
    max_tokens: maxOutputTokens,
    messages: rest.map((message) => toMessage(message, { provider, model, files: capabilities.files })),
    ...(system.length === 0 ? {} : { system }),
    ...(tools.length === 0 ? {} : { tools: tools.map(toTool), ...toToolChoice(request) }),
    ...(thinking.thinking === undefined ? {} : { thinking: thinking.thinking }),
    ...(Object.keys(config).length === 0 ? {} : { output_config: config }),
    ...(stop.length === 0 ? {} : { stop_sequences: [...stop] }),
    ...(end === undefined ? {} : { cache_control: end }),
  };
  return { warnings, body: withProviderOptions(body, request, provider) };
}

/** The part of a body that its input tokens are counted by. */
export function toCount({
  model,
  messages,
  system,
  tools,
  tool_choice,
  thinking,
  output_config,
  cache_control,
}: Body): MessageCountTokensParams {
  const optional = { system, tools, tool_choice, thinking, output_config, cache_control };
  const given = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
  return { model, messages, ...given };
}

const FORCED_RULE = "Anthropic's rule for models that always think, see platform.claude.com/docs/en/build-with-claude/thinking";

function refuse(request: ModelRequest, provider: string, capabilities: Capabilities, { thinking }: Thinking): void {
  checkToolChoice(provider, request, capabilities, FORCED_RULE);
  const isForced = request.toolChoice === "required" || typeof request.toolChoice === "object";
  if (isForced && thinking?.type === "enabled")
    throw unsupported(
      provider,
      `${request.model} cannot be made to call a tool while it thinks by budget (Anthropic's rule, see platform.claude.com/docs/en/build-with-claude/extended-thinking)`,
      'Leave out reasoning, or leave toolChoice at "auto".',
    );
}

/** Since version 2026-10-21 the API refuses all of them, for every model (migration guide of @anthropic-ai/sdk 1.0). */
function warnOfSampling({ temperature, topP, seed }: ModelRequest, warnings: string[]): void {
  for (const [name, value] of Object.entries({ temperature, topP, seed }))
    if (value !== undefined) warnings.push(`${name}: Anthropic's API takes no sampling parameters; it was left out`);
}

const TOOL_CHOICE = { auto: "auto", none: "none", required: "any" } as const;

/** Whether several tools may be called in one reply is said with the choice, whatever it is. */
function toToolChoice({ toolChoice, parallelToolCalls }: ModelRequest): { readonly tool_choice?: ToolChoice } {
  if (toolChoice === "none") return { tool_choice: { type: "none" } };
  const one = parallelToolCalls === false ? { disable_parallel_tool_use: true } : {};
  if (toolChoice === undefined) return parallelToolCalls === false ? { tool_choice: { type: "auto", ...one } } : {};
  return {
    tool_choice:
      typeof toolChoice === "string" ? { type: TOOL_CHOICE[toolChoice], ...one } : { type: "tool", name: toolChoice.tool, ...one },
  };
}

/** What `output_config.format` takes, after the SDK's own schema helper. */
const DIALECT: SchemaDialect = {
  keywords: new Set(),
  formats: new Set(["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"]),
  minItemsLimit: 1,
  allRequired: false,
};

interface Output {
  readonly format?: { readonly type: "json_schema"; readonly schema: Record<string, unknown> };
  readonly instructions?: string;
}

function toOutput({ output }: ModelRequest, warnings: string[]): Output {
  if (output === undefined) return {};
  const narrowed = narrowSchema(output.schema, DIALECT);
  if (narrowed.fits) return { format: { type: "json_schema", schema: narrowed.schema } };
  warnings.push(outputWarning(output.name, narrowed.reason));
  return { instructions: outputInstructions(output.schema) };
}

/** System messages before all others are the system prompt; later ones keep their place, which newer models take. */
function splitSystem(messages: readonly ModelMessage[]): { readonly leading: TextBlockParam[]; readonly rest: readonly ModelMessage[] } {
  const end = messages.findIndex(({ role }) => role !== "system");
  const count = end === -1 ? messages.length : end;
  const leading = messages.slice(0, count).flatMap((message) => (message.role === "system" ? message.content.map(textBlock) : []));
  return { leading: leading.filter(({ text }) => text !== ""), rest: messages.slice(count) };
}

function toTool({ name, description, inputSchema }: ModelTool): Tool {
  return { name, description, input_schema: { ...inputSchema, type: "object" } };
}
