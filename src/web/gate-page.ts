// The page of one gate: what is to be decided, by whom, and the forms that decide it; or how it was decided.

import type { Actor, AwaitDetail, Issue, JsonValue } from "../index.ts";
import { gateAddress, runAddress } from "./addresses.ts";
import { alternativesOf, inputName } from "./decision-form.ts";
import { decisionForms } from "./form-view.ts";
import { exact, html, type Html } from "./html.ts";
import { type Beholder, closedDoor, termsOf, voices, whyNot } from "./gate-people.ts";
import { deadline } from "./inbox-page.ts";
import { moment } from "./moment.ts";
import type { Session } from "./sessions.ts";
import { isCut, shownValue, shownValues } from "./shown-value.ts";
import type { Verdict } from "./verdict.ts";

/** What the page of an open gate is made from. */
export interface GateView extends Beholder {
  readonly detail: AwaitDetail;
  readonly session: Session;
  readonly starter: string | undefined;
  /** How people here call the command line. */
  readonly command: string;
  readonly now: number;
  /** What was sent before and not taken, and why. */
  readonly refused?: Refused;
}

/** What was sent and not taken. */
export interface Refused {
  readonly typed: URLSearchParams;
  readonly message: string;
  readonly issues?: readonly Issue[];
}

/** The page of an open gate. */
export function gateBody(view: GateView): Html {
  const { detail, refused, starter, now } = view;
  const reason = whyNot(detail, starter, view);
  return html`<p class="hint"><a href="/">Inbox</a> › <a href="${exact(runAddress(detail.run))}">${detail.run}</a></p>
<h1>${detail.path}</h1>
${detail.description === undefined ? "" : html`<p>${detail.description}</p>`}
${refused === undefined ? "" : refusal(refused)}
<dl class="about">
<dt>Workflow</dt><dd>${detail.contract}</dd>
${Object.entries(detail.correlation).map(([name, value]) => html`<dt>${name}</dt><dd>${shortly(value)}</dd>`)}
${starter === undefined ? "" : html`<dt>Started by</dt><dd>${starter}</dd>`}
<dt>Open since</dt><dd>${moment(detail.since, now)}${deadline(detail, now)}</dd>
${detail.roles.length === 0 ? "" : html`<dt>For</dt><dd>${detail.roles.join(" or ")}</dd>`}
${detail.notStarter ? html`<dt>Not for</dt><dd>whoever started the run</dd>` : ""}
${detail.quorum === undefined ? "" : html`<dt>People</dt><dd>${termsOf(detail.quorum)}</dd>`}
</dl>
<h2>What you decide about</h2>
${shownValues(detail.values)}
${isCut(detail.values) ? html`<p class="notice">Not all of it is on this page. <a href="?as=json">All of it as JSON</a></p>` : ""}
<p class="digest">What is shown, as SHA-256; your decision holds for just that: ${detail.shown}</p>
<h2>Your decision</h2>
${detail.quorum === undefined ? "" : voices(detail.quorum, view, now)}
${reason === undefined ? forms(view) : closedDoor(detail, reason, view.command)}`;
}

function forms({ detail, session, refused }: GateView): Html {
  return decisionForms(alternativesOf(detail.schema), {
    action: gateAddress(detail.run, detail.path),
    formToken: session.formToken,
    shown: detail.shown,
    since: detail.since,
    heard: detail.quorum?.voices.length ?? 0,
    schema: detail.schema,
    typed: refused?.typed,
    wrong: new Map((refused?.issues ?? []).map(({ at, message }) => [at.split(/[.[]/, 1)[0] ?? "", message])),
  });
}

function refusal({ message, issues = [] }: Refused): Html {
  const list = issues.map(({ at, message: what }) => html`<li>${at === "" ? "" : html`<b>${at}</b>: `}${what}</li>`);
  return html`<div class="notice bad" role="alert"><p>${message}</p>${list.length === 0 ? "" : html`<ul>${list}</ul>`}</div>`;
}

/** What the page of a gate that is not open is made from. */
export interface VerdictView {
  readonly run: string;
  readonly path: string;
  readonly verdict: Exclude<Verdict, { state: "none" }>;
  readonly isOwn: Beholder["isOwn"];
  readonly now: number;
  /** What was sent too late. */
  readonly typed?: URLSearchParams;
}

/** The page of a gate that is not open: by whom it was decided, when and how. */
export function verdictBody({ run, path, verdict, isOwn, now, typed }: VerdictView): Html {
  const late =
    typed === undefined ? "" : html`<div class="notice bad" role="alert"><p>It is too late: your answer was not taken.</p></div>`;
  return html`<p class="hint"><a href="/">Inbox</a> › <a href="${exact(runAddress(run))}">${run}</a></p>
<h1>${path}</h1>
${late}
${verdict.state === "closed" ? html`<p class="notice">It closed without a decision: its time was up, or the run ended.</p>` : decided(verdict, isOwn, now)}
${typed === undefined ? "" : keptTyping(typed)}
<p><a href="${exact(runAddress(run))}">How the run goes on</a> · <a href="/">The inbox</a></p>`;
}

function decided({ by, at, payload }: Extract<Verdict, { state: "decided" }>, isOwn: Beholder["isOwn"], now: number): Html {
  return html`<p class="notice good">${isOwn(by.id) ? "You decided this" : html`Decided by <b>${by.id}</b>`}${CAME[by.assurance]} on ${moment(at, now)}.</p>
<section class="value"><h3>the decision</h3>${shownValue(payload)}</section>`;
}

/** By what a decision is known to be somebody's, where that is more or less than a channel of their own. */
const CAME: Readonly<Record<Actor["assurance"], string>> = {
  agent: ", an agent,",
  client: ", as a client says of its user,",
  outOfBand: "",
  signed: " with a signature",
};

/** Every form sends these beside what somebody typed. */
const OWN_NAMES: ReadonlySet<string> = new Set(["csrf", "shown", "since", "heard", "alternative"]);

/** What somebody typed and could not send: to be copied, so that nothing is lost. */
export function keptTyping(typed: URLSearchParams): Html {
  const kept = [...typed].filter(([name, value]) => !OWN_NAMES.has(name) && value !== "");
  if (kept.length === 0) return html``;
  const prefix = inputName("");
  return html`<h2>What you had entered</h2>${kept.map(
    ([name, value]) =>
      html`<section class="value"><h3>${name.startsWith(prefix) ? name.slice(prefix.length) : name}</h3><div class="text">${value}</div></section>`,
  )}`;
}

function shortly(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
