// Signatures as `ssh-keygen -Y sign` makes them (SSHSIG, version 1): read into their parts, and checked. Knows not what was signed, nor who owns a key.

import type { JsonWebKey, KeyObject } from "node:crypto";
import { publicKeyLine, readKeyBlob, type SshAlgorithm, type SshPublicKey, SshReader } from "../ssh-public-key.ts";
import { sshString } from "./ssh-bytes.ts";

/** What came of checking: the key that signed, as a line without a comment; or why it counts for nothing, to be read after "the signature". */
export type CheckedSignature =
  | { readonly ok: true; readonly key: SshPublicKey; readonly line: string }
  | { readonly ok: false; readonly reason: string };

/** Characters of a signature; one by a large RSA key has some 3,000. */
const TEXT_LIMIT = 16_000;
const HEADER = "-----BEGIN SSH SIGNATURE-----";
const FOOTER = "-----END SSH SIGNATURE-----";
const MAGIC = "SSHSIG";
const VERSION = 1;
const HASHES: ReadonlySet<string> = new Set(["sha256", "sha512"]);

/** The flag of a hardware key that somebody touched it. */
const TOUCHED = 0x01;

interface Parts {
  readonly key: SshPublicKey;
  readonly namespace: string;
  readonly hash: string;
  readonly made: Made;
}

/** The innermost part: what the key itself has made. */
interface Made {
  readonly format: string;
  readonly bytes: Buffer;
  /** Of hardware keys: flags and counter, as they were signed. */
  readonly device: Buffer | undefined;
}

/** Checks a signature, in its lines of text, over a message under a namespace. */
export function checkSshSignature(message: string, armored: string, namespace: string): CheckedSignature {
  const parts = readParts(armored);
  if (parts === undefined) return bad("is none that ssh-keygen -Y sign makes, or is damaged");
  if (parts.namespace !== namespace)
    return bad(`was made for the namespace ${JSON.stringify(parts.namespace.slice(0, 100))}, and not for ${namespace}`);
  const { key, made } = parts;
  if (!formatsOf(key.algorithm).includes(made.format)) return bad("is of another kind than its key");
  if (made.device !== undefined && ((made.device[0] ?? 0) & TOUCHED) === 0) return bad("was made by a hardware key that nobody touched");
  const digest = crypto().hash(parts.hash, Buffer.from(message), "buffer");
  const signed = signedBytes(namespace, parts.hash, digest);
  return verifies(key, made, signed) ? { ok: true, key, line: publicKeyLine(key) } : bad("does not belong to these words");
}

/** What a key signs in place of a message. */
export function signedBytes(namespace: string, hashName: string, digest: Buffer): Buffer {
  return Buffer.concat([Buffer.from(MAGIC), sshString(namespace), sshString(""), sshString(hashName), sshString(digest)]);
}

/** The lines of a signature. */
export function armoredSignature(key: SshPublicKey, namespace: string, hashName: string, made: Buffer): string {
  const version = Buffer.from([0, 0, 0, VERSION]);
  const fields = [key.blob, namespace, "", hashName, made].map(sshString);
  const text = Buffer.concat([Buffer.from(MAGIC), version, ...fields]).toString("base64");
  return `${HEADER}\n${text.replaceAll(/.{1,70}/g, "$&\n")}${FOOTER}\n`;
}

function readParts(armored: string): Parts | undefined {
  if (armored.length > TEXT_LIMIT) return undefined;
  const lines = armored.replace(/\r?\n$/, "").split(/\r?\n/);
  const text = lines.slice(1, -1).join("");
  const bytes = Buffer.from(text, "base64");
  // Base64 has several texts for the same bytes, and only one of them is taken.
  if (lines[0] !== HEADER || lines.at(-1) !== FOOTER || bytes.toString("base64") !== text) return undefined;
  const reader = new SshReader(bytes);
  if (reader.bytes(MAGIC.length)?.toString("latin1") !== MAGIC || reader.number() !== VERSION) return undefined;
  const [blob, namespace, reserved, hashName, made] = [reader.string(), reader.string(), reader.string(), reader.string(), reader.string()];
  if (blob === undefined || namespace === undefined || hashName === undefined || made === undefined || !reader.isAtEnd) return undefined;
  const key = readKeyBlob(blob);
  const inner = readMade(made);
  const hash = hashName.toString("latin1");
  return key === undefined || inner === undefined || reserved?.length !== 0 || !HASHES.has(hash)
    ? undefined
    : { key, namespace: namespace.toString("utf8"), hash, made: inner };
}

