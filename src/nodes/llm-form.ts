// How documents write a conversation with a model.

import { CALL_FORMS, REUSE_FORMS, NEEDS, optional, type KindForm } from "./form.ts";

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
    ...CALL_FORMS,
    ...REUSE_FORMS,
  },
  declare: (g, name, options) => g.llm(name, options),
};
