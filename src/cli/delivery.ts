// A delivery on its way: made, and followed to where the run stands then; or refused, with all that helps to make it anew.

import { type Delivery, type DeliverRequest, InputError, type JsonObject, type JsonValue } from "../index.ts";
import type { Answer } from "./answer.ts";
import { exitOf, problemLines } from "./problem.ts";
import type { GlobalOptions, Project } from "./project.ts";
import { type FullOption, followAndAnswer } from "./runs.ts";
import type { Shell } from "./shell.ts";
import { issueLines } from "./view/issue-lines.ts";
import { indented } from "./view/text.ts";

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

/** Options that cannot be read, all at once. */
export function badOptions(issues: readonly { readonly at: string; readonly message: string }[]): InputError {
  return new InputError("bad_option", issues.map(({ at, message }) => `${at} ${message}`).join("\n"), {
    fix: "Write name=value, or a JSON document.",
  });
}

function isJson(value: unknown): value is JsonValue {
  return value !== undefined && typeof value !== "function";
}
