// Keys for statements: the private one signs and lies outside the ledger's folder, the public one is given to whoever checks. Ed25519 only.

import { createPrivateKey, createPublicKey, hash, type KeyObject, sign, verify } from "node:crypto";
import { LedgerError } from "../errors.ts";
import { KEY_COMMAND_TIMEOUT_MS, type KeySource } from "./key-source.ts";
import { type KeyWorld, realKeyWorld } from "./key-world.ts";
import { type Seal, signedText, type Statement } from "./seal.ts";

/** Signs statements. */
export interface Signer {
  /** Names the key: in every seal, and where public keys are looked up. */
  readonly key: string;
  sign(statement: Statement): Seal;
}

/** Public keys by their names. */
export type PublicKeys = ReadonlyMap<string, KeyObject>;

/** What a look at a signature gives. */
export type SignatureCheck = "unsigned" | "good" | "bad" | "unknown key";

/**
 * Reads the private key, PEM (PKCS #8), from a variable, a command or a file; nothing of it is ever shown.
 * @throws LedgerError `signing_key_missing`, `signing_key_invalid`
 */
export async function readSigner(source: KeySource, world: KeyWorld = realKeyWorld): Promise<Signer> {
  const { place, text } = await textOf(source, world);
  const privateKey = parsePrivate(text);
  if (privateKey?.asymmetricKeyType !== "ed25519") throw keyInvalid(place, "no Ed25519 private key in PEM", MAKE_KEY);
  const key = keyId(createPublicKey(privateKey));
  return {
    key,
    sign: (statement) => {
      const value = sign(null, Buffer.from(signedText(statement)), privateKey).toString("base64url");
      return { ...statement, signature: { key, value } };
    },
  };
}

/** Reads public keys, PEM, one or several after another. @throws LedgerError `signing_key_invalid` */
export function readPublicKeys(text: string, place: string): PublicKeys {
  const blocks = text.match(/-----BEGIN PUBLIC KEY-----[\s\S]*?-----END PUBLIC KEY-----/g) ?? [];
  const keys = blocks.map(parsePublic);
  const isUsable = keys.length > 0 && keys.every((each) => each?.asymmetricKeyType === "ed25519");
  if (!isUsable) throw keyInvalid(place, "no Ed25519 public key in PEM", "Make it from the private one: openssl pkey -in <file> -pubout");
  return new Map(keys.flatMap((each) => (each === undefined ? [] : [[keyId(each), each]])));
}

/** Looks at the signature of a statement. */
export function checkSignature(seal: Seal, keys: PublicKeys): SignatureCheck {
  const { signature } = seal;
  if (signature === undefined) return "unsigned";
  const key = keys.get(signature.key);
  if (key === undefined) return "unknown key";
  const value = Buffer.from(signature.value, "base64url");
  // Base64 has several texts for some bytes; only the one that was written is right.
  const isGood = value.toString("base64url") === signature.value && verify(null, Buffer.from(signedText(seal)), key, value);
  return isGood ? "good" : "bad";
}

/** 22 characters that name a public key. */
export function keyId(key: KeyObject): string {
  return hash("sha256", key.export({ type: "spki", format: "der" }), "buffer")
    .subarray(0, KEY_ID_BYTES)
    .toString("base64url");
}

const KEY_ID_BYTES = 16;
const MAKE_KEY = "Make one outside the ledger's folder: openssl genpkey -algorithm ed25519 -out <file>; chmod 600 <file>";

interface KeyText {
  /** Where it was looked for, for people. Of a command only the program: its arguments may hold what nobody should read. */
  readonly place: string;
  readonly text: string;
}

async function textOf(source: KeySource, world: KeyWorld): Promise<KeyText> {
  if ("env" in source) {
    const place = `the environment variable ${source.env}`;
    const text = world.env[source.env];
    if (text === undefined || text.trim() === "") throw keyMissing(place, "it is not set or empty");
    return { place, text };
  }
  if ("file" in source) return { place: `the file ${source.file}`, text: await privateFile(source.file, world) };
  const [program = "", ...parameters] = source.command;
  const place = `the command ${program}`;
  const outcome = await world.run(program, parameters, KEY_COMMAND_TIMEOUT_MS);
  if (outcome.kind === "failed") throw keyMissing(place, outcome.reason);
  return { place, text: outcome.text };
}

/** The file must be one that nobody but its owner can read, as with every key. */
async function privateFile(path: string, world: KeyWorld): Promise<string> {
  try {
    return await world.readPrivateFile(path);
  } catch (cause) {
    if (!(cause instanceof LedgerError)) throw cause;
    const reason = cause.code === "ledger_key_exposed" ? "others can read or write it" : "it cannot be read";
    throw keyMissing(`the file ${path}`, reason, cause.fix, cause);
  }
}

function parsePrivate(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch (error) {
    // Its message may quote what was given.
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function parsePublic(text: string): KeyObject | undefined {
  try {
    return createPublicKey(text);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}

function keyMissing(place: string, reason: string, fix = MAKE_KEY, cause?: unknown): LedgerError {
  return new LedgerError("signing_key_missing", `The signing key is not to be had from ${place}: ${reason}.`, { fix, cause });
}

function keyInvalid(place: string, reason: string, fix: string): LedgerError {
  return new LedgerError("signing_key_invalid", `In ${place} there is ${reason}.`, { fix });
}
