// How one commit stands in the log: a line of JSON with a fixed-width prefix that makes damage visible. Knows bytes; no files, no meaning of the body.
//
//   ["LLLLLLLL","CCCCCCCC","SSSSSSSSSSSS","GGGGGGGGGG","E","<43 characters>",{…}]\n
//
//   L  bytes of the body, hexadecimal            G  sync group, hexadecimal: +1 with every sync
//   C  CRC-32 of everything from S to the body   E  on the last line of its group, `-` on the others
//   S  position, decimal: +1 with every line     then the chain: base64url(sha256(previous chain + body))

import { hash } from "node:crypto";
import { crc32 } from "node:zlib";

/** The chain before the first line of a log. */
export const GENESIS = "A".repeat(43);

/** A body over this is refused before it is queued; a length field over it is damage. */
export const BODY_LIMIT_BYTES = 8 * 1024 * 1024;

/** Bytes before the body. */
export const PREFIX_BYTES = 101;

/** What a line begins with: the place to look for one after bad bytes. A body cannot imitate a whole line, since JSON text has no newline. */
export const LINE_START = '["';

/** What the prefix says about a line. */
export interface LineMark {
  readonly position: number;
  readonly group: number;
  /** True on the last line of its sync group. */
  readonly ends: boolean;
  readonly chain: string;
}

/** A whole line with a right checksum, found at the start of some bytes. */
export interface Line extends LineMark {
  readonly body: string;
  /** Bytes of the line, newline included. */
  readonly bytes: number;
}

/** The bytes hold a line, or hold none, or are too few to tell. */
export type LineReading =
  | { readonly kind: "line"; readonly line: Line }
  | { readonly kind: "short"; readonly needsBytes: number }
  | { readonly kind: "bad" };

/** The chain after a body. */
export function chainOf(previous: string, body: string): string {
  return hash("sha256", previous + body, "base64url");
}

/** Writes a line. `mark.chain` is the chain of this line, made by `chainOf`. */
export function encodeLine(mark: LineMark, body: string): Buffer {
  const bodyBytes = Buffer.byteLength(body);
  const line = Buffer.allocUnsafe(bodyBytes + FRAME_BYTES);
  line.write(body, PREFIX_BYTES, "utf8");
  frame(line, 0, mark, bodyBytes);
  return line;
}

/** A line among others: its body and the bytes of that. */
export interface LineBody {
  readonly body: string;
  readonly bodyBytes: number;
}

/** The lines of a sync group behind a line of the log, in one piece of memory; where each begins, and the chain of the last. */
export function encodeGroup(
  bodies: readonly LineBody[],
  after: Omit<LineMark, "ends">,
): { readonly bytes: Buffer; readonly starts: readonly number[]; readonly chain: string } {
  const bytes = Buffer.allocUnsafe(bodies.reduce((sum, { bodyBytes }) => sum + bodyBytes + FRAME_BYTES, 0));
  const starts: number[] = [];
  const group = after.group + 1;
  let { position, chain } = after;
  let start = 0;
  for (const { body, bodyBytes } of bodies) {
    position += 1;
    starts.push(start);
    bytes.write(body, start + PREFIX_BYTES, "utf8");
    // What the chain is made of stands side by side for a moment: the chain before, where the prefix will be, and the body.
    const from = start + PREFIX_BYTES - CHAIN_BYTES;
    bytes.write(chain, from, "latin1");
    chain = hash("sha256", bytes.subarray(from, start + PREFIX_BYTES + bodyBytes), "base64url");
    frame(bytes, start, { position, group, ends: starts.length === bodies.length, chain }, bodyBytes);
    start += bodyBytes + FRAME_BYTES;
  }
  return { bytes, starts, chain };
}

/** Writes what stands around a body that is in its place already. */
function frame(into: Buffer, start: number, { position, group, ends, chain }: LineMark, bodyBytes: number): void {
  const end = start + PREFIX_BYTES + bodyBytes;
  const place = String(position).padStart(12, "0");
  into.write(`["${hex(bodyBytes, 8)}","00000000","${place}","${hex(group, 10)}","${ends ? "E" : "-"}","${chain}",`, start, "latin1");
  into.write(TRAILER, end, "latin1");
  into.write(hex(crc32(into.subarray(start + COVERED_AT, end)), 8), start + CRC_AT, "latin1");
}

