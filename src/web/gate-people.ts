// The people of a gate: who may decide it here and why not, how many must say the same, and who has spoken.

import type { JsonValue, OpenAwait } from "../index.ts";
import { html, type Html } from "./html.ts";
import { moment } from "./moment.ts";

/** Who looks at a gate. */
export interface Beholder {
  readonly roles: readonly string[];
  /** True for an id under which this approver comes. */
  readonly isOwn: (id: string) => boolean;
  /** The person behind an id: one may come by several channels. */
  readonly personOf: (id: string) => string;
}

type Quorum = NonNullable<OpenAwait["quorum"]>;

/** Why somebody cannot decide a gate on the page, as far as it is known before; undefined when nothing speaks against it. */
export function whyNot(
  gate: Pick<OpenAwait, "assurance" | "roles" | "notStarter">,
  starter: string | undefined,
  { roles, isOwn }: Beholder,
): "signature" | "role" | "starter" | undefined {
  if (gate.roles.length > 0 && !gate.roles.some((role) => roles.includes(role))) return "role";
  if (gate.notStarter && starter !== undefined && isOwn(starter)) return "starter";
  return gate.assurance === "signed" ? "signature" : undefined;
}

/** What several people must do: `2 people must agree on “decision”; one is enough for “stop”`. */
export function termsOf({ people, on, alone }: Quorum): string {
  const terms = on === undefined ? `${people} people must give the same answer` : `${people} people must agree on “${on}”`;
  return alone.length === 0 ? terms : `${terms}; one is enough for ${alone.map(wordOf).join(" or ")}`;
}

/** How far several people are: `1 of 2 has spoken`. */
export function standingOf(quorum: Quorum, { personOf }: Pick<Beholder, "personOf">): string {
  const count = lastWords(quorum, personOf).length;
  if (count === 0) return `none of ${quorum.people} has spoken`;
  if (count >= quorum.people) return `${count} have spoken and do not agree yet`;
  return `${count} of ${quorum.people} ${count === 1 ? "has" : "have"} spoken`;
}

/** Who has spoken and how many are missing; what they said is theirs until it is decided. */
export function voices(quorum: Quorum, { isOwn, personOf }: Beholder, now: number): Html {
  const words = lastWords(quorum, personOf);
  if (words.length === 0) return html`<p class="notice">Nobody has spoken yet.</p>`;
  const missing = Math.max(1, quorum.people - words.length);
  const said = words.map(({ by, at }) => html`<li>${isOwn(by) ? "You" : html`<b>${by}</b>`}, ${moment(at, now)}</li>`);
  const again = words.some(({ by }) => isOwn(by))
    ? html`<p>You may change what you said until it is decided: your last word counts.</p>`
    : "";
  return html`<div class="notice"><p>${standingOf(quorum, { personOf })}; at least ${missing} more must.</p><ul>${said}</ul>${again}</div>`;
}

/** What stands in place of the form where somebody cannot decide. */
export function closedDoor(gate: OpenAwait, reason: "signature" | "role" | "starter", command: string): Html {
  switch (reason) {
    case "role":
      return html`<p class="notice">This is for ${gate.roles.join(" or ")}, which you are not.</p>`;
    case "starter":
      return html`<p class="notice">You started this run, and whoever did may not decide this. Somebody else must.</p>`;
    case "signature": {
      const call = (verb: string) => `${command} ${verb} ${gate.run} ${shellWord(gate.path)} --sign <key file>`;
      return html`<div class="notice"><p>This wants a signed decision, which a browser cannot give. Read it here, and sign it in a terminal:</p><pre>${call("approve")}</pre><pre>${call("reject")}</pre></div>`;
    }
  }
}

/** Each person's last word. */
function lastWords({ voices: all }: Quorum, personOf: Beholder["personOf"]): Quorum["voices"] {
  return [...new Map(all.map((voice) => [personOf(voice.by), voice])).values()];
}

function wordOf(value: JsonValue): string {
  return typeof value === "string" ? `“${value}”` : JSON.stringify(value);
}

/** A word that a shell takes as it is: paths hold keys of items, and whoever made those may have meant harm. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
