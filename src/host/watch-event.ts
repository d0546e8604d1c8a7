// What whoever watches a run is told: facts, and what happens beside them, which is shown live and never recorded. And from where somebody goes on who was away.

import type { RecordedFact } from "../run/fact.ts";
import type { WaitReason } from "./load/lane.ts";

/** What a piece of a reply is: what the model says, what it thinks, or the JSON text of a tool call's input. */
export type ReplyKind = "text" | "reasoning" | "tool-input";

/** What happens beside the facts. Nothing of it is recorded: what counts is the fact that follows. */
export type LiveNews =
  | { readonly type: "progress"; readonly path: string; readonly fraction: number; readonly note: string | undefined }
  /** A call waits for its turn in a lane of the runtime's limits: see `load`. `until`: not before that time. */
  | {
      readonly type: "queued";
      readonly path: string;
      readonly lane: string;
      readonly reason: WaitReason;
      readonly until: number | undefined;
    }
  /** A model is asked: what was shown of a reply at this path before counts no more. `call` is another one for every attempt, turn and model. */
  | {
      readonly type: "asked";
      readonly path: string;
      readonly attempt: number;
      readonly turn: number;
      readonly model: string;
      readonly call: string;
    }
  /** A piece of the reply. `offset`: how many characters came before it, of all kinds; where it is more than were seen, the ones between are gone. */
  | {
      readonly type: "delta";
      readonly path: string;
      readonly attempt: number;
      readonly turn: number;
      readonly call: string;
      readonly kind: ReplyKind;
      /** Of which call the input is; only for `tool-input`. */
      readonly tool: { readonly id: string; readonly name: string } | undefined;
      readonly offset: number;
      readonly text: string;
    };

/** What `watch` yields: facts as they become durable, and between them what is not recorded. */
export type WatchEvent = { readonly type: "fact"; readonly fact: RecordedFact } | LiveNews;

/** How far somebody has seen a run: what `watch` goes on from. Plain JSON. */
export interface WatchCursor {
  /** The position of the last fact. */
  readonly after: number;
  /** By path: how many characters of which call's reply. */
  readonly texts: Readonly<Record<string, { readonly call: string; readonly seen: number }>>;
}

/** Nothing was seen. */
export const FROM_THE_START: WatchCursor = { after: 0, texts: {} };

/**
 * The cursor after one more event. Kept beside what is shown, it lets whoever was away go on in the middle of a reply.
 *
 * @example for await (const event of run.watch({ ...cursor })) { show(event); cursor = cursorAfter(cursor, event); }
 */
export function cursorAfter(cursor: WatchCursor, event: WatchEvent): WatchCursor {
  switch (event.type) {
    case "fact": {
      const { [event.fact.path]: known, ...others } = cursor.texts;
      const isReply = event.fact.type === "model.replied" || event.fact.type === "node.failed";
      return { after: Math.max(cursor.after, event.fact.position), texts: isReply && known !== undefined ? others : cursor.texts };
    }
    case "asked":
      return { ...cursor, texts: { ...cursor.texts, [event.path]: { call: event.call, seen: 0 } } };
    case "delta":
      return { ...cursor, texts: { ...cursor.texts, [event.path]: { call: event.call, seen: event.offset + event.text.length } } };
    default:
      return cursor;
  }
}
