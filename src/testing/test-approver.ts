// Approvers for tests: their keys are made in this process and end with it, so nothing they sign counts anywhere else.

import { generateKeyPairSync, hash, type KeyObject, sign } from "node:crypto";
import {
  type Actor,
  type Approver,
  type DecisionSignature,
  type Delivery,
  type DeliverRequest,
  InputError,
  type Kindling,
} from "../index.ts";
import { publicKeyLine, readKeyBlob, type SshPublicKey } from "../ssh-public-key.ts";
import { BugError } from "../errors.ts";
import { DECISION_NAMESPACE } from "../signing/decision-statement.ts";
import { sshString } from "../signing/ssh-bytes.ts";
import { armoredSignature, signedBytes } from "../signing/ssh-signature.ts";

/** Who answers gates in tests unless somebody else is named. */
export const TEST_PERSON = "test-person";

interface TestKey {
  readonly publicKey: SshPublicKey;
  readonly privateKey: KeyObject;
}

const keys = new Map<string, TestKey>();

/**
 * An approver whose signed decisions a test can make: `runToEnd` does, and `testSignature`. The same id has the same key within this process, and another one in every other.
 *
 * @example const kindling = await createRuntime({ contracts, ledger: memoryLedger(), approvers: [testApprover({ roles: ["editor"] })] });
 */
export function testApprover({ id = TEST_PERSON, ...more }: Partial<Omit<Approver, "key">> = {}): Approver {
  return { id, ...more, key: publicKeyLine(keyOf(id).publicKey) };
}

/**
 * Signs a decision as an approver that `testApprover` made.
 *
 * @example const { text } = await kindling.statement({ run: run.id, payload, approver: ada.id });
 * await kindling.deliver({ event, run: run.id, payload, signature: testSignature(ada, text) });
 */
export function testSignature({ id }: Pick<Approver, "id">, statement: string): DecisionSignature {
  const { publicKey, privateKey } = keyOf(id);
  const signed = signedBytes(DECISION_NAMESPACE, "sha512", hash("sha512", statement, "buffer"));
  const made = Buffer.concat([sshString(publicKey.algorithm), sshString(sign(null, signed, privateKey))]);
  return { statement, signature: armoredSignature(publicKey, DECISION_NAMESPACE, "sha512", made) };
}

/** Delivers to an open await as somebody; where that is somebody who signs, with a signature made for it. */
export async function deliverAs(
  kindling: Kindling,
  request: DeliverRequest & { readonly run: string; readonly path: string },
  actor: Actor,
): Promise<Delivery> {
  if (actor.assurance !== "signed") return kindling.deliver({ ...request, actor });
  try {
    const { run, path, payload } = request;
    const statement = await kindling.statement({ run, path, payload, approver: actor.id });
    return await kindling.deliver({ ...request, payload: statement.payload, signature: testSignature(actor, statement.text) });
  } catch (error) {
    if (error instanceof InputError) return refusalFor(error);
    throw error;
  }
}

/** What nobody could make up words for would have been refused as well. */
function refusalFor({ code, message, fix = "" }: InputError): Delivery {
  const known = REFUSALS[code];
  return known === undefined
    ? { status: "refused", code: "invalid_payload", message: `${code}: ${message}`, fix }
    : {
        status: "refused",
        code: known,
        message,
        fix: known === "approver_unknown" ? "createRuntime({ approvers: [testApprover()] }) knows it." : fix,
      };
}

const REFUSALS: Readonly<Record<string, "approver_unknown" | "already_decided" | "run_not_found" | "invalid_payload">> = {
  approver_unknown: "approver_unknown",
  invalid_payload: "invalid_payload",
  not_awaiting: "already_decided",
  run_not_found: "run_not_found",
};

function keyOf(id: string): TestKey {
  const known = keys.get(id);
  if (known !== undefined) return known;
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const point = Buffer.from(publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const read = readKeyBlob(Buffer.concat([sshString("ssh-ed25519"), sshString(point)]));
  if (read === undefined) throw new BugError("a key that was just made cannot be read");
  const made = { publicKey: read, privateKey };
  keys.set(id, made);
  return made;
}
