// What all pages have around them: the head, the line with who is signed in, and the headers that keep a page from being kept, framed, sniffed or scripted.

import { html, exact, type Html } from "./html.ts";
import type { Session } from "./sessions.ts";

/** A page. */
export interface Page {
  readonly status?: number;
  readonly title: string;
  readonly body: Html;
  /** Who is signed in. */
  readonly session?: Session | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** No script runs, nothing is loaded from elsewhere, nothing is sent elsewhere, and no other page may put this one into a frame. */
const POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/** Headers of everything the server answers. */
export const GUARDED: Readonly<Record<string, string>> = {
  "content-security-policy": POLICY,
  "cache-control": "no-store",
  "x-frame-options": "DENY",
  "x-content-type-options": "nosniff",
  // With "no-referrer" browsers would not say from where a form comes either.
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
};

/** The answer with a page. */
export function pageAnswer({ status = 200, title, body, session, headers = {} }: Page): Response {
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Kindling</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
</head>
<body>
${session === undefined ? "" : header(session)}
<main>
${body}
</main>
</body>
</html>
`;
  return new Response(document.toString(), { status, headers: { ...GUARDED, "content-type": "text/html; charset=utf-8", ...headers } });
}

/** A page with a heading and a sentence. */
export function plainPage(status: number, title: string, sentence: string, session?: Session): Page {
  return {
    status,
    title,
    session,
    body: html`<h1>${title}</h1><p>${sentence}</p>${session === undefined ? "" : html`<p><a href="/">The inbox</a></p>`}`,
  };
}

/** The answer that leads to another page of this server. */
export function redirect(location: string, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status: 303, headers: { ...GUARDED, location, ...headers } });
}

function header({ approver, formToken }: Session): Html {
  return html`<header><a href="/">Kindling approvals</a><form method="post" action="/sign-out"><input type="hidden" name="csrf" value="${exact(formToken)}"><span>${approver}</span><button class="quiet" type="submit">Sign out</button></form></header>`;
}
