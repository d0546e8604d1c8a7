// `deliver_event`: the agent's answer to an await that is its to answer. Who may decide is the core's to say; it is told that an agent asks.

import * as z from "zod";
import { hashJson, toJson, type JsonValue, type RecordedFact } from "../../src/index.ts";
import { AwaitId, RunId } from "../arguments.ts";
import { decideCommand } from "../decide-command.ts";
import { alreadyDecided, deliveryRefusal, notAwaiting, Refusal, runNotFound } from "../failure.ts";
import { readRun } from "../read-run.ts";
import { RUN_MEMBERS, RunShape } from "../run-shape.ts";
import { defineTool, type Call } from "../tool.ts";
import type { VisibleRuns } from "../visible-runs.ts";

/** What to deliver, and under which id: the same payload for the same await is the same delivery. */
interface Answer {
  readonly run: string;
  readonly path: string;
  readonly payload: JsonValue;
  readonly deliveryId: string;
}

/** The tool `deliver_event`. */
export const deliverEvent = defineTool({
  name: "deliver_event",
  title: "Deliver an event to an awaiting run",
  description:
    'Give an awaiting run the data it asked YOU for (decider = "agent"). Refused when a human must decide. Sending the same payload again changes nothing.',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: z.strictObject({
    run_id: RunId,
    await_id: AwaitId,
    payload: z
      .union([z.record(z.string(), z.unknown()), z.array(z.unknown()), z.string(), z.number(), z.boolean()])
      .describe("What it asked for; must fit the payload_schema of the await"),
  }),
  output: RunShape,
  shownOutput: RUN_MEMBERS,
  call: async ({ run_id: run, await_id: path, payload }, call) => {
    const { kindling } = call;
    if ((await kindling.get(run)) === undefined) return runNotFound();
    const json = toJson(payload);
    if (!json.ok)
      return new Refusal(
        "invalid_payload",
        "The payload cannot be recorded; the await stays open.",
        "Send plain JSON, nested at most 64 levels deep.",
      );
    const answer: Answer = { run, path, payload: json.value, deliveryId: `mcp_${hashJson({ run, path, payload: json.value })}` };
    const open = (await kindling.inbox({ run })).find((each) => each.path === path);
    const outcome = open === undefined ? await repeatOf(kindling, answer) : await deliver(open.event, answer, call);
    if (outcome instanceof Refusal) return outcome;
    const view = await kindling.get(run);
    return view === undefined ? runNotFound() : readRun(view, call, outcome === "replayed");
  },
});

async function deliver(
  event: string,
  { run, path, payload, deliveryId }: Answer,
  { kindling, actor, trace, program }: Call,
): Promise<"delivered" | "replayed" | Refusal> {
  const delivery = await kindling.deliver({ event, run, path, payload, deliveryId, actor, ...trace });
  if (delivery.status === "refused") return deliveryRefusal(delivery.code, delivery.issues ?? [], decideCommand(program, run, path));
  return delivery.status === "duplicate" ? "replayed" : "delivered";
}

/** For an await that is not open: whether this very answer was given before. */
async function repeatOf(kindling: VisibleRuns, { run, path, payload, deliveryId }: Answer): Promise<"replayed" | Refusal> {
  const facts = await kindling.facts(run);
  const decided = facts.findLast(
    (fact): fact is Extract<RecordedFact, { type: "event.delivered" }> => fact.type === "event.delivered" && fact.path === path,
  );
  if (decided === undefined) return notAwaiting();
  const isSame = decided.deliveryId === deliveryId || hashJson(decided.payload) === hashJson(payload);
  return isSame ? "replayed" : alreadyDecided();
}
