// Asks the person at the terminal to approve, edit or reject the notes. It only asks: delivering the decision is the caller's.

import { isCancel, log, multiline, note, select, text } from "@clack/prompts";
import type { Proof } from "./changes.ts";
import type { Review } from "./contract.ts";
import { visible } from "./report.ts";

/** Shows the notes and asks. Undefined when the person leaves the decision for later. */
export async function askReviewer(proof: Proof): Promise<Review | undefined> {
  log.info(`Headline: ${visible(proof.headline)}`);
  for (const { audience, markdown } of proof.pages) note(visible(markdown.trim()), audience);
  for (const { audience, message } of proof.notWritten) log.warn(`There is no note "${audience}": ${visible(message)}`);
  if (proof.unsorted.length > 0) log.warn(`The model left out ${proof.unsorted.length} entries: ${proof.unsorted.join(", ")}`);

  const decision = await select({
    message: "Publish these notes?",
    options: [
      { value: "approve", label: "Approve", hint: "write the files" },
      { value: "edit", label: "Edit", hint: "change a note, then write the files" },
      { value: "reject", label: "Reject", hint: "put the notes aside" },
      { value: "later", label: "Decide later", hint: "the run waits" },
    ] as const,
  });
  if (isCancel(decision) || decision === "later") return undefined;
  if (decision === "approve") return { decision };
  return decision === "edit" ? askEdits(proof) : askReason();
}

async function askReason(): Promise<Review | undefined> {
  const comment = await text({ message: "What is wrong with them?", placeholder: "You may leave this empty" });
  if (isCancel(comment)) return undefined;
  return comment ? { decision: "reject", comment } : { decision: "reject" };
}

async function askEdits({ pages }: Proof): Promise<Review | undefined> {
  const edits: Record<string, string> = {};
  for (;;) {
    const audience = await select({
      message: "Which note?",
      options: [...pages.map((page) => ({ value: page.audience, label: page.audience })), { value: "", label: "Done: publish" }],
    });
    if (isCancel(audience)) return undefined;
    if (audience === "") return { decision: "edit", edits };
    const initialValue = edits[audience] ?? pages.find((page) => page.audience === audience)?.markdown ?? "";
    const edited = await multiline({ message: `Edit "${audience}" (Tab, then Enter, when you are done)`, initialValue, showSubmit: true });
    if (isCancel(edited)) return undefined;
    edits[audience] = `${edited.trim()}\n`;
  }
}
