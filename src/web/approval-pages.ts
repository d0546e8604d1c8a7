// The approval page as a function from request to response: who is let in, which page is asked for, and what a decision comes to. GET shows, POST decides.
// It knows no socket. What it serves is for people; programs have other doors, and their credentials open nothing here.

import { type Approver, InputError, type Kindling, KindlingError } from "../index.ts";
import { placeAt, type Place, safeNext } from "./addresses.ts";
import { ApproverDesk } from "./approver-desk.ts";
import { decide, type DeskVisit, gateMeant, showGate, showInbox, showRun } from "./desk-visit.ts";
import { keptTyping } from "./gate-page.ts";
import { html } from "./html.ts";
import { GUARDED, pageAnswer, plainPage, redirect } from "./page-frame.ts";
import { type PageGuard, refusedByGuard } from "./page-guard.ts";
import { Refusal } from "./refusal.ts";
import { readForm } from "./request-body.ts";
import { isFormOf, type Session, Sessions } from "./sessions.ts";
import { againBody, signInBody } from "./sign-in-page.ts";
import { ICON, STYLESHEET } from "./stylesheet.ts";

/** What happened on the page, for a log. No passphrase, no session and nothing that was decided is in it. */
export type ApprovalEvent =
  | { readonly type: "signedIn" | "signedOut"; readonly approver: string }
  /** `approver` is left out for a name that is nobody's. */
  | { readonly type: "signInRefused"; readonly approver: string | undefined; readonly reason: "wrong" | "tooSoon" | "busy" }
  /** `counted`: a gate that several people decide has heard this one and is still open. */
  | { readonly type: "decided" | "counted"; readonly approver: string; readonly run: string; readonly path: string };

/** Who may decide, and what is told. */
export interface ApprovalPagesOptions extends PageGuard {
  readonly approvers: readonly Approver[];
  readonly cookie: string;
  readonly command: string;
  readonly now: () => number;
  readonly sessionIdleMs: number;
  readonly sessionMs: number;
  readonly onEvent: (event: ApprovalEvent) => void;
  readonly onError: (error: unknown) => void;
}

/** What may be sent at once: a decision may hold a text that was edited. */
const FORM_LIMIT_BYTES = 1024 * 1024;
/** A name, a passphrase of whatever characters, and where it leads to. */
const SIGN_IN_LIMIT_BYTES = 32 * 1024;
/** No id is longer. */
const NAME_LIMIT = 100;

/** The pages. @throws ConfigError `no_approvers`, `bad_passphrase_hash` */
export function approvalPages(kindling: Kindling, options: ApprovalPagesOptions): (request: Request) => Promise<Response> {
  const { now, onError } = options;
  const office: Office = {
    kindling,
    options,
    desk: new ApproverDesk(options.approvers, now),
    sessions: new Sessions({ now, idleMs: options.sessionIdleMs, longestMs: options.sessionMs }),
  };
  return async (request) => {
    try {
      return await answer(office, request);
    } catch (error) {
      const page = pageOf(error);
      if (page === undefined) onError(error);
      return pageAnswer(page ?? plainPage(500, "This server failed", "Try again; if it fails again, look at its log."));
    }
  };
}

interface Office {
  readonly kindling: Kindling;
  readonly options: ApprovalPagesOptions;
  readonly desk: ApproverDesk;
  readonly sessions: Sessions;
}

/** The methods of each page. */
const METHODS: Readonly<Record<Place["page"], readonly string[]>> = {
  inbox: ["GET", "HEAD"],
  run: ["GET", "HEAD"],
  gate: ["GET", "HEAD", "POST"],
  style: ["GET", "HEAD"],
  icon: ["GET", "HEAD"],
  "sign-in": ["GET", "HEAD", "POST"],
  "sign-out": ["POST"],
};

async function answer(office: Office, request: Request): Promise<Response> {
  const { options, sessions } = office;
  const refused = refusedByGuard(request, options);
  if (refused !== undefined) return pageAnswer(plainPage(403, "Refused", refused));
  const url = new URL(request.url);
  const place = placeAt(url.pathname);
  const secret = cookieOf(request, options.cookie);
  const session = secret === undefined ? undefined : sessions.find(secret);
  if (place === undefined) return pageAnswer(plainPage(404, "Nothing is here", "The address is not one of this server.", session));
  if (!METHODS[place.page].includes(request.method))
    return pageAnswer({
      ...plainPage(405, "Not so", "This page does not take that.", session),
      headers: { allow: METHODS[place.page].join(", ") },
    });
  switch (place.page) {
    case "style":
      return new Response(STYLESHEET, { headers: { ...GUARDED, "content-type": "text/css; charset=utf-8" } });
    case "icon":
      return new Response(ICON, { headers: { ...GUARDED, "content-type": "image/svg+xml" } });
    case "sign-in":
      return request.method === "POST" ? signIn(office, await readForm(request, SIGN_IN_LIMIT_BYTES), secret) : signInPage(url, session);
    default:
      break;
  }
  const typed = request.method === "POST" ? await readForm(request, FORM_LIMIT_BYTES) : undefined;
  if (session === undefined || secret === undefined) return stranger(request, url, typed);
  if (typed !== undefined && !isFormOf(session, typed.get("csrf") ?? ""))
    return pageAnswer({
      ...plainPage(403, "Not decided", "This form is of another session.", session),
      body: html`<h1>Nothing was done</h1><p class="notice bad" role="alert">This form is of another session. Open the page again and send it from there.</p>${keptTyping(typed)}`,
    });
  if (place.page === "sign-out") return signOut(office, session, secret);
  return visit({ office, session, url, typed }, place);
}

