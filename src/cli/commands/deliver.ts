// `deliver`: an event from outside, to the await it is for.

import { type Delivery, type DeliverRequest, InputError, type JsonObject, type JsonValue, type Kindling } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { gatherObject, gatherValue, readPairs } from "../assignments.ts";
import { type ApproverOptions, assertOneInput, deliveringActor } from "../deciding-actor.ts";
import { exitOf, problemLines } from "../problem.ts";
import type { GlobalOptions, Project } from "../project.ts";
import { findRun } from "../run-name.ts";
import { type FullOption, followAndAnswer, withProject } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { issueLines } from "../view/issue-lines.ts";
import { indented, shellWord } from "../view/text.ts";

/** What `deliver` takes. */
export interface DeliverOptions extends GlobalOptions, FullOption, ApproverOptions {
  readonly run?: string;
  readonly path?: string;
  readonly correlation?: readonly string[];
  readonly payload?: string;
  readonly set?: readonly string[];
  readonly deliveryId?: string;
  readonly all?: boolean;
}

/** Delivers an event and follows the run it was for. */
export function deliver(shell: Shell, event: string, options: DeliverOptions): Promise<Answer> {
  assertOneInput(options);
  return withProject(shell, options, "shared", async (project) => {
    const { kindling } = project;
    const run = options.run === undefined ? undefined : await findRun(kindling, options.run, shell);
    const correlation = readPairs(options.correlation ?? [], "--correlation", {});
    if (!correlation.ok) throw badOptions(correlation.issues);
    const payload = await payloadOf(shell, options);
    const isDecision = run !== undefined && (await wantsPerson(kindling, { run, event, path: options.path }));
    const again = `${shell.program} deliver ${shellWord(event)}`;
    const request: DeliverRequest = {
      event,
      payload,
      actor: await deliveringActor(shell, project, { ...options, isDecision, again }),
      ...(run === undefined ? {} : { run }),
      ...(options.path === undefined ? {} : { path: options.path }),
      ...(Object.keys(correlation.value).length === 0 ? {} : { correlation: correlation.value }),
      ...(options.deliveryId === undefined ? {} : { deliveryId: options.deliveryId }),
      ...(options.all === true ? { to: "all" as const } : {}),
    };
    return deliverAndFollow(shell, project, request, options, await schemaOf(kindling, run, options.path));
  });
}

/** Makes a delivery, and answers with how it ended and how the run goes on. */
export async function deliverAndFollow(
  shell: Shell,
  project: Project,
  request: DeliverRequest,
  options: GlobalOptions & FullOption,
  schema: JsonObject,
): Promise<Answer> {
  const { kindling } = project;
  const after = request.run === undefined ? 0 : ((await kindling.get(request.run))?.position ?? 0);
  const delivery = await kindling.deliver(request, { signal: shell.signal });
  if (delivery.status === "refused") return refusedDelivery(shell, delivery, request, schema);
  if (delivery.status === "kept") {
    return { ok: true, result: { delivery }, lines: [`kept for the run of "${delivery.contract}" that starts`] };
  }
  if (delivery.status === "counted" && options.json !== true)
    await shell.err.write(`counted: ${delivery.people} of ${delivery.of} people have said this\n`);
  return followAndAnswer(shell, project, await kindling.run(delivery.run), options, { delivery }, after);
}

function refusedDelivery(
  shell: Shell,
  delivery: Extract<Delivery, { status: "refused" }>,
  { payload }: DeliverRequest,
  schema: JsonObject,
): Answer {
  const { code, message, fix, issues = [], candidates = [] } = delivery;
  const problem = { name: "DeliveryRefused", code, message, fix, details: { issues, candidates } };
  const { paint } = shell.err;
  const values = isJson(payload) ? payload : null;
  const more = [
    ...issueLines(issues, { values, schema, option: "--set" }, paint),
    ...candidates.map(({ run, path, correlation }) => `--run ${run} --path ${path}  ${JSON.stringify(correlation)}`),
  ];
  return { ok: false, exit: exitOf(problem), problem, lines: [...problemLines(problem, paint), ...indented(more)] };
}

async function payloadOf(shell: Shell, { payload, set = [] }: DeliverOptions): Promise<JsonValue> {
  if (set.length > 0) {
    const object = await gatherObject({ pairs: set, json: payload }, { pair: "--set", json: "--payload" }, {}, shell);
    if (!object.ok) throw badOptions(object.issues);
    return object.value;
  }
  const value = await gatherValue(payload, "--payload", shell);
  if (!value.ok) throw badOptions(value.issues);
  return value.value ?? {};
}

async function schemaOf(kindling: Kindling, run: string | undefined, path: string | undefined): Promise<JsonObject> {
  if (run === undefined) return {};
  const open = await kindling.inbox({ run });
  const [only, ...more] = open.filter((each) => path === undefined || each.path === path);
  return only === undefined || more.length > 0 ? {} : ((await kindling.awaiting(run, only.path)).schema ?? {});
}

/** True when what is open there is decided by a person over a channel of their own. */
async function wantsPerson(
  kindling: Kindling,
  { run, event, path }: { readonly run: string; readonly event: string; readonly path: string | undefined },
): Promise<boolean> {
  const gates = await kindling.inbox({ run, by: "human" });
  return gates.some((gate) => gate.event === event && gate.assurance === "outOfBand" && (path === undefined || gate.path === path));
}

/** Options that cannot be read, all at once. */
export function badOptions(issues: readonly { readonly at: string; readonly message: string }[]): InputError {
  return new InputError("bad_option", issues.map(({ at, message }) => `${at} ${message}`).join("\n"), {
    fix: "Write name=value, or a JSON document.",
  });
}

function isJson(value: unknown): value is JsonValue {
  return value !== undefined && typeof value !== "function";
}
