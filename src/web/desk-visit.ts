// What somebody who has signed in can do: look at the inbox, a run and a gate, and decide a gate. It knows nothing of sessions beyond who it is.

import { type Actor, type AwaitDetail, type Delivery, hashJson, InputError, type Kindling } from "../index.ts";
import { gateAddress } from "./addresses.ts";
import { alternativesOf, payloadOf } from "./decision-form.ts";
import { gateBody, keptTyping, type Refused, verdictBody } from "./gate-page.ts";
import type { Beholder } from "./gate-people.ts";
import { html } from "./html.ts";
import { inboxBody } from "./inbox-page.ts";
import { GUARDED, pageAnswer, plainPage, redirect } from "./page-frame.ts";
import { runBody } from "./run-page.ts";
import type { Session } from "./sessions.ts";
import { startersOf } from "./starter.ts";
import { verdictOn } from "./verdict.ts";

/** Somebody who has signed in, and the runtime. */
export interface DeskVisit extends Beholder {
  readonly kindling: Kindling;
  readonly session: Session;
  readonly actor: Actor;
  /** How people here call the command line. */
  readonly command: string;
  readonly now: number;
}

/** Which gate. */
export interface GatePlace {
  readonly run: string;
  readonly path: string;
}

/** The gate of an address, which may stand for half a character with another one. */
export async function gateMeant(kindling: Kindling, { run, path }: GatePlace): Promise<GatePlace> {
  if (!path.includes("\uFFFD")) return { run, path };
  const open = await kindling.inbox({ run, by: "human" });
  const [only, ...more] = open.filter((gate) => gate.path.toWellFormed() === path);
  return { run, path: only === undefined || more.length > 0 ? path : only.path };
}

/** The inbox. */
export async function showInbox(visit: DeskVisit, after: string | null): Promise<Response> {
  const { kindling, session } = visit;
  const body = await inboxBody(kindling, { ...beholderOf(visit), after });
  if (body === undefined) return pageAnswer(plainPage(400, "Nothing is here", "The address names no part of the inbox.", session));
  return pageAnswer({ title: "Inbox", body, session });
}

/** A run. */
export async function showRun({ kindling, session, now }: DeskVisit, id: string): Promise<Response> {
  const [run, facts] = [await kindling.get(id), await kindling.facts(id)];
  if (run === undefined) return nothing(session);
  return pageAnswer({ title: run.contract, body: runBody(run, facts, now), session });
}

/** A gate as it stands; with `asJson` all that is shown to the decider. */
export async function showGate(visit: DeskVisit, place: GatePlace, asJson: boolean): Promise<Response> {
  const detail = await openGate(visit.kindling, place);
  if (detail === undefined) return showVerdict(visit, place);
  if (asJson)
    return new Response(JSON.stringify(detail.values, undefined, 2), {
      headers: { ...GUARDED, "content-type": "application/json; charset=utf-8" },
    });
  return showOpen(visit, detail);
}

/** Decides a gate with what was typed; `onRecorded` hears of what was recorded: the decision, or a voice where it takes several. */
export async function decide(
  visit: DeskVisit,
  place: GatePlace,
  typed: URLSearchParams,
  onRecorded: (how: "decided" | "counted") => void,
): Promise<Response> {
  const detail = await openGate(visit.kindling, place);
  const deliveryId = deliveryIdOf(visit, place, typed);
  if (detail === undefined) return tooLate(visit, place, typed, deliveryId);
  if (typed.get("shown") !== detail.shown || typed.get("since") !== String(detail.since)) return changed(visit, detail, typed);
  const alternative = alternativesOf(detail.schema)[Number(typed.get("alternative"))];
  if (alternative === undefined) return showOpen(visit, detail, { typed, message: "The form has changed. Nothing was decided." }, 409);
  const filled = payloadOf(alternative, typed);
  if (!filled.ok)
    return showOpen(
      visit,
      detail,
      { typed, message: `Nothing was decided. ${filled.message}`, issues: [{ at: "", message: filled.message }] },
      422,
    );
  const delivery = await visit.kindling.deliver({
    event: detail.event,
    ...place,
    payload: filled.payload,
    deliveryId,
    actor: visit.actor,
    shown: detail.shown,
  });
  if (delivery.status !== "refused") {
    if (delivery.status === "delivered" || delivery.status === "counted") onRecorded(delivery.status === "counted" ? "counted" : "decided");
    return redirect(gateAddress(place.run, place.path));
  }
  return refused(visit, { place, detail, typed, deliveryId }, delivery);
}

