// Who may call over HTTP, told apart by their tokens. Knows tokens as hashes only, and nothing of runs.

import { hash, timingSafeEqual } from "node:crypto";
import { ConfigError } from "../src/index.ts";

/** Somebody who may call, under a name of their own. */
export interface McpPrincipal {
  /** What stands in the record of what they do: 1 to 40 lower case letters, digits, `_`, `.` and `-`. */
  readonly id: string;
  /** The bearer token they send: 16 characters or more, another one for everybody. */
  readonly token: string;
  /** `own`: a run that others started is not there for them. `all`: they see and cancel every run. */
  readonly runs: "own" | "all";
}

/** A caller as the rest of the server knows it. */
export type Principal = Pick<McpPrincipal, "id" | "runs">;

const TOKEN_LENGTH = 16;
const ID = /^[a-z0-9][a-z0-9_.-]{0,39}$/;

/** A caller under its token's hash; without a name it is whoever holds the one token there is. */
interface Entry {
  readonly digest: Buffer;
  readonly principal: Principal | undefined;
}

/** Who calls, by the token they send. */
export class Principals {
  readonly #entries: readonly Entry[];
  readonly #isOpen: boolean;

  /**
   * `token: false` lets in everybody, as somebody without a name.
   * @throws TypeError for a short token; ConfigError `bad_principals`, `token_required`
   */
  constructor(token: string | false | undefined, principals: readonly McpPrincipal[] = []) {
    if (token === undefined && principals.length === 0)
      throw new ConfigError("token_required", "nobody could call this server", {
        fix: "Give a token or principals; `token: false` lets in everybody who reaches it.",
      });
    if (token === false && principals.length > 0) throw badPrincipals("principals have tokens, and `token: false` asks for none");
    this.#isOpen = token === false;
    const unnamed = typeof token === "string" ? [entryOf(token, undefined)] : [];
    this.#entries = [...unnamed, ...principals.map(({ id, token, runs }) => entryOf(token, { id: checkedId(id), runs }))];
    const ids = principals.map(({ id }) => id);
    const twice = ids.find((id, index) => ids.indexOf(id) < index);
    if (twice !== undefined) throw badPrincipals(`"${twice}" is there twice`);
    const digests = new Set(this.#entries.map(({ digest }) => digest.toString("hex")));
    if (digests.size < this.#entries.length) throw badPrincipals("two of them have the same token");
  }

  /** Everybody there is. */
  get all(): readonly (Principal | undefined)[] {
    return this.#isOpen ? [undefined] : this.#entries.map(({ principal }) => principal);
  }

  /** Who sends this `Authorization`; undefined for nobody of these. Takes as long whoever it is. */
  caller(authorization: string | null): { readonly principal: Principal | undefined } | undefined {
    if (this.#isOpen) return { principal: undefined };
    const given = digestOf(/^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1] ?? "");
    const matches = this.#entries.map(({ digest }) => timingSafeEqual(digest, given));
    return this.#entries[matches.indexOf(true)];
  }
}

function entryOf(token: string, principal: Principal | undefined): Entry {
  if (token.length < TOKEN_LENGTH) {
    const whose = principal === undefined ? "the token" : `the token of "${principal.id}"`;
    throw new TypeError(`${whose} has ${token.length} characters, and needs ${TOKEN_LENGTH}`);
  }
  return { digest: digestOf(token), principal };
}

function checkedId(id: string): string {
  if (!ID.test(id)) throw badPrincipals(`${JSON.stringify(id)} is no id`);
  return id;
}

function badPrincipals(message: string): ConfigError {
  return new ConfigError("bad_principals", message, {
    fix: "Give each principal an id of 1 to 40 lower case letters, digits, `_`, `.` and `-`, and a token nobody else has.",
  });
}

/** Tokens are compared by hashes of one length, which are all that is kept of them. */
function digestOf(token: string): Buffer {
  return hash("sha256", token, "buffer");
}
