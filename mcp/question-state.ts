// What a question carries through the client and back: which await it is about, what was shown, and under which id its answer is delivered. Signed, so that no
// client can make one up or change one; not secret. Knows no question's words.

import { randomBytes } from "node:crypto";
import { createRequestStateCodec, type RequestStateCodec } from "@modelcontextprotocol/server";
import * as z from "zod";

/** The state of one question. */
export const QuestionState = z.object({
  /** The tool that asked: an answer counts for the same call only. */
  tool: z.string(),
  run: z.string(),
  path: z.string(),
  /** The time the await opened: one that opened anew is another question. */
  opening: z.string(),
  /** Digest of what was shown. */
  shown: z.string(),
  /** The id of the delivery that an answer becomes: the record takes it once. */
  delivery: z.string(),
  /** How often this was asked, since answers may not fit. */
  round: z.int(),
});
export type QuestionState = z.infer<typeof QuestionState>;

/** Signs and checks the state of questions. */
export type QuestionStates = RequestStateCodec<QuestionState>;

/** Bytes a key has at least. */
export const STATE_KEY_BYTES = 32;

/** So long an answer may take, in seconds. */
const TTL_SECONDS = 600;

/**
 * The states of one principal's questions; another's are refused.
 * @throws RangeError for a key shorter than 32 bytes
 */
export function questionStates(key: Uint8Array | string = randomBytes(STATE_KEY_BYTES), principal = ""): QuestionStates {
  return createRequestStateCodec<QuestionState>({
    key,
    ttlSeconds: TTL_SECONDS,
    bind: ({ mcpReq }) => JSON.stringify([mcpReq.method, principal]),
  });
}
