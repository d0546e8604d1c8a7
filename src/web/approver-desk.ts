// Who may sign in on the page, and with what: names and passphrases are checked one at a time, and wrong ones make the next try wait.

import { type Actor, type Approver, ConfigError, personOf } from "../index.ts";
import { isPassphrase, type KeptPassphrase, nobodysPassphrase, readPassphraseHash } from "./passphrase.ts";
import { SignInAttempts } from "./sign-in-attempts.ts";

/** How a try to sign in ended. */
export type SignIn =
  | { readonly status: "signedIn"; readonly approver: string }
  /** `approver` only for a name that is somebody's: in its place people also type their passphrase. */
  | { readonly status: "wrong"; readonly approver: string | undefined }
  | { readonly status: "tooSoon"; readonly waitMs: number }
  | { readonly status: "busy" };

/** Checks that wait for their turn at once; each takes memory and time. */
const WAITING_LIMIT = 8;

/** The approvers of a page. */
export class ApproverDesk {
  readonly #approvers: ReadonlyMap<string, { readonly roles: readonly string[]; readonly kept: KeptPassphrase }>;
  readonly #people: ReadonlyMap<string, string>;
  readonly #attempts: SignInAttempts;
  readonly #nobody = nobodysPassphrase();
  #waiting = 0;
  #turn: Promise<unknown> = Promise.resolve();

  /** @throws ConfigError `no_approvers`, `bad_passphrase_hash` */
  constructor(approvers: readonly Approver[], now: () => number) {
    this.#approvers = new Map(approvers.flatMap(entryOf));
    if (this.#approvers.size === 0)
      throw new ConfigError("no_approvers", "no approver has a passphrase, so nobody could sign in", {
        fix: "Make one with `kindling approvers add <name>`, and put what it prints into approvers of kindling.config.ts.",
      });
    this.#people = new Map(approvers.flatMap(({ id, names = [] }) => names.map((name): [string, string] => [personOf({ id: name }), id])));
    this.#attempts = new SignInAttempts({ now, known: new Set(this.#approvers.keys()) });
  }

  /** Tries a name with a passphrase. */
  async signIn(name: string, passphrase: string): Promise<SignIn> {
    if (this.#waiting >= WAITING_LIMIT) return { status: "busy" };
    const waitMs = this.#attempts.begin(name);
    if (waitMs > 0) return { status: "tooSoon", waitMs };
    const approver = this.#approvers.get(name);
    const isRight = await this.#inTurn(() => isPassphrase(passphrase, approver?.kept ?? this.#nobody));
    if (approver === undefined || !isRight) return { status: "wrong", approver: approver === undefined ? undefined : name };
    this.#attempts.succeeded(name);
    return { status: "signedIn", approver: name };
  }

  /** Under whose name a decision is recorded. */
  actorOf(approver: string): Actor {
    return { id: `page:${approver}`, assurance: "outOfBand", roles: this.rolesOf(approver) };
  }

  /** The person behind whatever id somebody came under: an approver, where it is one of theirs. */
  personOf(id: string): string {
    const person = personOf({ id });
    return this.#people.get(person) ?? person;
  }

  rolesOf(approver: string): readonly string[] {
    return this.#approvers.get(approver)?.roles ?? [];
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.#waiting += 1;
    const mine = this.#turn.then(work).finally(() => (this.#waiting -= 1));
    // Whoever comes next waits for the end of it, whatever that is.
    this.#turn = mine.catch(() => undefined);
    return mine;
  }
}

function entryOf({
  id,
  roles = [],
  passphrase,
}: Approver): [string, { readonly roles: readonly string[]; readonly kept: KeptPassphrase }][] {
  return passphrase === undefined ? [] : [[id, { roles, kept: keptPassphrase(id, passphrase) }]];
}

/** What is kept of an approver's passphrase. @throws ConfigError `bad_passphrase_hash` */
export function keptPassphrase(id: string, passphrase: string): KeptPassphrase {
  const kept = readPassphraseHash(passphrase);
  if (kept !== undefined) return kept;
  throw new ConfigError("bad_passphrase_hash", `passphrase of the approver "${id}" is no hash that can be checked`, {
    fix: `Make one with \`kindling approvers add ${id}\`; the passphrase itself is written nowhere.`,
  });
}
