// What a client asks its user for a run: which awaits, in what words, by which form. Pure. Knows neither the client nor what comes back.

import { visible, type AwaitDetail, type JsonValue, type RunView } from "../src/index.ts";
import { formOf, type Form } from "./form.ts";

/** A question, ready to be asked. */
export interface Question {
  readonly message: string;
  readonly form: Form;
}

/**
 * Why a client does not ask its user: a person decides elsewhere; the client that started the run would answer for somebody who may not; the payload is no
 * form; or there is more to show than a question holds.
 */
export type NoQuestion = "elsewhere" | "starter" | "no_form" | "too_long";

const MESSAGE_LIMIT = 12_000;

/** The question for an open await, or why its answer is no client's to collect. */
export function questionOf(detail: AwaitDetail, { starter }: Pick<RunView, "starter">): Question | NoQuestion {
  if (detail.by === "human") {
    // The core says so in any case; here nobody is asked in vain. Whether two answers are of two people, a client cannot show.
    if (detail.assurance !== "client" || detail.roles.length > 0 || detail.quorum !== undefined) return "elsewhere";
    // Whose client it is cannot be told from the name it gives itself.
    if (detail.notStarter && starter?.assurance === "agent") return "starter";
  }
  const form = formOf(detail.schema);
  if (form === undefined) return "no_form";
  const message = messageOf(detail);
  return message.length > MESSAGE_LIMIT ? "too_long" : { message, form };
}

/** What is asked, and all that is shown, whole: nobody decides about what they were not shown. Nothing in a value can pass for the text around it. */
function messageOf({ contract, run, path, description, event, values }: AwaitDetail): string {
  const shown = Object.entries(values).map(([name, value]) => `${visible(name)}:\n${quoted(value)}`);
  const asked = description ?? `The workflow waits for "${event}".`;
  return [visible(asked), ...shown, `Workflow ${contract}, run ${run}, ${visible(path)}`].join("\n\n");
}

function quoted(value: JsonValue): string {
  const text = typeof value === "string" ? value : JSON.stringify(value, undefined, 2);
  return visible(text)
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
}
