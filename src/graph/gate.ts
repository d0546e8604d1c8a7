// Who may decide a gate: how sure it must be that a person did, which people, and how many.

import type { JsonValue } from "../json.ts";

/**
 * How sure it must be that a person decided: `client` (whatever the calling program says), `outOfBand` (a channel of the approver's own: the CLI or
 * the approval page), `signed` (a signature only the approver can make).
 */
export type Assurance = "client" | "outOfBand" | "signed";

/** Who may decide a gate. */
export interface Gate {
  readonly assurance: Assurance;
  /** The actor must have one of these; empty for anyone. */
  readonly roles: readonly string[];
  /** True when whoever started the run may not decide. */
  readonly notStarter: boolean;
  /** Left out where one person is enough. */
  readonly quorum?: Quorum;
}

/** How many different people must say the same. */
export interface Quorum {
  /** 2 to 20. */
  readonly people: number;
  /** The member of the payload in which they must agree; without it the whole payload. */
  readonly on?: string;
  /** What one person may say alone. */
  readonly alone: readonly JsonValue[];
}
