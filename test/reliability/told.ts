// What the callers of a played run hear.

/** What a caller was told. */
export interface Told {
  readonly call: "start" | "deliver" | "cancel" | "retry";
  /** A status, or the code of a refusal or an error. */
  readonly answer: string;
  readonly node?: "answer" | "gate";
  readonly id?: string;
  readonly text?: string;
  readonly isPerson?: boolean;
  /** A start had been acknowledged before this call was made. */
  readonly isKnown: boolean;
}
