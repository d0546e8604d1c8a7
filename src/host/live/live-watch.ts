// One who watches a root run: what was not shown to him yet. He never keeps a run waiting, and what waits for him is bounded: texts run together, only the last progress of a
// path is told, and of replies that have ended meanwhile the text of the last ones is kept; their facts have it all.

import type { LiveNews, WatchCursor } from "../watch-event.ts";
import type { LiveCall, ReplyText } from "./reply-text.ts";

/** Things not taken yet; beyond so many, what is new is told with the next that is new and finds room. */
const MARK_LIMIT = 1_000;
/** Replies that have ended and whose text is not taken yet. */
const ENDED_LIMIT = 32;

/** Something stands ready to be taken with `take`. */
export type LiveMark =
  | { readonly mark: "asked" | "text" | "ended"; readonly of: LiveCall }
  /** The last news of this kind and path. */
  | { readonly mark: "news"; readonly key: string };

/** A reply is there, or will not come: the fact says which. For those who pass news on; who watches a run is told the fact. */
export interface LiveEnd {
  readonly type: "ended";
  readonly path: string;
  readonly call: string;
}

/** A reply as one watcher knows it. */
interface Seen {
  readonly reply: ReplyText;
  /** Characters he was shown. */
  seen: number;
  /** A mark says that there is more. */
  isMarked: boolean;
}

/** Where a watch puts marks, and how it ends. */
export interface WatchEnds {
  readonly push: (mark: LiveMark) => void;
  readonly stop: () => void;
  /** Whether he is told that replies end. */
  readonly tellsEnds: boolean;
}

/** What one watcher has seen, and what waits for him. */
export class LiveWatch {
  /** Ends it. */
  readonly stop: () => void;
  readonly #ends: WatchEnds;
  /** What a cursor says was seen already. */
  readonly #cursor: WatchCursor["texts"];
  /** By call: replies on their way, and those that have ended and wait to be taken. */
  readonly #replies = new Map<string, Seen>();
  /** Those of them that have ended, oldest first. */
  readonly #ended = new Set<string>();
  readonly #news = new Map<string, LiveNews>();
  #marks = 0;

  constructor(cursor: WatchCursor["texts"], ends: WatchEnds) {
    this.#cursor = cursor;
    this.#ends = ends;
    this.stop = ends.stop;
  }

  /** A reply is on its way. */
  opened(reply: ReplyText): void {
    const { of } = reply;
    const known = this.#cursor[of.path];
    const isKnown = known?.call === of.call;
    this.#replies.set(of.call, { reply, seen: isKnown ? known.seen : 0, isMarked: false });
    if (!isKnown) this.#mark({ mark: "asked", of });
    if (reply.length > 0) this.added(reply);
  }

  /** There is more of it. */
  added({ of }: ReplyText): void {
    const seen = this.#replies.get(of.call);
    if (seen?.isMarked === false) seen.isMarked = this.#mark({ mark: "text", of });
  }

  ended({ of }: ReplyText): void {
    if (this.#ends.tellsEnds) this.#ends.push({ mark: "ended", of });
    if (this.#replies.get(of.call)?.isMarked !== true) return void this.#replies.delete(of.call);
    this.#ended.add(of.call);
    if (this.#ended.size <= ENDED_LIMIT) return;
    const [oldest = ""] = this.#ended;
    this.#forget(oldest);
  }

  told(news: LiveNews): void {
    const key = `${news.type} ${news.path}`;
    if (this.#news.has(key) || this.#mark({ mark: "news", key })) this.#news.set(key, news);
  }

  /** What a mark stands for by now. */
  *take(mark: LiveMark): Generator<LiveNews | LiveEnd> {
    if (mark.mark === "ended") {
      yield { type: "ended", path: mark.of.path, call: mark.of.call };
      return;
    }
    this.#marks -= 1;
    if (mark.mark === "news") {
      const news = this.#news.get(mark.key);
      this.#news.delete(mark.key);
      if (news !== undefined) yield news;
    } else if (mark.mark === "asked") {
      const { root: _root, ...of } = mark.of;
      yield { type: "asked", ...of };
    } else yield* this.#more(mark.of.call);
  }

  #more(call: string): Iterable<LiveNews> {
    const known = this.#replies.get(call);
    if (known === undefined) return [];
    const more = known.reply.from(known.seen);
    known.seen = known.reply.length;
    known.isMarked = false;
    if (this.#ended.has(call)) this.#forget(call);
    return more;
  }

  #forget(call: string): void {
    this.#ended.delete(call);
    this.#replies.delete(call);
  }

  #mark(mark: LiveMark): boolean {
    if (this.#marks >= MARK_LIMIT) return false;
    this.#marks += 1;
    this.#ends.push(mark);
    return true;
  }
}