/** The chain that a line says it has, from its prefix; `undefined` when there is less. */
export function chainIn(prefix: Buffer): string | undefined {
  return prefix.length < PREFIX_BYTES ? undefined : prefix.toString("latin1", CHAIN_AT, CHAIN_AT + CHAIN_BYTES);
}

/** The bytes that a line says it has, from its first twelve; 0 when they are no beginning of a line. */
export function lineBytes(start: Buffer): number {
  const bodyBytes = digits(start, LENGTH_AT, 8, 16);
  return bodyBytes < 2 || bodyBytes > BODY_LIMIT_BYTES ? 0 : bodyBytes + FRAME_BYTES;
}

/** Reads the line that starts at the first byte. Whether it belongs there (position, group, chain) is the scan's question. */
export function readLine(bytes: Buffer): LineReading {
  if (bytes.length < PREFIX_BYTES) return { kind: "short", needsBytes: PREFIX_BYTES };
  // The checksum covers only what follows it, so every byte before is compared here. A first version that did not accepted one bit flip in sixty.
  if (!FIXED_BYTES.every(([at, byte]) => bytes[at] === byte)) return BAD;
  const bodyBytes = digits(bytes, LENGTH_AT, 8, 16);
  if (bodyBytes < 2 || bodyBytes > BODY_LIMIT_BYTES) return BAD;
  const end = PREFIX_BYTES + bodyBytes;
  const lineBytes = end + TRAILER.length;
  if (bytes.length < lineBytes) return { kind: "short", needsBytes: lineBytes };
  if (bytes[end] !== CLOSING_BRACKET || bytes[end + 1] !== NEWLINE) return BAD;
  if (crc32(bytes.subarray(COVERED_AT, end)) !== digits(bytes, CRC_AT, 8, 16)) return BAD;
  return {
    kind: "line",
    line: {
      position: digits(bytes, COVERED_AT, 12, 10),
      group: digits(bytes, GROUP_AT, 10, 16),
      ends: bytes[MARK_AT] === CAPITAL_E,
      chain: bytes.toString("latin1", CHAIN_AT, CHAIN_AT + 43),
      body: bytes.toString("utf8", PREFIX_BYTES, end),
      bytes: lineBytes,
    },
  };
}

const LENGTH_AT = 2;
const CRC_AT = 13;
const COVERED_AT = 24;
const GROUP_AT = 39;
const MARK_AT = 52;
const CHAIN_AT = 56;
/** Characters of a chain. */
export const CHAIN_BYTES = 43;
const TRAILER = "]\n";
/** Bytes of a line besides its body. */
const FRAME_BYTES = PREFIX_BYTES + TRAILER.length;
const CLOSING_BRACKET = 0x5d;
const NEWLINE = 0x0a;
const CAPITAL_E = 0x45;
const BAD: LineReading = { kind: "bad" };

/** The punctuation before the covered part, as [offset, byte]. */
const FIXED_BYTES: readonly (readonly [number, number])[] = [0, 1, 10, 11, 12, 21, 22, 23].map((at) => [
  at,
  '["xxxxxxxx","xxxxxxxx","'.charCodeAt(at),
]);

/** Value of a digit by its byte: `0-9a-f`, lower case only, so that no two texts mean the same number. */
const DIGIT_VALUES = new Int8Array(256).fill(-1);
for (const [value, digit] of Array.from("0123456789abcdef").entries()) DIGIT_VALUES[digit.charCodeAt(0)] = value;

/** The number written in `count` digits, or -1 when one of them is none. */
function digits(bytes: Buffer, at: number, count: number, base: 10 | 16): number {
  let value = 0;
  for (let index = at; index < at + count; index++) {
    const digit = DIGIT_VALUES[bytes[index] ?? 0] ?? -1;
    if (digit < 0 || digit >= base) return -1;
    value = value * base + digit;
  }
  return value;
}

function hex(value: number, width: number): string {
  return value.toString(16).padStart(width, "0");
}