interface Visit {
  readonly office: Office;
  readonly session: Session;
  readonly url: URL;
  readonly typed: URLSearchParams | undefined;
}

async function visit({ office, session, url, typed }: Visit, place: Place): Promise<Response> {
  const { kindling, desk, options } = office;
  const { approver } = session;
  const call: DeskVisit = {
    kindling,
    session,
    actor: desk.actorOf(approver),
    roles: desk.rolesOf(approver),
    personOf: (id) => desk.personOf(id),
    isOwn: (id) => desk.personOf(id) === approver,
    command: options.command,
    now: options.now(),
  };
  try {
    switch (place.page) {
      case "run":
        return await showRun(call, place.run);
      case "gate": {
        const gate = await gateMeant(kindling, place);
        if (typed === undefined) return await showGate(call, gate, url.searchParams.get("as") === "json");
        return await decide(call, gate, typed, (type) => options.onEvent({ type, approver, ...gate }));
      }
      default:
        return await showInbox(call, url.searchParams.get("after"));
    }
  } catch (error) {
    const page = pageOf(error);
    if (page === undefined) throw error;
    return pageAnswer({ ...page, session, ...(typed === undefined ? {} : { body: html`${page.body}${keptTyping(typed)}` }) });
  }
}

function signInPage(url: URL, session: Session | undefined): Response {
  const next = safeNext(url.searchParams.get("next"));
  return session === undefined ? pageAnswer({ title: "Sign in", body: signInBody({ next }) }) : redirect(next);
}

async function signIn({ desk, sessions, options }: Office, typed: URLSearchParams, before: string | undefined): Promise<Response> {
  const name = (typed.get("name") ?? "").trim().slice(0, NAME_LIMIT + 1);
  const next = safeNext(typed.get("next"));
  const again = (status: number, message: string, headers: Readonly<Record<string, string>> = {}) =>
    pageAnswer({ status, title: "Sign in", body: signInBody({ next, message, name }), headers });
  const outcome = await desk.signIn(name, typed.get("passphrase") ?? "");
  switch (outcome.status) {
    case "signedIn":
      if (before !== undefined) sessions.close(before);
      options.onEvent({ type: "signedIn", approver: outcome.approver });
      return redirect(next, { "set-cookie": cookieText(options, sessions.open(outcome.approver), Math.floor(options.sessionMs / 1_000)) });
    case "wrong":
      options.onEvent({ type: "signInRefused", approver: outcome.approver, reason: "wrong" });
      return again(401, "The name or the passphrase is wrong.");
    case "tooSoon": {
      const seconds = Math.ceil(outcome.waitMs / 1_000);
      options.onEvent({ type: "signInRefused", approver: undefined, reason: "tooSoon" });
      return again(429, `There were too many wrong passphrases. Try again in ${seconds} s.`, { "retry-after": String(seconds) });
    }
    case "busy":
      options.onEvent({ type: "signInRefused", approver: undefined, reason: "busy" });
      return again(503, "Too many people are signing in. Try again.", { "retry-after": "1" });
  }
}

function signOut({ sessions, options }: Office, { approver }: Session, secret: string): Response {
  sessions.close(secret);
  options.onEvent({ type: "signedOut", approver });
  return redirect("/sign-in", { "set-cookie": cookieText(options, "", 0) });
}

/** Somebody who has not signed in, or not lately. */
function stranger(request: Request, url: URL, typed: URLSearchParams | undefined): Response {
  const address = `${url.pathname}${url.search}`;
  if (typed !== undefined) {
    const body = html`<h1>You are not signed in</h1><p class="notice bad" role="alert">Nothing was done. <a href="/sign-in?next=${encodeURIComponent(url.pathname)}">Sign in</a> and send it again.</p>${keptTyping(typed)}`;
    return pageAnswer({ status: 401, title: "Not signed in", body });
  }
  if (request.headers.get("sec-fetch-site") === "cross-site") return pageAnswer({ title: "One moment", body: againBody(address) });
  return redirect(`/sign-in?next=${encodeURIComponent(address)}`);
}

function pageOf(error: unknown): ReturnType<typeof plainPage> | undefined {
  if (error instanceof Refusal) return plainPage(error.status, "Not so", sentence(`${error.message}. ${error.fix}`));
  if (error instanceof InputError && GONE.has(error.code))
    return plainPage(404, "Nothing is here", "There is no such run, or no such gate in it.");
  if (error instanceof KindlingError && TOLD.has(error.code)) return plainPage(409, "This cannot be shown here", sentence(error.message));
  return undefined;
}

const GONE: ReadonlySet<string> = new Set(["run_not_found", "run_erased", "run_compacted", "not_awaiting"]);
/** What a person can do nothing about here, and should know. */
const TOLD: ReadonlySet<string> = new Set(["contract_not_found", "contract_changed", "host_closed", "ledger_low"]);

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}

function cookieOf(request: Request, name: string): string | undefined {
  const pairs = (request.headers.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  const found = pairs.find((pair) => pair.startsWith(`${name}=`));
  return found?.slice(name.length + 1) || undefined;
}

function cookieText({ cookie, publicOrigin }: ApprovalPagesOptions, value: string, seconds: number): string {
  return `${cookie}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${publicOrigin === undefined ? "" : "; Secure"}`;
}
