// How a conversation begins: the first messages, out of a prompt file, out of what stands where its text is kept, or out of a function. What was read elsewhere is a fact
// before the model is asked, so that a conversation that goes on, in this process or another, asks with the same words.

import type { CallContext, JournalEntry, NeedValues } from "../graph/work.ts";
import { ValueError } from "../graph/value-error.ts";
import type { JsonObject, JsonValue } from "../json.ts";
import type { ModelMessage } from "../model/model.ts";
import { recordedPrompt, type Prompt } from "../model/prompt.ts";
import { answerOf, shownAnswer } from "./callback.ts";

/** The first messages, and what every request says of the prompt file they came out of. */
export interface Opening {
  readonly messages: readonly ModelMessage[];
  /** Members of `model.requested`. */
  readonly prompt: Pick<Extract<JournalEntry, { readonly type: "model.requested" }>, "prompt" | "promptText">;
}

/** Begins with a prompt file. Its text is kept beside the log, once for all that ask with it, unless the run's own facts have it. */
export function openWithFile(file: Prompt<never>): (needs: NeedValues, context: CallContext) => Promise<Opening> {
  return async (needs, context) => {
    if (file.resolve !== undefined) return opened(await resolved(file, file.resolve, context), needs);
    const promptText = file.isRecorded === true ? undefined : await context.texts.keep(file.text);
    return opened({ prompt: file, promptText }, needs);
  };
}

/** Begins with what a function of the needs gives. */
export function openWithFunction(prompt: (needs: NeedValues) => string | readonly ModelMessage[]): (needs: NeedValues) => Opening {
  return (needs) => {
    const given: unknown = answerOf("prompt", () => prompt(needs));
    if (typeof given === "string") return { messages: [{ role: "user", content: [{ type: "text", text: given }] }], prompt: {} };
    // The types of the prompt made sure what a list holds; the provider tells what it does not take.
    if (Array.isArray(given)) return { messages: given as readonly ModelMessage[], prompt: {} };
    throw new ValueError("bad_prompt", `prompt gave ${shownAnswer(given)}, and must give a text or messages`, {
      fix:
        given instanceof Promise ? "It must answer at once: make what it needs in a node before." : "Give a text, or a list of messages.",
    });
  };
}

/** A prompt file as it enters a fingerprint, with where its text is kept when that is elsewhere. What stands there is no part of it. */
export function promptDetail(file: Prompt<never>): JsonValue {
  return file.origin === undefined ? idOf(file) : { fallback: idOf(file), ...file.origin };
}

interface Found {
  readonly prompt: Prompt<never>;
  readonly promptText: string | undefined;
}

function opened({ prompt, promptText }: Found, needs: NeedValues): Opening {
  return { messages: prompt.render(plain(needs)), prompt: { prompt: idOf(prompt), ...(promptText === undefined ? {} : { promptText }) } };
}

/** What this conversation began with; else what stands where the prompt is kept, as a fact. */
async function resolved(file: Prompt<never>, resolve: NonNullable<Prompt["resolve"]>, context: CallContext): Promise<Found> {
  const { journal, texts } = context;
  const before = journal.findLast((entry) => entry.type === "prompt.resolved");
  if (before?.type === "prompt.resolved") {
    const { promptText } = before;
    return { prompt: recordedPrompt({ name: file.name, text: await texts.read(promptText) }), promptText };
  }
  const { prompt, from, fallback } = await resolve({ signal: context.signal, now: context.models.now, log: context.log });
  const promptText = await texts.keep(prompt.text);
  // Durable together with the request that rests on it.
  context.note({ type: "prompt.resolved", prompt: idOf(prompt), promptText, from, ...(fallback === undefined ? {} : { fallback }) });
  return { prompt, promptText };
}

/** How facts name a prompt: `name@version`. */
function idOf({ name, version }: Prompt<never>): string {
  return `${name}@${version}`;
}

/** Revived values (a collection's result) as the JSON they were recorded as: what a prompt file prints. */
function plain(needs: NeedValues): JsonObject {
  return JSON.parse(JSON.stringify(needs)) as JsonObject;
}
