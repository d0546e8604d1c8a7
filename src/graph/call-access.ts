// What a running call may use besides models, and how it calls those: texts that are kept beside the log, and room in budgets.

import type { ModelProvider, ModelRequest, Usage } from "../model/model.ts";

/** Long texts that many facts name by their hash: each is kept once, beside the log. */
export interface TextAccess {
  /** Keeps a text durably and gives its hash; free for one that is kept already. */
  readonly keep: (text: string) => Promise<string>;
  /** @throws LedgerError `text_missing` */
  readonly read: (hash: string) => Promise<string>;
}

/** A call of a model that is about to be made. `name` is the model's full name. */
export interface PlannedCall {
  readonly name: string;
  readonly provider: ModelProvider;
  readonly request: ModelRequest;
  /** The most it can cost with so many tokens; null where its price is not known. */
  readonly most: (tokens: { readonly input: number; readonly output: number }) => number | null;
}

/** What is reserved for a call, until it is known what it came to. Ends with `settle` or `fail`, whichever comes first. */
export interface Reservation {
  /** From now on the call may cost something, whatever becomes of it. Throws when the attempt was stopped: then nothing is reserved any more. */
  readonly begins: () => void;
  /** It came to this; said before the reply is recorded. `cost` is null where no price is known. */
  readonly settle: (usage: Usage, cost: number | null) => void;
  /** It failed: what was reserved counts as spent, unless it surely cost nothing. */
  readonly fail: (error: unknown) => void;
}

/** How a call to a model is made. */
export interface CallingWay {
  /** Called when the call has its turn, before anything is sent: what it rests on is recorded here, so that nothing is on record of a call that only waits. */
  readonly begins?: () => Promise<void>;
  /** Another model can be asked instead: while the provider asked for a pause, the call fails at once with `rate_limited` and does not wait. */
  readonly hasOther?: boolean;
}
