// Mistakes about models of the AI SDK.

import { aiSdk, type AiSdkModel } from "../../../providers/ai-sdk.ts";

declare const model: AiSdkModel;

// error at `{ model: () => model }`: Property 'id' is missing
export const nameless = aiSdk({ model: () => model });

// error at `"mistral-large-latest"`
export const named = aiSdk("mistral-large-latest");

// error at `timeout`
export const misspelt = aiSdk({ id: "own", model: () => model, timeout: { idleMs: 1_000 } });

// error at `model` #2: Promise<AiSdkModel>
export const promised = aiSdk({ id: "own", model: async () => model });
