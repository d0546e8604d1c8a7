// The commands that go on with a run that waits: for a gate both decisions, for any other event a delivery with an example. Pure but for asking what is open.

import { type AwaitDetail, InputError, type JsonObject, type JsonValue, type Kindling, type RunView } from "../index.ts";
import { decisionOf, type Verb } from "./decision.ts";
import { choicesOf, exampleOf, fieldsOf, isObject, variantsOf } from "./json-schema.ts";
import { isStranded } from "./problem.ts";
import { pairOf } from "./view/issue-lines.ts";
import { shellWord } from "./view/text.ts";

/** An open await with the commands that answer it. */
export interface NextStep {
  readonly path: string;
  readonly event: string;
  /** The history whose events answer it. */
  readonly history?: string;
  readonly by: "human" | "anyone";
  /** Milliseconds since 1970, as is the deadline. */
  readonly since: number;
  readonly deadline: number | null;
  /** Where several people decide: how many, and who has said something. */
  readonly quorum?: NonNullable<AwaitDetail["quorum"]>;
  readonly commands: readonly string[];
}

/** Where most people have theirs. */
const USUAL_KEY = "~/.ssh/id_ed25519";

/** Awaits told one by one; a run may have thousands. */
const STEPS_LIMIT = 20;

/** What goes on with a run: empty unless it waits for something. */
export async function nextSteps(
  kindling: Kindling,
  run: Pick<RunView, "id" | "awaits" | "status">,
  program: string,
): Promise<readonly NextStep[]> {
  if (run.status !== "waiting" && run.status !== "running") return [];
  const open = await kindling.inbox({ run: run.id, limit: STEPS_LIMIT });
  const details = await Promise.all(open.map(({ path }) => detailOf(kindling, run.id, path)));
  return details.flatMap((detail) => (detail === undefined ? [] : [stepOf(detail, program)]));
}

/** An open await with what it shows; undefined when it was answered since it was listed, or its run's contract is not here. */
export async function detailOf(kindling: Kindling, run: string, path: string): Promise<AwaitDetail | undefined> {
  try {
    return await kindling.awaiting(run, path);
  } catch (error) {
    if (isStranded(error) || (error instanceof InputError && error.code === "not_awaiting")) return undefined;
    throw error;
  }
}

/** The commands that answer one await. */
export function stepOf(detail: AwaitDetail, program: string): NextStep {
  const { path, event, history, by, since, deadline, quorum } = detail;
  const decisions =
    by === "human"
      ? [decisionCommand(detail, "approve", program), decisionCommand(detail, "reject", program)].filter((command) => command !== undefined)
      : [];
  return {
    path,
    event,
    ...(history === undefined ? {} : { history }),
    by,
    since,
    deadline: deadline ?? null,
    ...(quorum === undefined ? {} : { quorum }),
    commands:
      decisions.length > 0
        ? decisions
        : [history === undefined ? deliverCommand(detail, program) : appendCommand(history, detail, program)],
  };
}

/** `npx kindling deliver pr.merged --run run_… --path merge --payload '{"sha":"…"}'`; `given` fields stand in the example as they are. */
export function deliverCommand({ run, path, event, schema, assurance }: AwaitDetail, program: string, given: JsonObject = {}): string {
  const example = JSON.stringify(schema === undefined ? given : exampleWith(schema, given));
  return [
    program,
    "deliver",
    shellWord(event),
    "--run",
    run,
    "--path",
    shellWord(path),
    "--payload",
    shellWord(example),
    ...signing(assurance),
  ].join(" ");
}

/** `npx kindling store append payments '{"order":"…"}'`: what comes from a history is recorded there. */
function appendCommand(history: string, { schema }: AwaitDetail, program: string): string {
  return [program, "store append", history, shellWord(JSON.stringify(schema === undefined ? {} : exampleWith(schema, {})))].join(" ");
}

/** An example of the alternative that the given fields choose. */
function exampleWith(schema: JsonObject, given: JsonObject): JsonValue {
  const fits = (variant: JsonObject) =>
    fieldsOf(variant).every(
      ({ name, schema: field }) => given[name] === undefined || choicesOf(field).length === 0 || choicesOf(field).includes(given[name]),
    );
  const example = exampleOf(variantsOf(schema).find(fits) ?? schema, schema);
  return isObject(example) ? { ...example, ...given } : example;
}

/** `npx kindling approve run_… review`, with the fields that a decision must have besides; undefined when the schema does not tell how to decide. */
function decisionCommand({ run, path, schema, assurance }: AwaitDetail, verb: Verb, program: string): string | undefined {
  if (schema === undefined) return undefined;
  const decision = decisionOf(schema, verb, {});
  if (!decision.ok) return undefined;
  const fields = decision.missing.map((field) => `--set ${pairOf(field)}`);
  return [program, verb, run, shellWord(path), ...fields, ...signing(assurance)].join(" ");
}

function signing(assurance: AwaitDetail["assurance"]): string[] {
  return assurance === "signed" ? [`--sign ${USUAL_KEY}`] : [];
}
