// Who decides a gate on the command line: an approver of the project, by the same passphrase as on the page; in a project without such approvers whoever calls.

import { type Actor, type Approver, InputError } from "../index.ts";
import { isPassphrase } from "../web/passphrase.ts";
import { keptPassphrase } from "../web/approver-desk.ts";
import { type PassphraseOptions, readPassphrase } from "./passphrase.ts";
import type { Project } from "./project.ts";
import { UsageError } from "./problem.ts";
import type { Shell } from "./shell.ts";
import { visible } from "./view/visible.ts";

/** What tells who decides. */
export interface ApproverOptions extends PassphraseOptions {
  readonly as?: string;
}

/** The actor under whose name a decision is recorded. @throws UsageError `which_approver`, `no_passphrase`, `passphrase_needed`; InputError `approver_not_found`, `wrong_passphrase` */
export async function decidingActor(shell: Shell, { loaded }: Project, options: ApproverOptions, again: string): Promise<Actor> {
  const approvers = (loaded.config.approvers ?? []).filter(({ passphrase }) => passphrase !== undefined);
  if (approvers.length === 0) return actorWithout(shell, options);
  const { id, roles = [], passphrase = "" } = approverMeant(shell, approvers, options);
  const kept = keptPassphrase(id, passphrase);
  const given = await readPassphrase(shell, options, { question: `Passphrase of ${visible(id)}: `, again });
  if (!(await isPassphrase(given, kept)))
    throw new InputError("wrong_passphrase", `that is not the passphrase of "${id}"`, { fix: "Nothing was decided. Call it again." });
  return { id: `cli:${id}`, assurance: "outOfBand", roles };
}

/** What tells whom an event comes from. */
export interface DeliveringOptions extends ApproverOptions {
  /** True where a passphrase is wanted. */
  readonly isDecision: boolean;
  readonly again: string;
}

/**
 * Whom an event comes from: an approver where a gate is decided, else whoever calls. With approvers in the project, what comes without a passphrase is no way to open a
 * gate for which a person is wanted. @throws as `decidingActor`
 */
export async function deliveringActor(shell: Shell, project: Project, options: DeliveringOptions): Promise<Actor> {
  if (options.as !== undefined || options.passphraseStdin === true || options.isDecision)
    return decidingActor(shell, project, options, options.again);
  return { id: `cli:${shell.user}`, assurance: isGuarded(project) ? "client" : "outOfBand" };
}

/** True in a project with approvers who have passphrases: gates open to nobody else here. */
export function isGuarded({ kindling }: Project): boolean {
  return kindling.approvers.some(({ hasPassphrase }) => hasPassphrase);
}

/** Refuses a passphrase and a payload that both come from standard input. @throws UsageError `bad_option` */
export function assertOneInput({ payload, passphraseStdin }: ApproverOptions & { readonly payload?: string }): void {
  if (payload === "-" && passphraseStdin === true)
    throw new UsageError("bad_option", "standard input cannot be both the payload and the passphrase", {
      fix: "Name a file that holds the passphrase in KINDLING_PASSPHRASE_FILE, or give the payload as JSON.",
    });
}

function actorWithout({ user }: Shell, { as, passphraseStdin }: ApproverOptions): Actor {
  if (as !== undefined || passphraseStdin === true)
    throw new UsageError("no_passphrase", "no approver of this project has a passphrase", {
      fix: "Leave --as and --passphrase-stdin out, or make an approver with: kindling approvers add <name>",
    });
  return callingActor({ user });
}

/** Whoever calls, without a passphrase. */
export function callingActor({ user }: Pick<Shell, "user">): Actor {
  return { id: `cli:${user}`, assurance: "outOfBand" };
}

function approverMeant({ user }: Shell, approvers: readonly Approver[], { as }: ApproverOptions): Approver {
  const [first, ...more] = approvers;
  // Who is asked for the passphrase: of several the one who is called like the user of this machine.
  const found = as === undefined && more.length === 0 ? first : approvers.find(({ id }) => id === (as ?? user));
  if (found !== undefined) return found;
  const names = approvers.map(({ id }) => id).join(", ");
  if (as !== undefined)
    throw new InputError("approver_not_found", `"${as}" is no approver with a passphrase`, { fix: `Those who have one: ${names}` });
  throw new UsageError("which_approver", "several people may decide here", { fix: `Say who you are with --as: ${names}` });
}
