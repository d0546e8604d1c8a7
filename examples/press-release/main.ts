// A press release from the draft to the press room, offline: prints the plan, waits for the editor, approves in the editor's place, and prints what came
// of it. With `--wait` it leaves the decision to you. It checks itself: the exit code is 1 when something else comes out than should.

import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { createRuntime, outlookText, type Run, textGraph } from "kindling";
import { pressRelease } from "./contract.ts";
import { settings } from "./kindling.config.ts";

const LANGUAGES = [
  { code: "de", name: "German" },
  { code: "fr", name: "French" },
  { code: "pt", name: "Portuguese" },
];
const inputs = { topic: "The harbour ferry runs on batteries from Monday on", languages: LANGUAGES };

const kindling = await createRuntime({ ...settings, access: "shared" });
heading("The plan, before anything runs");
console.log(outlookText(kindling.plan(pressRelease, inputs)));

heading("The run");
const run = await kindling.start(pressRelease, inputs);
const waiting = await run.settled();
const gate = await kindling.awaiting(run.id);
console.log(`${run.id} is ${waiting.status} for "${gate.event}" and shows`);
console.log(JSON.stringify(gate.values, null, 2));
console.log(`to approve: ${command("approve", run)}\nto reject:  ${command("reject", run)}`);
if (!process.argv.includes("--wait")) await goOn();
await kindling.close();

/** Decides as the editor would on the command line, and tells what came of it. */
async function goOn(): Promise<void> {
  const actor = { id: "example:editor", assurance: "outOfBand" } as const;
  const delivery = await kindling.deliver({ event: gate.event, run: run.id, payload: { decision: "approve" }, shown: gate.shown, actor });
  const { draft, outcome } = await run.result();
  heading(`The result (${delivery.status} by ${actor.id})`);
  console.log(`"${draft.title}"`);
  if (outcome.status === "published") for (const page of outcome.pages) console.log(`  ${page}`);
  heading("The graph of the run");
  console.log(textGraph(pressRelease, await run.get()));
  if (outcome.status === "published" && outcome.pages.length === 1 + LANGUAGES.length && outcome.missing.length === 0) return;
  console.error("that is not what it should give");
  process.exitCode = 1;
}

function heading(text: string): void {
  console.log(`\n${text}\n${"─".repeat(text.length)}\n`);
}

/** The command as it can be pasted here. */
function command(verb: "approve" | "reject", { id }: Run<unknown>): string {
  const here = (file: string) => relative(process.cwd(), fileURLToPath(new URL(file, import.meta.url)));
  return `node ${here("../../bin/kindling.js")} ${verb} ${id} --config ${here("kindling.config.ts")}`;
}
