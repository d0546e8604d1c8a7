// Who signed decisions in a recording: a replay has none of their keys, and lets test keys stand in for them.

import { type Actor, type Approver, approversProblem } from "../index.ts";
import type { RunRecording } from "../../providers/recorded/run-recording.ts";
import { testApprover } from "./test-approver.ts";

/** The approvers a replay knows: those who signed something in the recording. One whose id nobody may have as an approver is left out, and what it decided is refused. */
export function recordedSigners({ happenings }: RunRecording): readonly Approver[] {
  const signers = new Map<string, Approver>();
  for (const { actor } of happenings) {
    if (actor?.assurance !== "signed") continue;
    const approver = testApprover({ id: actor.id, ...(actor.roles === undefined ? {} : { roles: actor.roles }) });
    if (approversProblem([approver]) === undefined) signers.set(actor.id, approver);
  }
  return [...signers.values()];
}

/** What somebody else than who decides a gate is recorded as: only decisions are signed. Recordings of older editions may say otherwise. */
export function unsigned(actor: Actor): Actor {
  return actor.assurance === "signed" ? { ...actor, assurance: "outOfBand" } : actor;
}
