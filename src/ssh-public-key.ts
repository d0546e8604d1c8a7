// The public keys people have for SSH, as one line of text: read into their parts, without cryptography. Knows neither signatures nor who owns a key.

/** Algorithms that a decision may be signed with, and the fields of their keys after the name. */
const FIELDS = {
  "ssh-ed25519": ["point"],
  "sk-ssh-ed25519@openssh.com": ["point", "application"],
  "ecdsa-sha2-nistp256": ["curve", "point"],
  "ecdsa-sha2-nistp384": ["curve", "point"],
  "ecdsa-sha2-nistp521": ["curve", "point"],
  "sk-ecdsa-sha2-nistp256@openssh.com": ["curve", "point", "application"],
  "ssh-rsa": ["exponent", "modulus"],
} as const;

/** An algorithm of SSH keys; those that begin with `sk-` live in hardware that wants to be touched. */
export type SshAlgorithm = keyof typeof FIELDS;

/** A public key in its parts. */
export interface SshPublicKey {
  readonly algorithm: SshAlgorithm;
  /** The key as SSH sends it: what a signature names, and what two keys are compared by. */
  readonly blob: Buffer;
  /** Point of a curve, or the numbers of an RSA key, by name. */
  readonly fields: Readonly<Record<string, Buffer>>;
}

/** Why a text is no key; it never holds any of the text, which may be a private key. */
export interface NoKey {
  readonly message: string;
  readonly fix: string;
}

const LINE_LIMIT = 16_000;
const RSA_SHORTEST_BITS = 2_048;
const GIVE_A_LINE = 'Give the line of the .pub file: "ssh-ed25519 AAAA… comment".';

/** Reads `ssh-ed25519 AAAA… comment`. Its message goes on from the place: `is …`. */
export function readPublicKey(line: unknown): SshPublicKey | NoKey {
  if (typeof line !== "string") return no(`is ${line === null ? "null" : typeof line}, and no public key`);
  if (line.length > LINE_LIMIT) return no(`has ${line.length} characters, more than any public key`);
  if (/PRIVATE KEY/.test(line))
    return { message: "is a private key", fix: "Take it out of the file at once, and give the public one: ssh-keygen -y -f <file>." };
  const [name = "", text = ""] = line.trim().split(/[ \t]+/);
  if (/[\r\n]/.test(line.trim())) return no("has several lines, and a key is one");
  if (/-cert-v0\d@/.test(name)) return no("is a certificate, and no public key");
  const algorithm = known(name);
  if (algorithm === undefined)
    return /^[\w@.-]{1,64}$/.test(name) && text !== ""
      ? { message: `is of the kind "${name}", which is not taken`, fix: `One of ${Object.keys(FIELDS).join(", ")}.` }
      : no("is no public key of SSH");
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return no("is damaged: what follows the kind is no base64");
  const blob = Buffer.from(text, "base64");
  const key = readKeyBlob(blob);
  return key === undefined || key.algorithm !== algorithm ? no(`is damaged: it does not hold a key of the kind "${algorithm}"`) : fit(key);
}

/** A key as SSH sends it; undefined for anything else. */
export function readKeyBlob(blob: Buffer): SshPublicKey | undefined {
  const reader = new SshReader(blob);
  const algorithm = known(reader.string()?.toString("latin1") ?? "");
  if (algorithm === undefined) return undefined;
  const fields: Record<string, Buffer> = {};
  for (const name of FIELDS[algorithm]) {
    const field = reader.string();
    if (field === undefined) return undefined;
    fields[name] = field;
  }
  return reader.isAtEnd && hasRightForm(algorithm, fields) ? { algorithm, blob, fields } : undefined;
}

/** The line of a key, without a comment. */
export function publicKeyLine({ algorithm, blob }: SshPublicKey): string {
  return `${algorithm} ${blob.toString("base64")}`;
}

/** True for what is no key. */
export function isNoKey(read: SshPublicKey | NoKey): read is NoKey {
  return "fix" in read;
}

/** Reads fields that say their length first, as all of SSH does. What does not fit gives undefined. */
export class SshReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  string(): Buffer | undefined {
    const length = this.number();
    return length === undefined ? undefined : this.bytes(length);
  }

  number(): number | undefined {
    return this.bytes(4)?.readUInt32BE(0);
  }

  bytes(length: number): Buffer | undefined {
    if (length > this.#bytes.length - this.#at) return undefined;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

/** The bytes of an uncompressed point, by curve. */
const POINT_BYTES: Readonly<Record<string, number>> = { nistp256: 65, nistp384: 97, nistp521: 133 };
const ED25519_BYTES = 32;
const UNCOMPRESSED = 4;

function hasRightForm(algorithm: SshAlgorithm, { point, curve, modulus, exponent }: Readonly<Record<string, Buffer>>): boolean {
  if (algorithm === "ssh-rsa") return isPositive(modulus) && isPositive(exponent);
  if (curve === undefined) return point?.length === ED25519_BYTES;
  const name = curve.toString("latin1");
  return algorithm.includes(`-${name}`) && point !== undefined && point.length === POINT_BYTES[name] && point[0] === UNCOMPRESSED;
}

/** A number above 0 in its shortest form. */
function isPositive(number: Buffer | undefined): boolean {
  const [first = 0, second = 0] = number ?? [];
  return number !== undefined && (first === 0 ? second >= 0x80 : first < 0x80);
}

function fit(key: SshPublicKey): SshPublicKey | NoKey {
  const { modulus } = key.fields;
  const [first = 0] = modulus ?? [];
  const bits = modulus === undefined ? undefined : (first === 0 ? modulus.length - 1 : modulus.length) * 8;
  return bits !== undefined && bits < RSA_SHORTEST_BITS
    ? {
        message: `is an RSA key of ${bits} bits`,
        fix: `Use one of ${RSA_SHORTEST_BITS} bits or more, or an Ed25519 key: ssh-keygen -t ed25519.`,
      }
    : key;
}

function known(name: string): SshAlgorithm | undefined {
  // A key of the table, as was just seen.
  return Object.hasOwn(FIELDS, name) ? (name as SshAlgorithm) : undefined;
}

function no(message: string): NoKey {
  return { message, fix: GIVE_A_LINE };
}