interface Sent {
  readonly place: GatePlace;
  readonly detail: AwaitDetail;
  readonly typed: URLSearchParams;
  readonly deliveryId: string;
}

async function refused(
  visit: DeskVisit,
  { place, detail, typed, deliveryId }: Sent,
  delivery: Extract<Delivery, { status: "refused" }>,
): Promise<Response> {
  const { code, message, issues = [] } = delivery;
  switch (code) {
    case "invalid_payload":
      return showOpen(visit, detail, { typed, message: "Nothing was decided: what was entered does not fit.", issues }, 422);
    case "human_decision_required":
    case "signature_required":
    case "role_required":
    case "starter_may_not_decide":
      return showOpen(visit, detail, { typed, message: `Nothing was decided: ${message}.` }, 403);
    default: {
      // It has been decided, or shows something else, since it was looked at a moment ago.
      const now = await openGate(visit.kindling, place);
      return now === undefined ? tooLate(visit, place, typed, deliveryId) : changed(visit, now, typed);
    }
  }
}

function changed(visit: DeskVisit, detail: AwaitDetail, typed: URLSearchParams): Promise<Response> {
  const message = "What you decide about has changed since you looked. Nothing was decided: look again, and decide anew.";
  return showOpen(visit, detail, { typed, message }, 409);
}

async function showOpen(visit: DeskVisit, detail: AwaitDetail, refused?: Refused, status = 200): Promise<Response> {
  const { kindling, session, command } = visit;
  const starter = (await startersOf(kindling, [detail])).get(detail.run);
  const body = gateBody({ ...beholderOf(visit), detail, session, starter, command, ...(refused === undefined ? {} : { refused }) });
  return pageAnswer({ status, title: `${detail.path} of ${detail.contract}`, body, session });
}

/** A decision for a gate that is not open any more: a repeat of the one that was recorded is that one. */
async function tooLate(visit: DeskVisit, place: GatePlace, typed: URLSearchParams, deliveryId: string): Promise<Response> {
  const verdict = await verdictOn(visit.kindling, place.run, place.path);
  const isRepeat = verdict.state === "decided" && verdict.deliveryId === deliveryId;
  return isRepeat ? redirect(gateAddress(place.run, place.path)) : showVerdict(visit, place, typed);
}

async function showVerdict({ kindling, session, isOwn, now }: DeskVisit, place: GatePlace, typed?: URLSearchParams): Promise<Response> {
  const verdict = await verdictOn(kindling, place.run, place.path);
  if (verdict.state === "none") {
    const page = plainPage(404, "Nothing is here", "There is no such run, or no such gate in it.", session);
    return pageAnswer(typed === undefined ? page : { ...page, body: html`${page.body}${keptTyping(typed)}` });
  }
  const body = verdictBody({ ...place, verdict, isOwn, now, ...(typed === undefined ? {} : { typed }) });
  return pageAnswer({ status: typed === undefined ? 200 : 409, title: place.path, body, session });
}

function beholderOf({ roles, isOwn, personOf, now }: DeskVisit): Beholder & { readonly now: number } {
  return { roles, isOwn, personOf, now };
}

function nothing(session: Session): Response {
  return pageAnswer(plainPage(404, "Nothing is here", "There is no such run, or no such gate in it.", session));
}

/** The gate as it stands; undefined when it is not open. An await that no person decides is no gate. @throws InputError `run_not_found` */
async function openGate(kindling: Kindling, { run, path }: GatePlace): Promise<AwaitDetail | undefined> {
  try {
    const detail = await kindling.awaiting(run, path);
    if (detail.by === "human") return detail;
  } catch (error) {
    if (error instanceof InputError && error.code === "not_awaiting") return undefined;
    throw error;
  }
  throw new InputError("not_awaiting", `"${path}" is decided by no person`);
}

/** The same form sent twice is one decision: its id is what was typed, by whom, about which showing of the gate. */
function deliveryIdOf({ actor }: DeskVisit, { run, path }: GatePlace, typed: URLSearchParams): string {
  const sent = [...typed].filter(([name]) => name !== "csrf");
  return `page_${hashJson([run, path, actor.id, sent])}`;
}
