// `approvers add`: makes the entry of a person who decides gates with a passphrase, for the config file. The passphrase itself is written nowhere.

import { type Approver, approversProblem } from "../../index.ts";
import { hashPassphrase } from "../../web/passphrase.ts";
import type { Answer } from "../answer.ts";
import { isTyped, type PassphraseOptions, readPassphrase } from "../passphrase.ts";
import { UsageError } from "../problem.ts";
import type { GlobalOptions } from "../project.ts";
import type { Shell } from "../shell.ts";

/** What `approvers` takes. */
export interface ApproversOptions extends GlobalOptions, PassphraseOptions {
  readonly role?: readonly string[];
}

/** Makes an entry. @throws UsageError `unknown_act`, `bad_approver`, `not_the_same`; InputError `passphrase_unfit` */
export async function approvers(shell: Shell, act: string, id: string, options: ApproversOptions): Promise<Answer> {
  if (act !== "add") throw new UsageError("unknown_act", `approvers ${act} is nothing`, { fix: `${shell.program} approvers add <name>` });
  const roles = options.role === undefined ? {} : { roles: options.role };
  const problem = approversProblem([{ id, ...roles }]);
  if (problem !== undefined) throw new UsageError("bad_approver", problem.message.replace("approvers[0].id", "the name"), problem);
  const approver: Approver = { id, ...roles, passphrase: await hashPassphrase(await newPassphrase(shell, id, options)) };
  const { paint } = shell.out;
  return {
    ok: true,
    result: { approver },
    lines: [
      `${paint("good", "✓")} put this into approvers of kindling.config.ts; the passphrase is kept nowhere`,
      "",
      `  approvers: [${entryText(approver)}],`,
      "",
      `then ${paint("strong", `${shell.program} serve`)} shows the page, and approve and reject ask for the passphrase`,
    ],
  };
}

async function newPassphrase(shell: Shell, id: string, options: PassphraseOptions): Promise<string> {
  const again = `${shell.program} approvers add ${id}`;
  const passphrase = await readPassphrase(shell, options, { question: `Passphrase for ${id}: `, again });
  if (isTyped(shell, options) && (await readPassphrase(shell, options, { question: "The same again: ", again })) !== passphrase)
    throw new UsageError("not_the_same", "the two were not the same", { fix: `Nothing was made: ${again}` });
  return passphrase;
}

/** The entry as it stands in the config: a hash has no character that a text of TypeScript would take for something else. */
function entryText({ id, roles, passphrase }: Approver): string {
  const members = [`id: ${JSON.stringify(id)}`, ...(roles === undefined ? [] : [`roles: ${JSON.stringify(roles)}`])];
  return `{ ${[...members, `passphrase: ${JSON.stringify(passphrase)}`].join(", ")} }`;
}
