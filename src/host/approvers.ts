// The people whose decisions are believed, as a runtime was given them. Knows no gate.

import { type Approver, keysOf } from "../approver.ts";
import type { Actor } from "../run/fact.ts";
import { personOf } from "../run/person.ts";
import { isNoKey, readPublicKey, type SshPublicKey } from "../ssh-public-key.ts";

/** Looks up approvers: by id, by key, and the person behind whatever name somebody comes under. */
export class Approvers {
  readonly #byId: ReadonlyMap<string, Approver>;
  readonly #people = new Map<string, string>();
  readonly #owners = new Map<string, string>();

  /** @param approvers checked ones */
  constructor(approvers: readonly Approver[]) {
    this.#byId = new Map(approvers.map((approver) => [approver.id, approver]));
    for (const approver of approvers) {
      for (const id of approver.names ?? []) this.#people.set(personOf({ id }), personOf(approver));
      for (const line of keysOf(approver)) {
        const key = readPublicKey(line);
        if (!isNoKey(key)) this.#owners.set(nameOf(key), approver.id);
      }
    }
  }

  /** The person behind an actor: an approver, where the name is one of theirs. */
  readonly personOf = (actor: Pick<Actor, "id">): string => {
    const person = personOf(actor);
    return this.#people.get(person) ?? person;
  };

  get(id: string): Approver | undefined {
    return this.#byId.get(id);
  }

  /** Whose key it is. */
  ownerOf(key: SshPublicKey): Approver | undefined {
    return this.#byId.get(this.#owners.get(nameOf(key)) ?? "");
  }
}

function nameOf({ blob }: SshPublicKey): string {
  return blob.toString("base64");
}
