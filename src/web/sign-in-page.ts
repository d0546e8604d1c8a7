// The page on which approvers sign in.

import { exact, html, type Html } from "./html.ts";

/** What the page of the sign-in shows. */
export interface SignInView {
  /** Where it leads to. */
  readonly next: string;
  readonly message?: string;
  /** The name that was typed; a passphrase never comes back. */
  readonly name?: string;
}

/** The form to sign in. */
export function signInBody({ next, message, name = "" }: SignInView): Html {
  return html`<div class="sign-in"><h1>Kindling approvals</h1>
${message === undefined ? "" : html`<p class="notice bad" role="alert">${message}</p>`}
<form class="card" method="post" action="/sign-in">
<input type="hidden" name="next" value="${exact(next)}">
<p><label for="name">Name</label><input id="name" name="name" type="text" autocomplete="username" autocapitalize="none" spellcheck="false" required value="${exact(name)}"></p>
<p><label for="passphrase">Passphrase</label><input id="passphrase" name="passphrase" type="password" autocomplete="current-password" required></p>
<p class="buttons"><button class="primary" type="submit">Sign in</button></p>
</form></div>`;
}

/** The page for who comes by a link from another site: browsers hold the session back until a page of this server asks for it. */
export function againBody(address: string): Html {
  return html`<meta http-equiv="refresh" content="0"><p><a href="${exact(address)}">Go on</a></p>`;
}
