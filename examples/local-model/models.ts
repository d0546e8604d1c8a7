// Which local models are asked: the one that the environment names, or the toy through both APIs.

import type { ModelProvider } from "kindling";
import { ollama } from "kindling/providers/ollama";
import { openai } from "kindling/providers/openai";
import { missingEngine, startToyModel } from "./toy/toy-model.ts";

/** Models to ask, one after another. */
export interface LocalModels {
  readonly providers: readonly ModelProvider[];
  /** As nodes name them: `provider:model`. */
  readonly names: readonly string[];
  /** What is said of them first. */
  readonly line: string;
  readonly close: () => Promise<void>;
}

/** Looks at the environment. @throws Error that says what to set or to install when there is nothing to ask */
export async function localModels(): Promise<LocalModels> {
  const { LOCAL_MODEL_URL: url, LOCAL_MODEL: model = "default", OLLAMA_MODEL: ollamaModel } = process.env;
  const nothing = () => Promise.resolve();
  if (url) {
    const provider = openai({ id: "local", baseURL: url, api: "chat" });
    return { providers: [provider], names: [`local:${model}`], line: `The server at ${url} is asked.`, close: nothing };
  }
  if (ollamaModel) {
    // Without a size of the context, what does not fit is cut off in silence.
    const provider = ollama({ contextTokens: 8_192 });
    return { providers: [provider], names: [`ollama:${ollamaModel}`], line: "Ollama is asked.", close: nothing };
  }
  const missing = missingEngine();
  if (missing !== undefined)
    throw new Error(`There is no local model to ask. Set OLLAMA_MODEL or LOCAL_MODEL_URL, or install the toy: ${missing}.`);
  const toy = await startToyModel();
  return {
    providers: [openai({ id: "local", baseURL: `${toy.url}/v1`, api: "chat" }), ollama({ host: toy.url, contextTokens: 4_096 })],
    names: ["local:toy", "ollama:toy"],
    line: "No model is named, so the toy is asked: a table of byte pairs in a real llama.cpp. What it says is nonsense by design.",
    close: () => toy.close(),
  };
}
