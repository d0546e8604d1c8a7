// How documents write a conversation with a model.

import { BUDGET_FORM, CALL_FORMS, REUSE_FORMS, NEEDS, optional, type KindForm } from "./form.ts";

const IN_CODE = "Declare the node in a contract written in code, and run that as a child by its name.";

export const llmForm: KindForm = {
  about: "Asks a model; the reply is its value: what output asks for, or else text.",
  options: {
    needs: NEEDS,
    prompt: { type: "prompt" },
    output: optional({ type: "schema", about: "What the reply must be; without it the value is its text." }),
    model: optional({ type: "text", about: "provider:model; the runtime's default when left out." }),
    maxOutputTokens: optional({ type: "number" }),
    reasoning: optional({ type: "text", values: ["none", "minimal", "low", "medium", "high", "xhigh", "max"] }),
    temperature: optional({ type: "number" }),
    topP: optional({ type: "number" }),
    seed: optional({ type: "number" }),
    stop: optional({ type: "list", of: { type: "text" }, about: "Texts at which the model stops." }),
    cache: optional({ type: "text", values: ["5m", "30m", "1h", "12h"], about: "How long the provider shall remember the conversation." }),
    models: optional({
      type: "list",
      of: { type: "text" },
      about: "Several models in place of one: the next is asked where one cannot answer.",
    }),
    maxTurns: optional({ type: "number" }),
    toolConcurrency: optional({ type: "number" }),
    toolChoice: optional({
      type: "either",
      of: [
        { type: "text", values: ["auto", "none", "required"] },
        { type: "object", members: { tool: { type: "text" } } },
      ],
    }),
    providerOptions: optional({ type: "json" }),
    budget: optional(BUDGET_FORM),
    tools: optional({ type: "code", cure: IN_CODE }),
    fallbackOn: optional({ type: "code", cure: IN_CODE }),
    ...CALL_FORMS,
    ...REUSE_FORMS,
  },
  declare: (g, name, options) => g.llm(name, options),
};
