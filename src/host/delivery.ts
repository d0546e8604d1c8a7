// A delivery: which await an event is for, and how it ended.

import type { JsonObject } from "../json.ts";
import type { Actor } from "../run/fact.ts";
import type { Issue } from "../schema.ts";
import type { TraceContext } from "../trace-context.ts";

/** Which await an event is for: by correlation, or by run and path. */
export interface DeliverRequest {
  readonly event: string;
  /** Exact values of correlation keys; a subset is enough if one run matches. */
  readonly correlation?: JsonObject;
  /** The root run's id, instead of or besides the correlation. */
  readonly run?: string;
  /** The await's path from the root run, e.g. `posts[en]/review`; needed only when several awaits of the run match. */
  readonly path?: string;
  readonly payload: unknown;
  /** Makes a repeat return the first outcome. Default: hash of run, await and payload. With a signature it does not count: what was signed tells one delivery from another. */
  readonly deliveryId?: string;
  /** Who answers; with a signature the approver who signed, whatever stands here. */
  readonly actor?: Actor;
  /** A decision signed by the key of an approver. Nothing else makes an actor `signed`. */
  readonly signature?: DecisionSignature;
  /** Digest of what the decider was shown; a decision on something else is refused with `stale_approval`. */
  readonly shown?: string;
  /** Every match, instead of refusing several with `ambiguous_correlation`. */
  readonly to?: "all";
  /** What caused it, in a trace of the caller: what the run does next belongs there. */
  readonly trace?: TraceContext;
}

/** A signed decision, as it is delivered. */
export interface DecisionSignature {
  /** The words that were signed: the text that `kindling.statement` gave, byte for byte. */
  readonly statement: string;
  /** What `ssh-keygen -Y sign -n kindling-decision` made of it: `-----BEGIN SSH SIGNATURE-----` and so on. */
  readonly signature: string;
}

/** Why a delivery was refused. */
export type RefusalCode =
  | "run_not_found"
  | "ambiguous_correlation"
  | "unknown_event"
  | "invalid_payload"
  | "already_decided"
  | "run_ended"
  | "run_erased"
  | "human_decision_required"
  | "role_required"
  | "starter_may_not_decide"
  | "stale_approval"
  | "signature_required"
  | "signature_invalid"
  | "signature_expired"
  | "signature_mismatch"
  | "approver_unknown"
  | "delivery_conflict"
  | "too_many_early_events";

/** How a delivery ended. A refusal is an answer and not an exception; nothing was recorded as delivered then. */
export type Delivery =
  | {
      readonly status: "delivered" | "buffered" | "duplicate";
      readonly run: string;
      readonly path: string | undefined;
      readonly deliveryId: string;
      readonly others?: readonly Delivery[];
    }
  /** The gate needs more people who say the same: so many have, and so many must. */
  | {
      readonly status: "counted";
      readonly run: string;
      readonly path: string;
      readonly deliveryId: string;
      readonly people: number;
      readonly of: number;
      readonly others?: readonly Delivery[];
    }
  /** It came before its run, and its contract keeps such events. */
  | { readonly status: "kept"; readonly contract: string; readonly deliveryId: string; readonly keptForMs: number }
  | {
      readonly status: "refused";
      readonly code: RefusalCode;
      readonly message: string;
      readonly fix: string;
      readonly issues?: readonly Issue[];
      readonly candidates?: readonly { readonly run: string; readonly path: string; readonly correlation: JsonObject }[];
    };
