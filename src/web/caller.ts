// Who calls over HTTP: whoever has the bearer token, or whom the application recognizes. Decided before anything else of a request is looked at.

import { createHash, timingSafeEqual } from "node:crypto";
import { type Actor, ConfigError } from "../index.ts";
import { Refusal } from "./refusal.ts";

/** How callers are recognized: by one token they all have, or by a function of the application. There is no way without. */
export type CallerOptions =
  /** The secret of `authorization: Bearer <token>`, 16 characters or more. All who have it count as one caller. */
  | { readonly token: string; readonly authorize?: never }
  /** Gives who calls, by the request's headers; undefined refuses. A caller sees and cancels only runs that the same actor id started. */
  | { readonly authorize: (request: Request) => Actor | undefined | Promise<Actor | undefined>; readonly token?: never };

/** Recognizes the caller of a request. The actor's id begins with `remote:`, so it is nobody of another surface. Throws a `Refusal` for a stranger. */
export type Recognize = (request: Request) => Promise<Actor>;

const SHORTEST_TOKEN = 16;

/** Reads the options. @throws ConfigError `no_authorization`, `token_too_short` */
export function recognizer(options: CallerOptions): Recognize {
  const { token, authorize } = options;
  const recognize = authorize ?? tokenCheck(token);
  return async (request) => {
    const actor = await recognize(request);
    if (actor === undefined) throw unauthorized();
    return { ...actor, id: `remote:${actor.id}` };
  };
}

function tokenCheck(token: string | undefined): (request: Request) => Actor | undefined {
  // Reached from JavaScript, or with a variable of the environment that is not set.
  if (typeof token !== "string" || token === "")
    throw new ConfigError("no_authorization", "remote calls have neither a token nor authorize", {
      fix: "Give token, a long random text from the environment, or authorize: (request) => actor.",
    });
  if (token.length < SHORTEST_TOKEN || /\s/.test(token))
    throw new ConfigError(
      "token_too_short",
      `the token for remote calls is shorter than ${SHORTEST_TOKEN} characters, or has a space in it`,
      {
        fix: "Make one with: openssl rand -hex 32",
      },
    );
  const wanted = digest(token);
  return (request) => {
    const [, given] = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
    // Digests are of one length, so the comparison takes the same time for every guess.
    return given !== undefined && timingSafeEqual(digest(given), wanted) ? { id: "token", assurance: "agent" } : undefined;
  };
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function unauthorized(): Refusal {
  return new Refusal(401, "unauthorized", "the call is not authorized", "Send a valid authorization header.", {
    headers: { "www-authenticate": "Bearer" },
  });
}
