// Who may answer an await, and with what. Pure, and the only place that decides it: surfaces pass on who asks, they do not judge (gates, DESIGN section 5).

import type { Assurance, Gate } from "../graph/gate.ts";
import { canonicalJson, type JsonValue } from "../json.ts";
import type { Actor } from "./fact.ts";
import type { WaitingState } from "./node-state.ts";
import type { DeliveryRecord, RunState } from "./state.ts";

/** Why an actor may not decide a gate. */
export interface GateRefusal {
  readonly code: "human_decision_required" | "signature_required" | "role_required" | "starter_may_not_decide" | "stale_approval";
  readonly message: string;
  readonly fix: string;
}

const RANK: Record<Actor["assurance"], number> = { agent: 0, client: 1, outOfBand: 2, signed: 3 };

/** Who decides, and by what that is known. */
export interface Decider {
  readonly actor: Actor;
  /** The person behind an actor, as far as that is known here. */
  readonly personOf: (actor: Actor) => string;
  /** A signature by the actor's key was checked. */
  readonly hasSigned: boolean;
}

/** Refuses an actor that may not decide this gate, or a decision about something else than what is shown; undefined means it may. */
export function refuseDecision(
  state: Pick<RunState, "starter">,
  waiting: Pick<WaitingState, "shown">,
  gate: Gate | undefined,
  { actor, personOf, hasSigned }: Decider,
  shown: string | undefined,
): GateRefusal | undefined {
  if (shown !== undefined && shown !== waiting.shown) {
    return {
      code: "stale_approval",
      message: "what was decided about is no longer what is shown",
      fix: "Look at it again and decide anew.",
    };
  }
  if (gate === undefined) return undefined;
  if (gate.assurance === "signed" && !hasSigned && RANK[actor.assurance] >= RANK.outOfBand) {
    return {
      code: "signature_required",
      message: `this gate wants a signed decision, and "${actor.id}" signed nothing`,
      fix: "An approver signs it: kindling approve <run> --sign <key file>.",
    };
  }
  if (RANK[actor.assurance] < RANK[gate.assurance]) {
    return {
      code: "human_decision_required",
      message: `this gate wants a person's decision (${describeAssurance(gate.assurance)}), and "${actor.id}" came as ${actor.assurance}`,
      fix: `A person decides it with \`kindling approve\` or \`kindling reject\`${gate.assurance === "signed" ? " with --sign <key file>" : ""}, in a terminal of their own.`,
    };
  }
  if (gate.roles.length > 0 && !gate.roles.some((role) => actor.roles?.includes(role) === true)) {
    return {
      code: "role_required",
      message: `this gate is for the role ${gate.roles.join(" or ")}, which "${actor.id}" does not have`,
      fix: "Let somebody with the role decide.",
    };
  }
  if (gate.notStarter && state.starter !== undefined && personOf(state.starter) === personOf(actor)) {
    return {
      code: "starter_may_not_decide",
      message: `"${actor.id}" started this run and may not decide it`,
      fix: "Let somebody else decide.",
    };
  }
  return undefined;
}

/** The same delivery again gives its first outcome; the same id with another payload is a conflict. */
export function repeated(state: RunState, deliveryId: string, payload: JsonValue): DeliveryRecord | "conflict" | undefined {
  const known = state.deliveries.get(deliveryId);
  if (known === undefined) return undefined;
  return canonicalJson(known.payload) === canonicalJson(payload) ? known : "conflict";
}

function describeAssurance(assurance: Assurance): string {
  switch (assurance) {
    case "client":
      return "as the client asserts it";
    case "outOfBand":
      return "over a channel of their own";
    case "signed":
      return "signed";
  }
}
