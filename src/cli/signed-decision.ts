// Decisions that are signed: `approve`, `reject` and `deliver` with --statement print the words to sign, with --sign they have them signed, with --signature they take a
// signature that was made elsewhere. Who signed, and whether that decides, the core says.

import {
  type AwaitDetail,
  type DecisionSignature,
  type Duration,
  InputError,
  type JsonObject,
  type JsonValue,
  type Statement,
} from "../index.ts";
import type { Answer } from "./answer.ts";
import { deliverAndFollow } from "./delivery.ts";
import { readGiven } from "./given-file.ts";
import { UsageError } from "./problem.ts";
import type { GlobalOptions, Project } from "./project.ts";
import type { FullOption } from "./runs.ts";
import type { Shell } from "./shell.ts";
import { signingCommand, signWithKey } from "./ssh-keygen.ts";
import { visible } from "./view/visible.ts";

/** What commands that decide take for signed decisions. */
export interface SigningOptions {
  /** Id of the approver who signs. */
  readonly as?: string;
  readonly passphraseStdin?: boolean;
  readonly statement?: boolean;
  readonly sign?: string;
  readonly signature?: string;
  readonly validFor?: string;
}

/** A decision that was made and is not delivered yet. */
export interface MadeDecision {
  /** The command that makes the same decision again. */
  readonly again: string;
  readonly detail: AwaitDetail;
  readonly schema: JsonObject;
  readonly payload: JsonValue;
}

const SIGNATURE_ENDING = ".sig";

/** True where a decision is to be signed, one way or another. @throws UsageError `bad_option` for ways that do not go together */
export function isSigned({ statement, sign, signature, validFor, passphraseStdin }: SigningOptions): boolean {
  const ways = [
    statement === true ? "--statement" : [],
    sign === undefined ? [] : "--sign",
    signature === undefined ? [] : "--signature",
  ].flat();
  if (ways.length > 1)
    throw new UsageError("bad_option", `${ways.join(" and ")} do not go together`, {
      fix: "--statement prints what is to be signed, --sign signs it, --signature takes what was signed: give one.",
    });
  const [way] = ways;
  if (passphraseStdin === true && way !== undefined)
    throw new UsageError("bad_option", `--passphrase-stdin is for decisions without a signature, and ${way} is for those with one`, {
      fix: "Leave --passphrase-stdin out: ssh-keygen asks for what the key needs.",
    });
  if (validFor !== undefined && (ways.length === 0 || signature !== undefined))
    throw new UsageError("bad_option", "--valid-for says how long words that are made now may be delivered", {
      fix: "Give it with --statement or --sign.",
    });
  return ways.length > 0;
}

/** Prints the words of a decision, or delivers it signed. @throws InputError, ConfigError, UsageError */
export async function decideSigned(
  shell: Shell,
  project: Project,
  made: MadeDecision,
  options: GlobalOptions & FullOption & SigningOptions,
): Promise<Answer> {
  if (options.signature !== undefined) {
    const signature = await finishedSignature(shell, options.signature);
    return deliverSigned(shell, project, made, signature, options);
  }
  const statement = await project.kindling.statement({
    run: made.detail.run,
    path: made.detail.path,
    payload: made.payload,
    approver: signerOf(project, options),
    // Whether it is a duration, the core says.
    ...(options.validFor === undefined ? {} : { validFor: options.validFor as Duration }),
  });
  if (options.sign === undefined) return wordsOf(shell, made, statement, options);
  const signature = await signWithKey(shell, options.sign, statement.text);
  return deliverSigned(shell, project, { ...made, payload: statement.payload }, { statement: statement.text, signature }, options);
}

function deliverSigned(
  shell: Shell,
  project: Project,
  { detail: { event, run, path, shown }, schema, payload }: MadeDecision,
  signature: DecisionSignature,
  options: GlobalOptions & FullOption,
): Promise<Answer> {
  return deliverAndFollow(shell, project, { event, run, path, payload, shown, signature }, options, schema);
}

/** The words alone on standard output, byte for byte as they are signed; what to do with them beside it. */
async function wordsOf(
  shell: Shell,
  { again }: MadeDecision,
  { text, payload, expires }: Statement,
  { json }: GlobalOptions,
): Promise<Answer> {
  const until = new Date(expires).toISOString();
  const next = `${again} --signature <file>${SIGNATURE_ENDING}`;
  if (json !== true)
    await shell.err.write(
      `keep these words in a file, sign it, and deliver both before ${until}:\n  ${signingCommand("<file>")}\n  ${next}\n`,
    );
  return { ok: true, result: { statement: text, payload, expires }, lines: [text.replace(/\n$/, "")] };
}

/** What `ssh-keygen -Y sign` has left: the signature, and beside it the file that was signed. */
async function finishedSignature(shell: Shell, file: string): Promise<DecisionSignature> {
  if (!file.endsWith(SIGNATURE_ENDING) || file.length === SIGNATURE_ENDING.length)
    throw new UsageError(
      "bad_option",
      `--signature ${visible(file)} does not end in ${SIGNATURE_ENDING}, so the words it is about cannot be found beside it`,
      {
        fix: `Give the file that ssh-keygen wrote; what was signed stands beside it, without ${SIGNATURE_ENDING}.`,
      },
    );
  return { statement: await readGiven(shell, file.slice(0, -SIGNATURE_ENDING.length)), signature: await readGiven(shell, file) };
}

/** Who signs: the one who was named, or the only one who has a key. */
function signerOf({ kindling }: Project, { as }: SigningOptions): string {
  if (as !== undefined) return as;
  const [only, ...more] = kindling.approvers.filter(({ hasKey }) => hasKey);
  if (only !== undefined && more.length === 0) return only.id;
  if (only === undefined)
    throw new InputError("approver_unknown", "no approver of this project has a key", {
      fix: 'Name one in the config: approvers: [{ id: "ada", key: "ssh-ed25519 AAAA…" }], with the line of the .pub file.',
    });
  throw new UsageError("which_approver", "several people may sign here", {
    fix: `Say who you are with --as: ${[only, ...more].map(({ id }) => id).join(", ")}`,
  });
}
