// The commands that go on with a run that waits: for a gate both decisions, for any other event a delivery with an example. Pure but for asking what is open.

import type { AwaitDetail, Kindling, RunView } from "../index.ts";
import { decisionOf, type Verb } from "./decision.ts";
import { exampleOf } from "./json-schema.ts";
import { pairOf } from "./view/issue-lines.ts";
import { shellWord } from "./view/text.ts";

/** An open await with the commands that answer it. */
export interface NextStep {
  readonly path: string;
  readonly event: string;
  readonly by: "human" | "anyone";
  readonly deadline: number | null;
  readonly commands: readonly string[];
}

/** Awaits told one by one; a run may have thousands. */
const STEPS_LIMIT = 20;

/** What goes on with a run: empty unless it waits for something. */
export async function nextSteps(
  kindling: Kindling,
  run: Pick<RunView, "id" | "awaits" | "status">,
  program: string,
): Promise<readonly NextStep[]> {
  if (run.status !== "waiting" && run.status !== "running") return [];
  const open = (await kindling.inbox({ run: run.id })).slice(0, STEPS_LIMIT);
  return Promise.all(open.map(async ({ path }) => stepOf(await kindling.awaiting(run.id, path), program)));
}

/** The commands that answer one await. */
export function stepOf(detail: AwaitDetail, program: string): NextStep {
  const { path, event, by, deadline } = detail;
  const decisions =
    by === "human"
      ? [decisionCommand(detail, "approve", program), decisionCommand(detail, "reject", program)].filter((command) => command !== undefined)
      : [];
  return { path, event, by, deadline: deadline ?? null, commands: decisions.length > 0 ? decisions : [deliverCommand(detail, program)] };
}

/** `npx kindling deliver pr.merged --run run_… --path merge --payload '{"sha":"…"}'` */
export function deliverCommand({ run, path, event, schema }: AwaitDetail, program: string): string {
  const example = schema === undefined ? "{}" : JSON.stringify(exampleOf(schema));
  return [program, "deliver", shellWord(event), "--run", run, "--path", shellWord(path), "--payload", shellWord(example)].join(" ");
}

/** `npx kindling approve run_… review`, with the fields that a decision must have besides; undefined when the schema does not tell how to decide. */
function decisionCommand({ run, path, schema }: AwaitDetail, verb: Verb, program: string): string | undefined {
  if (schema === undefined) return undefined;
  const decision = decisionOf(schema, verb, {});
  if (!decision.ok) return undefined;
  return [program, verb, run, shellWord(path), ...decision.missing.map((field) => `--set ${pairOf(field)}`)].join(" ");
}
