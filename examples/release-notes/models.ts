// Which model the example uses: whichever is there, and without any the example's own rule-based stand-in. The contract does not know which.

import { ConfigError, type ModelProvider } from "kindling";
import { anthropic } from "kindling/providers/anthropic";
import { ollama } from "kindling/providers/ollama";
import { openai } from "kindling/providers/openai";
import { z } from "zod";
import { rules } from "./rules.ts";

/** What was chosen, and one line that says so. */
export interface ModelChoice {
  readonly providers: readonly ModelProvider[];
  /** `provider:model` for every node that names none. */
  readonly model: string;
  readonly line: string;
}

const ANTHROPIC_MODEL = "claude-sonnet-5-5";
const OPENAI_MODEL = "gpt-6-luna";
const OLLAMA_ADDRESS = "http://127.0.0.1:11434";
/** A server on this machine answers at once or is not there. */
const OLLAMA_PATIENCE_MS = 300;
const SERVER_PATIENCE_MS = 3_000;
/** The prompt with some hundred entries and the answer have to fit. */
const OLLAMA_CONTEXT_TOKENS = 16_384;

/** `MODEL` (as `provider:model`) wins; then ANTHROPIC_API_KEY, OPENAI_API_KEY, Ollama, the stand-in, in this order. */
export async function chooseModel(): Promise<ModelChoice> {
  const wanted = setting("MODEL");
  if (wanted !== undefined) return choice(wanted, "as MODEL says");
  if (setting("ANTHROPIC_API_KEY") !== undefined)
    return choice(`anthropic:${setting("ANTHROPIC_MODEL") ?? ANTHROPIC_MODEL}`, "ANTHROPIC_API_KEY is set");
  if (setting("OPENAI_API_KEY") !== undefined) return choice(`openai:${await openaiModel()}`, "OPENAI_API_KEY is set");
  const local = await ollamaModel();
  if (local !== undefined) return choice(`ollama:${local}`, "Ollama is running here");
  return choice(
    "rules:words",
    "a rule-based stand-in that calls no model: there is no ANTHROPIC_API_KEY, no OPENAI_API_KEY, and no Ollama on port 11434",
  );
}

function choice(model: string, reason: string): ModelChoice {
  const providers = [anthropic(), openai(), ollama({ contextTokens: OLLAMA_CONTEXT_TOKENS }), rules()];
  return { providers, model, line: `Model: ${model} (${reason})` };
}

/** OpenAI's own models have names we know; of another server we take the first it has. */
async function openaiModel(): Promise<string> {
  const named = setting("OPENAI_MODEL");
  const address = setting("OPENAI_BASE_URL");
  if (named !== undefined) return named;
  if (address === undefined || address.includes("api.openai.com")) return OPENAI_MODEL;
  const [first] = await modelNames(`${address.replace(/\/+$/, "")}/models`, SERVER_PATIENCE_MS, {
    authorization: `Bearer ${setting("OPENAI_API_KEY")}`,
  });
  if (first !== undefined) return first;
  throw new ConfigError("no_model", `The server at ${address} does not say which models it has.`, {
    fix: "Name one: OPENAI_MODEL=… npm start",
  });
}

async function ollamaModel(): Promise<string | undefined> {
  const names = await modelNames(`${OLLAMA_ADDRESS}/api/tags`, OLLAMA_PATIENCE_MS);
  return names.length === 0 ? undefined : (setting("OLLAMA_MODEL") ?? names.find((name) => !name.includes("embed")));
}

/** Ollama lists `models` by name, servers with OpenAI's API list `data` by id. */
const ModelList = z.object({
  models: z.array(z.object({ name: z.string() })).default([]),
  data: z.array(z.object({ id: z.string() })).default([]),
});

/** The names of a server's models; none when it does not answer in time. */
async function modelNames(address: string, patienceMs: number, headers: Record<string, string> = {}): Promise<readonly string[]> {
  try {
    const response = await fetch(address, { headers, signal: AbortSignal.timeout(patienceMs) });
    const { models, data } = ModelList.parse(await response.json());
    return [...models.map(({ name }) => name), ...data.map(({ id }) => id)];
  } catch {
    // Whoever does not answer, or not with a list, has no model for us: that is what was asked.
    return [];
  }
}

function setting(name: string): string | undefined {
  return process.env[name]?.trim() || undefined;
}
