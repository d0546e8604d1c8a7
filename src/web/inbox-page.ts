// The inbox: the gates that are open, those of the oldest run first, part by part.

import type { Kindling, OpenAwait } from "../index.ts";
import { gateAddress, runAddress } from "./addresses.ts";
import { type Beholder, standingOf, whyNot } from "./gate-people.ts";
import { exact, html, type Html } from "./html.ts";
import { distance, moment } from "./moment.ts";
import { startersOf } from "./starter.ts";

const PAGE_SIZE = 25;

type Place = Pick<OpenAwait, "path" | "since" | "started">;

/** What the inbox shows. */
export interface InboxView extends Beholder {
  readonly now: number;
  /** From the address: the last gate of the part before. */
  readonly after: string | null;
}

/** The inbox as it stands. Undefined when the address names no part of it. */
export async function inboxBody(kindling: Kindling, view: InboxView): Promise<Html | undefined> {
  const { after } = view;
  const place = after === null ? undefined : placeOf(after);
  if (after !== null && place === undefined) return undefined;
  const found = await kindling.inbox({ by: "human", limit: PAGE_SIZE + 1, after: place });
  const gates = found.slice(0, PAGE_SIZE);
  const starters = await startersOf(kindling, gates);
  const last = found.length > PAGE_SIZE ? gates.at(-1) : undefined;
  const items = gates.map((gate) => item(gate, starters.get(gate.run), view));
  return html`<h1>What waits for a decision</h1>
${gates.length === 0 ? html`<p class="card">${after === null ? "Nothing waits for you now." : "There is nothing more."}</p>` : html`<ul class="inbox">${items}</ul>`}
<p class="pages">${after === null ? html`<span></span>` : html`<a href="/">From the beginning</a>`}${last === undefined ? "" : html`<a href="/?after=${exact(encodedPlace(last))}">Further ones</a>`}</p>`;
}

function item(gate: OpenAwait, starter: string | undefined, view: InboxView): Html {
  const { now } = view;
  const correlation = Object.entries(gate.correlation).map(
    ([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  const about = [correlation.join(", "), starter === undefined ? "" : `started by ${starter}`].filter((each) => each !== "").join(" · ");
  return html`<li class="card"><a href="${exact(gateAddress(gate.run, gate.path))}">${gate.path}</a> of ${gate.contract}
<p class="hint">${about}</p>
<p>Open since ${moment(gate.since, now)}${deadline(gate, now)}</p>${note(gate, starter, view)}
<p class="hint"><a href="${exact(runAddress(gate.run))}">${gate.run}</a></p></li>`;
}

/** When its time is up. */
export function deadline({ deadline: until }: Pick<OpenAwait, "deadline">, now: number): Html | string {
  if (until === undefined) return "";
  return html` · <span${until < now ? html` class="late"` : ""}>${until < now ? "overdue" : `time is up ${distance(until, now)}`}</span>`;
}

/** What this approver should know of it before looking: how far several people are, and why it is not to be decided here. */
function note(gate: OpenAwait, starter: string | undefined, view: InboxView): Html {
  const { quorum, roles } = gate;
  const spoke = quorum?.voices.some(({ by }) => view.isOwn(by)) === true ? "; you have" : "";
  const people = quorum === undefined ? "" : html`<p class="hint">${standingOf(quorum, view)}${spoke}</p>`;
  const reason = whyNot(gate, starter, view);
  const words = {
    role: `For ${roles.join(" or ")}, which you are not.`,
    starter: "You started the run: somebody else decides.",
    signature: "Wants a signed decision: look at it here, sign it on the command line.",
  };
  return html`${people}${reason === undefined ? "" : html`<p class="hint">${words[reason]}</p>`}`;
}

function encodedPlace({ path, since, started }: Place): string {
  return Buffer.from(JSON.stringify([started, since, path])).toString("base64url");
}

function placeOf(text: string): Place | undefined {
  try {
    const place: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    if (!Array.isArray(place)) return undefined;
    const [started, since, path] = place as readonly unknown[];
    return typeof path === "string" && typeof since === "number" && typeof started === "number" ? { path, since, started } : undefined;
  } catch {
    // Made by nobody here: the address was cut or changed.
    return undefined;
  }
}
