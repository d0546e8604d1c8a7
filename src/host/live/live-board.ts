// What happens in the runs of a process beside their facts: who watches is told, and the text of replies that are on their way is kept for those who come late. With nobody
// watching it costs a reply its text.

import { randomBytes } from "node:crypto";
import type { LiveNews, WatchCursor } from "../watch-event.ts";
import { LiveWatch, type LiveMark } from "./live-watch.ts";
import { type LiveCall, type Piece, ReplyText } from "./reply-text.ts";

/** A call under way, as the one who makes it tells of it. */
export interface LiveReply {
  /** @param offset how many characters came before it, where some of them are not known here */
  add(piece: Piece, offset?: number): void;
  /** The reply is there, or will not come: its text is kept no longer. */
  end(): void;
}

/** One root run. */
interface Room {
  readonly replies: Map<string, ReplyText>;
  readonly watches: Set<LiveWatch>;
}

/** Brings in what happens in another process. */
export interface LiveFeed {
  /** Somebody watches this root now, or still does and sees that something happens. */
  wanted(root: string): void;
  /** Nobody watches it any more. */
  unwanted(root: string): void;
  close(): void;
}

/** The board of a runtime. */
export class LiveBoard {
  readonly #rooms = new Map<string, Room>();
  readonly #clean: (text: string) => string;
  /** Calls of another process are others, whatever their number. */
  readonly #process = randomBytes(6).toString("hex");
  #calls = 0;
  #feed: LiveFeed | undefined;

  /** @param clean takes secrets out of a text */
  constructor(clean: (text: string) => string = (text) => text) {
    this.#clean = clean;
  }

  /** Where news come from that are not of this process; undefined where this process makes them itself. */
  fedBy(feed: LiveFeed | undefined): void {
    this.#feed?.close();
    this.#feed = feed;
  }

  /** Tells those who watch. */
  tell(root: string, news: LiveNews): void {
    for (const watch of this.#rooms.get(root)?.watches ?? []) watch.told(news);
  }

  progress(root: string, path: string, fraction: number, note: string | undefined): void {
    this.tell(root, { type: "progress", path, fraction, note: note === undefined ? undefined : this.#clean(note) });
  }

  /** A model is asked. */
  asked(call: Omit<LiveCall, "call">): LiveReply {
    this.#calls += 1;
    const reply = this.open({ ...call, call: `${this.#process}-${this.#calls}` });
    return { add: (piece) => reply.add({ ...piece, text: this.#clean(piece.text) }), end: () => reply.end() };
  }

  /** The same for a call that has its name already, since it is another process that asks. */
  open(call: LiveCall): LiveReply {
    const { root } = call;
    const room = this.#room(root);
    const reply = new ReplyText(call);
    room.replies.set(call.call, reply);
    for (const watch of room.watches) watch.opened(reply);
    return {
      add: (piece, offset) => {
        if (piece.text === "") return;
        reply.add(piece, offset);
        for (const watch of room.watches) watch.added(reply);
      },
      end: () => {
        room.replies.delete(call.call);
        for (const watch of room.watches) watch.ended(reply);
        this.#sweep(root, room);
      },
    };
  }

  /** Begins to tell of a root: what is on its way from where the cursor stands, and then what comes. */
  watch(root: string, texts: WatchCursor["texts"], push: (mark: LiveMark) => void, tellsEnds = false): LiveWatch {
    const room = this.#room(root);
    const stop = () => {
      room.watches.delete(watch);
      if (room.watches.size === 0) this.#feed?.unwanted(root);
      this.#sweep(root, room);
    };
    const watch = new LiveWatch(texts, { push, stop, tellsEnds });
    room.watches.add(watch);
    for (const reply of room.replies.values()) watch.opened(reply);
    this.wanted(root);
    return watch;
  }

  /** Somebody watches, and would see more if there was a feed. */
  wanted(root: string): void {
    this.#feed?.wanted(root);
  }

  #room(root: string): Room {
    const known = this.#rooms.get(root);
    if (known !== undefined) return known;
    const room: Room = { replies: new Map(), watches: new Set() };
    this.#rooms.set(root, room);
    return room;
  }

  #sweep(root: string, room: Room): void {
    if (room.replies.size === 0 && room.watches.size === 0 && this.#rooms.get(root) === room) this.#rooms.delete(root);
  }
}
