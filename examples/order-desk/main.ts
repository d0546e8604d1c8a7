// An agent with tools, offline: asks for money back, waits for a person where it is much, and tells what each turn did. With `--wait` the decision is left to
// you. It checks itself: the exit code is 1 when something else comes out than should.

import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { createRuntime, type RecordedFact } from "kindling";
import { orderDesk } from "./contract.ts";
import { settings } from "./kindling.config.ts";

const customer = { id: "c-1", name: "Ms Okoye", books: ".kindling/order-desk/books.jsonl" };

const kindling = await createRuntime({ ...settings, access: "shared" });
const run = await kindling.start(orderDesk, { question: "My order A-18 arrived broken. Can I have my money back?", customer });
const waiting = await run.settled();
const gate = await kindling.awaiting(run.id);
console.log(`${run.id} is ${waiting.status} at ${gate.path}: may the model do this?`);
console.log(JSON.stringify(gate.values["input"]));
console.log(`to approve: ${command("approve")}\nto reject:  ${command("reject")}`);
if (!process.argv.includes("--wait")) await decide();
await kindling.close();

/** Decides as the shop's owner would on the command line, and tells what came of it. */
async function decide(): Promise<void> {
  const actor = { id: "example:owner", assurance: "outOfBand" } as const;
  await kindling.deliver({ event: gate.event, run: run.id, path: gate.path, payload: { decision: "approve" }, shown: gate.shown, actor });
  const { answer } = await run.result();
  for (const line of (await run.facts()).flatMap(lineOf)) console.log(line);
  console.log(answer.text);
  if (answer.refunded === 620) return;
  console.error("that is not what it should give");
  process.exitCode = 1;
}

function lineOf(fact: RecordedFact): string[] {
  switch (fact.type) {
    case "model.replied":
      return [
        `  turn ${fact.turn}: ${fact.reply.content.map((part) => (part.type === "tool-call" ? `${part.name}(${JSON.stringify(part.input)})` : "answers")).join(", ")}`,
      ];
    case "tool.returned":
      return [`    ${fact.path}: ${fact.error ?? `${fact.characters} characters`}`];
    default:
      return [];
  }
}

/** The command as it can be pasted here. */
function command(verb: "approve" | "reject"): string {
  const here = (file: string) => relative(process.cwd(), fileURLToPath(new URL(file, import.meta.url)));
  return `node ${here("../../bin/kindling.js")} ${verb} ${run.id} '${gate.path}' --config ${here("kindling.config.ts")}`;
}
