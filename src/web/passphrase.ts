// Passphrases of approvers: made into a text that tells nobody what they are, and checked against it. Only such texts are ever kept. It knows no approver and no page.

import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { InputError } from "../index.ts";

/** How much a check costs whoever guesses: 64 MiB and about a quarter of a second. Source: OWASP Password Storage Cheat Sheet, the choice with two lanes. */
const COST = { ln: 16, r: 8, p: 2 } as const;
const SALT_BYTES = 16;
const KEY_BYTES = 32;
const SHORTEST = 12;
const LONGEST = 1_000;
/** What a kept text may ask for. Less is no protection, and more would stop the server that checks it. */
const BOUNDS = { ln: [14, 20], r: [8, 16], p: [1, 8] } as const;

/** A passphrase as it is kept: `$scrypt$ln=16,r=8,p=2$<salt>$<key>`, salt and key in base64 without padding. */
export interface KeptPassphrase {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/**
 * The text to keep for a passphrase: scrypt over its NFC form with a salt of its own, so that the same passphrase never gives the same text.
 *
 * @throws InputError `passphrase_unfit` for one shorter than 12 or longer than 1,000 characters, or with a line end
 * @example const kept = await hashPassphrase("correct horse battery staple"); // $scrypt$ln=16,r=8,p=2$…
 */
export async function hashPassphrase(passphrase: string): Promise<string> {
  const problem = problemOf(passphrase);
  if (problem !== undefined)
    throw new InputError("passphrase_unfit", `the passphrase ${problem}`, {
      fix: `Take ${SHORTEST} characters or more: four words will do.`,
    });
  const salt = randomBytes(SALT_BYTES);
  const key = await keyOf(passphrase, { ...COST, salt, length: KEY_BYTES });
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${unpadded(salt)}$${unpadded(key)}`;
}

/** Reads a kept text; undefined for one that is none, or whose cost is out of bounds. */
export function readPassphraseHash(text: string): KeptPassphrase | undefined {
  const [, ln = "", r = "", p = "", salt = "", key = ""] =
    /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{43})$/.exec(text) ?? [];
  const kept = { ln: Number(ln), r: Number(r), p: Number(p), salt: Buffer.from(salt, "base64"), key: Buffer.from(key, "base64") };
  const isBounded = (["ln", "r", "p"] as const).every((name) => kept[name] >= BOUNDS[name][0] && kept[name] <= BOUNDS[name][1]);
  return key !== "" && isBounded ? kept : undefined;
}

/** True for the passphrase that was kept. It takes as long for a wrong one. */
export async function isPassphrase(passphrase: string, kept: KeptPassphrase): Promise<boolean> {
  const given = passphrase.slice(0, LONGEST + 1);
  return timingSafeEqual(await keyOf(given, { ...kept, length: kept.key.byteLength }), kept.key);
}

/** A kept passphrase that nobody has: checked for names that are none, so that they take as long as others. */
export function nobodysPassphrase(): KeptPassphrase {
  return { ...COST, salt: randomBytes(SALT_BYTES), key: randomBytes(KEY_BYTES) };
}

function problemOf(passphrase: string): string | undefined {
  const { length } = passphrase;
  if (length < SHORTEST) return `has ${length} characters`;
  if (length > LONGEST) return `has ${length} characters, more than ${LONGEST}`;
  return /[\r\n]/.test(passphrase) ? "has a line end in it" : undefined;
}

interface Derivation {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly length: number;
}

function keyOf(passphrase: string, { ln, r, p, salt, length }: Derivation): Promise<Buffer> {
  const N = 2 ** ln;
  // The same letters typed on another keyboard may be other code points.
  const text = passphrase.normalize("NFC");
  return new Promise((resolve, reject) => {
    scrypt(text, salt, length, { N, r, p, maxmem: 256 * N * r }, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
