// `deliver`: an event from outside, to the await it is for.

import type { AwaitDetail, DeliverRequest, JsonObject, JsonValue, Kindling } from "../../index.ts";
import type { Answer } from "../answer.ts";
import { gatherObject, gatherValue, readPairs } from "../assignments.ts";
import { type ApproverOptions, assertOneInput, deliveringActor, isGuarded } from "../deciding-actor.ts";
import { badOptions, deliverAndFollow } from "../delivery.ts";
import { UsageError } from "../problem.ts";
import type { GlobalOptions } from "../project.ts";
import { findRun } from "../run-name.ts";
import { type FullOption, withProject } from "../runs.ts";
import type { Shell } from "../shell.ts";
import { decideSigned, isSigned, type SigningOptions } from "../signed-decision.ts";
import { showGate } from "../shown-gate.ts";
import { shellWord } from "../view/text.ts";

/** What `deliver` takes. */
export interface DeliverOptions extends GlobalOptions, FullOption, ApproverOptions, SigningOptions {
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
  const signs = isSigned(options);
  return withProject(shell, options, "shared", async (project) => {
    const { kindling } = project;
    const run = options.run === undefined ? undefined : await findRun(kindling, options.run, shell);
    const correlation = readPairs(options.correlation ?? [], "--correlation", {});
    if (!correlation.ok) throw badOptions(correlation.issues);
    const payload = await payloadOf(shell, options);
    const again = `${shell.program} deliver ${shellWord(event)}`;
    const gate = run === undefined ? undefined : await gateMeant(kindling, run, event, options.path);
    // Where a passphrase or a signature opens it, somebody decides here, and looks at what it is about.
    const isDecision = gate !== undefined && (signs || (gate.assurance === "outOfBand" && isGuarded(project)));
    if (isDecision) await showGate(shell, gate, options);
    if (signs) {
      if (gate === undefined)
        throw new UsageError("bad_option", "what is signed decides one open gate", { fix: `${again} --run <run> --path <path> …` });
      const place = `--run ${gate.run} --path ${shellWord(gate.path)}`;
      return decideSigned(shell, project, { again: `${again} ${place}`, detail: gate, schema: gate.schema ?? {}, payload }, options);
    }
    const request: DeliverRequest = {
      event,
      payload,
      actor: await deliveringActor(shell, project, { ...options, isDecision, again }),
      ...(isDecision ? { shown: gate.shown } : {}),
      ...(run === undefined ? {} : { run }),
      ...(options.path === undefined ? {} : { path: options.path }),
      ...(Object.keys(correlation.value).length === 0 ? {} : { correlation: correlation.value }),
      ...(options.deliveryId === undefined ? {} : { deliveryId: options.deliveryId }),
      ...(options.all === true ? { to: "all" as const } : {}),
    };
    return deliverAndFollow(shell, project, request, options, await schemaOf(kindling, run, options.path));
  });
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

/** The gate that an event is for, when it is known which one is meant. */
async function gateMeant(kindling: Kindling, run: string, event: string, path: string | undefined): Promise<AwaitDetail | undefined> {
  const open = await kindling.inbox({ run, by: "human" });
  const [only, ...more] = open.filter((gate) => gate.event === event && (path === undefined || gate.path === path));
  return only === undefined || more.length > 0 ? undefined : kindling.awaiting(run, only.path);
}
