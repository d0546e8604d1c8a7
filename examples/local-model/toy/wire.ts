// What a way to speak to the server is made of. Each is one file: what it reads, and how it writes an answer piece by piece.

import type { Answer, Question } from "./engine.ts";

/** A request that was understood. */
export interface Asked {
  /** The name the model was asked by; the toy answers to every name. */
  readonly model: string;
  readonly question: Question;
  /** True when the answer shall end with what it took. */
  readonly wantsUsage: boolean;
}

/** One API. */
export interface Wire {
  readonly path: string;
  readonly contentType: string;
  /** Reads a body. @throws Error that says what is wrong with it */
  readonly read: (body: unknown) => Asked;
  /** A piece of an answer. */
  readonly piece: (asked: Asked, text: string) => string;
  /** Its end. */
  readonly end: (asked: Asked, answer: Answer) => string;
  /** The body of a failed response. */
  readonly failure: (message: string) => object;
}

/** Bytes are tokens here, so this is a long answer. */
export const DEFAULT_MAX_TOKENS = 256;
export const DEFAULT_SEED = 1;
