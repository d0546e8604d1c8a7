// How often somebody may try to sign in: after some wrong passphrases each further try has to wait, twice as long as the one before. It knows no passphrase.

/** What the attempts are counted with. */
export interface AttemptOptions {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Names whose count is never forgotten to make room. */
  readonly known: ReadonlySet<string>;
}

/** So many wrong ones in a row cost no pause. */
export const FREE_ATTEMPTS = 5;
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 15 * 60_000;
/** Names that are nobody's are counted too, so that they look like others; no more of them than this. */
const NAMES_LIMIT = 1_000;

/** The attempts by name. */
export class SignInAttempts {
  readonly #options: AttemptOptions;
  readonly #counts = new Map<string, { readonly failures: number; readonly until: number }>();

  constructor(options: AttemptOptions) {
    this.#options = options;
  }

  /** Begins a try, which counts as wrong until it is told to be right: many at once are no more than one after another. Gives how long to wait, 0 to go on. */
  begin(name: string): number {
    const { now } = this.#options;
    const { failures = 0, until = 0 } = this.#counts.get(name) ?? {};
    const wait = until - now();
    if (wait > 0) return wait;
    this.#makeRoom(name);
    const pause = failures < FREE_ATTEMPTS - 1 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures + 1 - FREE_ATTEMPTS));
    this.#counts.set(name, { failures: failures + 1, until: now() + pause });
    return 0;
  }

  /** The try was right. */
  succeeded(name: string): void {
    this.#counts.delete(name);
  }

  #makeRoom(name: string): void {
    if (this.#counts.has(name) || this.#counts.size < NAMES_LIMIT + this.#options.known.size) return;
    for (const oldest of this.#counts.keys())
      if (!this.#options.known.has(oldest)) {
        this.#counts.delete(oldest);
        return;
      }
  }
}
