// Who has signed in on the page. Sessions live in this process only: a restart signs everybody out. What a browser holds is kept here as a hash.

import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** Somebody who has signed in. */
export interface Session {
  /** The approver's id. */
  readonly approver: string;
  /** What every form of this session carries, so that no other page can send one. */
  readonly formToken: string;
}

/** The bounds of sessions. */
export interface SessionOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** It ends after so long without a request. */
  readonly idleMs: number;
  /** It ends so long after it began. */
  readonly longestMs: number;
}

const SESSION_LIMIT = 100;
const TOKEN_BYTES = 32;

interface Kept extends Session {
  readonly openedAt: number;
  readonly seenAt: number;
}

/** The sessions of a page. */
export class Sessions {
  readonly #options: SessionOptions;
  readonly #kept = new Map<string, Kept>();

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Begins a session and gives the secret its browser holds. Of too many, the one that was seen longest ago ends. */
  open(approver: string): string {
    const now = this.#options.now();
    for (const [key, session] of this.#kept) if (this.#isOver(session, now)) this.#kept.delete(key);
    const [first] = this.#kept.keys();
    if (this.#kept.size >= SESSION_LIMIT && first !== undefined) this.#kept.delete(first);
    const secret = randomBytes(TOKEN_BYTES).toString("base64url");
    this.#kept.set(digest(secret), { approver, formToken: randomBytes(TOKEN_BYTES).toString("base64url"), openedAt: now, seenAt: now });
    return secret;
  }

  /** The session of a secret, which has been seen now; undefined for one that is none or over. */
  find(secret: string): Session | undefined {
    const key = digest(secret);
    const session = this.#kept.get(key);
    if (session === undefined) return undefined;
    this.#kept.delete(key);
    const now = this.#options.now();
    if (this.#isOver(session, now)) return undefined;
    // Put last: the first one is the one that was seen longest ago.
    this.#kept.set(key, { ...session, seenAt: now });
    return session;
  }

  /** Ends a session. */
  close(secret: string): void {
    this.#kept.delete(digest(secret));
  }

  #isOver({ openedAt, seenAt }: Kept, now: number): boolean {
    return now - seenAt >= this.#options.idleMs || now - openedAt >= this.#options.longestMs;
  }
}

/** True when a form carries its session's token. */
export function isFormOf(session: Session, token: string): boolean {
  return timingSafeEqual(Buffer.from(digest(token)), Buffer.from(digest(session.formToken)));
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}
