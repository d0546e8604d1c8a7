// The approval page for tests: a runtime with gates behind real HTTP, and somebody who visits it without a browser.

import { randomBytes, scryptSync } from "node:crypto";
import { contract } from "kindling";
import { onTestFinished } from "vitest";
import { z } from "zod";
import type { Approver, Kindling } from "../../src/index.ts";
import { type ApprovalEvent, type ApprovalServer, serveApprovals, type ServeApprovalsOptions } from "../../src/web/index.ts";
import { openKindling } from "../host/open-host.ts";

export const PASSPHRASE = "correct horse battery staple";

/** A hash that is quick to check: the least that is taken. */
export function quickHash(passphrase: string): string {
  const salt = randomBytes(16);
  const text = (bytes: Buffer) => bytes.toString("base64").replace(/=+$/, "");
  return `$scrypt$ln=14,r=8,p=1$${text(salt)}$${text(scryptSync(passphrase, salt, 32, { N: 2 ** 14, r: 8, p: 1 }))}`;
}

export const APPROVERS: readonly Approver[] = [
  { id: "ada", roles: ["editor"], passphrase: quickHash(PASSPHRASE) },
  { id: "grace", names: ["mcp:graces-laptop"], passphrase: quickHash(PASSPHRASE) },
];

/** A contract whose gate shows a text and asks for a decision with a word about it. */
export const letter = contract("letter", {
  inputs: { text: z.string() },
  define(g, { text }) {
    const review = g.await("review", {
      event: "letter.reviewed",
      description: "May this letter be sent?",
      schema: z.object({
        decision: z.enum(["approve", "reject"]),
        comment: z.string().max(500).optional(),
        copies: z.number().int().max(9).optional(),
      }),
      show: { text },
      by: "human",
    });
    return { review };
  },
});

/** Gates and an await that cannot be decided like that one. */
export const others = contract("others", {
  inputs: { text: z.string() },
  define(g, { text }) {
    const by = "human" as const;
    const schema = z.object({ ok: z.boolean() });
    const answer = g.await("answer", { event: "answered", schema: z.object({ text: z.string() }) });
    const signed = g.await("signed", { event: "signed", schema, show: { text }, by, assurance: "signed" });
    const edited = g.await("edited", { event: "edited", schema, show: { text }, by, roles: ["editor"] });
    const foreign = g.await("foreign", { event: "foreign", schema, show: { text }, by, notStarter: true });
    const both = g.await("both", { event: "both", schema, show: { text }, by, quorum: { people: 2, on: "ok", alone: [false] } });
    const kinds = g.await("kinds", {
      event: "kinds",
      schema: z.discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("yes") }),
        z.strictObject({ kind: z.literal("no"), why: z.string().min(3) }),
      ]),
      show: { text },
      by,
    });
    const deep = g.await("deep", { event: "deep", schema: z.object({ lines: z.array(z.object({ at: z.number() })) }), show: { text }, by });
    return { answer, signed, edited, foreign, both, kinds, deep };
  },
});

/** A gate for each text, under the text as its key. */
export const letters = contract("letters", {
  inputs: { texts: z.array(z.string()) },
  define(g, { texts }) {
    const sent = g.collection("sent", {
      over: texts,
      as: "text",
      key: (text) => text,
      each: (g, { text }) => g.await("ask", { event: "asked", schema: z.object({ ok: z.boolean() }), show: { text }, by: "human" }),
    });
    return { sent };
  },
});

/** The page, and what it told its log. */
export interface Served {
  readonly kindling: Kindling;
  readonly server: ApprovalServer;
  readonly events: readonly ApprovalEvent[];
  readonly errors: readonly unknown[];
}

/** Serves the page until the test is over. */
export async function servedPage(options: Partial<ServeApprovalsOptions> = {}): Promise<Served> {
  const kindling = await openKindling({ contracts: [letter, others, letters], approvers: APPROVERS });
  const events: ApprovalEvent[] = [];
  const errors: unknown[] = [];
  const server = await serveApprovals(kindling, {
    approvers: APPROVERS,
    onEvent: (event) => events.push(event),
    onError: (error) => errors.push(error),
    ...options,
  });
  onTestFinished(() => server.close());
  return { kindling, server, events, errors };
}

/** An answer, read. */
export interface Seen {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** Somebody at the page, with the cookie a browser would keep. */
export class Visitor {
  readonly #url: string;
  #cookie = "";

  constructor(url: string) {
    this.#url = url;
  }

  get cookie(): string {
    return this.#cookie;
  }

  get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Seen> {
    return this.#ask(path, { headers });
  }

  /** Sends a form as a browser would. */
  post(path: string, fields: readonly (readonly [string, string])[], headers: Readonly<Record<string, string>> = {}): Promise<Seen> {
    const form = new URLSearchParams(fields.map(([name, value]): [string, string] => [name, value]));
    return this.#ask(path, {
      method: "POST",
      headers: { origin: this.#url, "content-type": "application/x-www-form-urlencoded", ...headers },
      body: form.toString(),
    });
  }

  async signIn(name = "ada", passphrase = PASSPHRASE): Promise<Seen> {
    return this.post("/sign-in", [
      ["name", name],
      ["passphrase", passphrase],
    ]);
  }

  async #ask(path: string, init: Omit<RequestInit, "headers"> & { readonly headers: Readonly<Record<string, string>> }): Promise<Seen> {
    const response = await fetch(`${this.#url}${path}`, {
      ...init,
      redirect: "manual",
      headers: { cookie: this.#cookie, ...init.headers },
    });
    const set = response.headers.get("set-cookie");
    if (set !== null) this.#cookie = set.split(";", 1)[0] ?? "";
    return { status: response.status, text: await response.text(), headers: response.headers };
  }
}

/** The hidden fields of the form of a page, in order; of several forms those of the one wanted. */
export function formIn({ text }: Seen, index = 0): (readonly [string, string])[] {
  const form = text.split('<form class="decision"')[index + 1] ?? "";
  const fields = [...form.slice(0, form.indexOf("</form>")).matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
  return fields.map(([, name = "", value = ""]) => [name, value]);
}

/** The address of a gate. */
export function gateAt(run: string, path: string): string {
  return `/runs/${run}/gates/${encodeURIComponent(path)}`;
}

/** A run that waits at its gate. */
export async function waiting({ kindling }: Served, text = "Dear all,", actor = "mcp:agent"): Promise<string> {
  const run = await kindling.start(letter, { text }, { actor: { id: actor, assurance: "agent" } });
  await run.settled();
  return run.id;
}

/** Somebody who has signed in. */
export async function signedIn({ server }: Served, name = "ada"): Promise<Visitor> {
  const visitor = new Visitor(server.url);
  await visitor.signIn(name);
  return visitor;
}

export const APPROVE = ["f.decision", "approve"] as const;
export const REJECT = ["f.decision", "reject"] as const;