const DEVICE_BYTES = 5;

function readMade(bytes: Buffer): Made | undefined {
  const reader = new SshReader(bytes);
  const format = reader.string()?.toString("latin1");
  const inner = reader.string();
  if (format === undefined || inner === undefined) return undefined;
  const device = format.startsWith("sk-") ? reader.bytes(DEVICE_BYTES) : undefined;
  return reader.isAtEnd && (device !== undefined || !format.startsWith("sk-")) ? { format, bytes: inner, device } : undefined;
}

/** SHA-1 is not among them. */
function formatsOf(algorithm: SshAlgorithm): readonly string[] {
  return algorithm === "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [algorithm];
}

function verifies(key: SshPublicKey, { format, bytes, device }: Made, signed: Buffer): boolean {
  const { hash, verify } = crypto();
  const { application } = key.fields;
  const keyToCheck = keyObject(key);
  if (keyToCheck === undefined) return false;
  const message =
    device === undefined ? signed : Buffer.concat([hash("sha256", application ?? "", "buffer"), device, hash("sha256", signed, "buffer")]);
  const curve = key.fields["curve"]?.toString("latin1");
  if (curve !== undefined) {
    const { hashName, size } = CURVES[curve] ?? UNKNOWN_CURVE;
    const pair = pairOf(bytes, size);
    return pair !== undefined && verify(hashName, message, { key: keyToCheck, dsaEncoding: "ieee-p1363" }, pair);
  }
  const hashName = key.algorithm === "ssh-rsa" ? format.replace("rsa-sha2-", "sha") : null;
  return verify(hashName, message, keyToCheck, bytes);
}

interface Curve {
  readonly jwk: string;
  readonly hashName: string;
  /** Bytes of a number. */
  readonly size: number;
}

const UNKNOWN_CURVE: Curve = { jwk: "", hashName: "sha512", size: 0 };
const CURVES: Readonly<Record<string, Curve>> = {
  nistp256: { jwk: "P-256", hashName: "sha256", size: 32 },
  nistp384: { jwk: "P-384", hashName: "sha384", size: 48 },
  nistp521: { jwk: "P-521", hashName: "sha512", size: 66 },
};

/** The two numbers of an ECDSA signature, side by side; undefined where they are not in their shortest form, as SSH writes them. */
function pairOf(bytes: Buffer, size: number): Buffer | undefined {
  const reader = new SshReader(bytes);
  const numbers = [reader.string(), reader.string()].map((number) => padded(number, size));
  const [r, s] = numbers;
  return r === undefined || s === undefined || !reader.isAtEnd ? undefined : Buffer.concat([r, s]);
}

function padded(number: Buffer | undefined, size: number): Buffer | undefined {
  const [first = 0, second = 0] = number ?? [];
  if (number === undefined || first >= 0x80 || (first === 0 && second < 0x80)) return undefined;
  const bare = first === 0 ? number.subarray(1) : number;
  return bare.length > size ? undefined : Buffer.concat([Buffer.alloc(size - bare.length), bare]);
}

/** Undefined for numbers that are no key, such as a point beside its curve: nothing was ever signed with it. */
function keyObject({ algorithm, fields }: SshPublicKey): KeyObject | undefined {
  try {
    return crypto().createPublicKey({ key: jwkOf(algorithm, fields), format: "jwk" });
  } catch {
    return undefined;
  }
}

function jwkOf(algorithm: SshAlgorithm, { point, curve, modulus, exponent }: SshPublicKey["fields"]): JsonWebKey {
  const text = (bytes: Buffer | undefined) => (bytes ?? Buffer.alloc(0)).toString("base64url");
  if (algorithm === "ssh-rsa") return { kty: "RSA", n: text(modulus), e: text(exponent) };
  if (curve === undefined) return { kty: "OKP", crv: "Ed25519", x: text(point) };
  const { jwk, size } = CURVES[curve.toString("latin1")] ?? UNKNOWN_CURVE;
  return { kty: "EC", crv: jwk, x: text(point?.subarray(1, 1 + size)), y: text(point?.subarray(1 + size)) };
}

function bad(reason: string): CheckedSignature {
  return { ok: false, reason };
}

/** Loaded with the first signature: it costs some milliseconds that nobody else shall pay. */
function crypto(): typeof import("node:crypto") {
  return process.getBuiltinModule("node:crypto");
}
