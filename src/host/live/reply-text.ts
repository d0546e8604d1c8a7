// The text of one reply while it comes: kept as long as the call is in flight, so that whoever looks late sees it from the beginning. Bounded: of a long reply the end.

import type { LiveNews, ReplyKind } from "../watch-event.ts";

/** Characters kept of one reply. */
export const REPLY_LIMIT = 262_144;
/** It is given up in parts of this size, so that it is rarely done. */
const PART_LIMIT = 16_384;

/** Which call it is. */
export interface LiveCall {
  readonly root: string;
  readonly path: string;
  readonly attempt: number;
  readonly turn: number;
  readonly model: string;
  readonly call: string;
}

/** A piece as it came. */
export interface Piece {
  readonly kind: ReplyKind;
  readonly tool: { readonly id: string; readonly name: string } | undefined;
  readonly text: string;
}

type Delta = Extract<LiveNews, { type: "delta" }>;

interface Part extends Piece {
  readonly offset: number;
  text: string;
}

/** What one call has said so far. */
export class ReplyText {
  readonly of: LiveCall;
  #parts: Part[] = [];
  #length = 0;
  #kept = 0;

  constructor(of: LiveCall) {
    this.of = of;
  }

  /** How many characters have come. */
  get length(): number {
    return this.#length;
  }

  /** @param offset how many characters came before it, where some of them are not known here */
  add({ kind, tool, text: whole }: Piece, offset = this.#length): void {
    const text = whole.slice(-REPLY_LIMIT);
    this.#length = offset + whole.length - text.length;
    const last = this.#parts.at(-1);
    const isNext = last !== undefined && isSame(last, { kind, tool }) && last.offset + last.text.length === this.#length;
    if (isNext && last.text.length < PART_LIMIT) last.text += text;
    else this.#parts.push({ kind, tool, text, offset: this.#length });
    this.#length += text.length;
    this.#kept += text.length;
    while (this.#kept - (this.#parts[0]?.text.length ?? 0) >= REPLY_LIMIT) this.#kept -= this.#parts.shift()?.text.length ?? 0;
  }

  /** What stands behind so many characters, in as few pieces as there are kinds in turn. */
  from(seen: number): readonly Delta[] {
    const { root: _root, model: _model, ...of } = this.of;
    const deltas: Delta[] = [];
    for (const { kind, tool, text, offset } of this.#parts) {
      const skipped = Math.max(0, seen - offset);
      if (text.length <= skipped) continue;
      const rest: Delta = { type: "delta", ...of, kind, tool, offset: offset + skipped, text: text.slice(skipped) };
      const last = deltas.at(-1);
      if (last !== undefined && isSame(last, rest) && last.offset + last.text.length === rest.offset)
        deltas[deltas.length - 1] = { ...last, text: last.text + rest.text };
      else deltas.push(rest);
    }
    return deltas;
  }
}

function isSame(a: Pick<Piece, "kind" | "tool">, b: Pick<Piece, "kind" | "tool">): boolean {
  return a.kind === b.kind && a.tool?.id === b.tool?.id;
}
