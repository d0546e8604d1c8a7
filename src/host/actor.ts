// Who asks, as callers say it: looked at before it is recorded.

import { InputError } from "../errors.ts";
import type { Actor } from "../run/fact.ts";
import { givenValue } from "./author-code.ts";

const ASSURANCES: ReadonlySet<unknown> = new Set<Actor["assurance"]>(["agent", "client", "outOfBand", "signed"]);
const ID_LIMIT = 500;

/** Refuses an actor that cannot be recorded, one that says of itself that it signed where nothing can be signed, or a reason that is no text. @throws InputError `bad_actor`, `bad_reason` */
export function assertActor(actor: unknown, reason?: unknown, canSign = false): void {
  if (reason !== undefined && typeof reason !== "string")
    throw new InputError("bad_reason", `the reason is of type ${typeof reason}`, { fix: "Give a text." });
  if (actor === undefined) return;
  const json = givenValue(actor);
  const bad = (what: string) =>
    new InputError("bad_actor", `actor${what}`, { fix: 'Give { id: "cli:ada", assurance: "client" }, and roles where there are some.' });
  if (!json.ok) throw bad(`${json.problem.at.slice(1)} ${json.problem.message}`);
  const { id, assurance, roles } = (json.value ?? {}) as { readonly [key: string]: unknown };
  if (typeof id !== "string" || id === "" || id.length > ID_LIMIT)
    throw bad(`.id is ${JSON.stringify(id) ?? "missing"}, and must be a text of 1 to ${ID_LIMIT} characters`);
  if (!ASSURANCES.has(assurance))
    throw bad(`.assurance is ${JSON.stringify(assurance) ?? "missing"}, which is none of ${[...ASSURANCES].join(", ")}`);
  if (assurance === "signed" && !canSign) throw bad('.assurance is "signed", which only a decision that comes with a signature is');
  if (roles !== undefined && !(Array.isArray(roles) && roles.every((role) => typeof role === "string")))
    throw bad(".roles is no list of texts");
}
