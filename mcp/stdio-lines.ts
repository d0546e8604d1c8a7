// What arrives at standard input, line by line: only messages go on to the SDK, which drops other lines without a word and hangs up on a long one. Here they are
// answered, and the connection stays. Knows nothing of what messages ask.

import { type Readable, Transform, type TransformCallback, type Writable } from "node:stream";
import { parseJSONRPCMessage } from "@modelcontextprotocol/server";
import * as z from "zod";

/** Bytes of one line, as of one body over HTTP. */
const LINE_LIMIT_BYTES = 1024 * 1024;
const NEW_LINE = 0x0a;

/** The lines of an input that are messages. */
export interface MessageInput {
  readonly lines: Readable;
  /** Lets go of the input, which others may read from then on. */
  readonly release: () => void;
}

/** Reads an input; what is wrong with a line is said at the output. */
export function messageInput(input: Readable, output: Writable): MessageInput {
  const lines = new MessageLines(output);
  // An input that breaks off has ended.
  const end = () => lines.end();
  input.once("error", end).once("close", end).pipe(lines);
  return {
    lines,
    release: () => {
      input.off("error", end).off("close", end).unpipe(lines).pause();
    },
  };
}

class MessageLines extends Transform {
  readonly #output: Writable;
  /** Of the line that is not over yet; undefined once it is too long. */
  #begun: Uint8Array[] | undefined = [];
  #length = 0;

  constructor(output: Writable) {
    super();
    this.#output = output;
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    let from = 0;
    for (let at = chunk.indexOf(NEW_LINE); at !== -1; at = chunk.indexOf(NEW_LINE, from)) {
      this.#take(chunk.subarray(from, at));
      this.#endLine();
      from = at + 1;
    }
    this.#take(chunk.subarray(from));
    done();
  }

  #take(part: Uint8Array): void {
    this.#length += part.byteLength;
    if (this.#length > LINE_LIMIT_BYTES) this.#begun = undefined;
    else this.#begun?.push(part);
  }

  #endLine(): void {
    const line = this.#begun === undefined ? undefined : Buffer.concat(this.#begun, this.#length);
    this.#begun = [];
    this.#length = 0;
    if (line !== undefined && isBlank(line)) return;
    const fault = line === undefined ? TOO_LONG : faultIn(line);
    if (fault !== undefined) this.#output.write(`${JSON.stringify({ jsonrpc: "2.0", ...fault })}\n`);
    else if (line !== undefined) this.push(Buffer.concat([line, Uint8Array.of(NEW_LINE)]));
  }
}

/** Nobody says anything by it, and some ends of lines are two characters. */
function isBlank(line: Uint8Array): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

interface LineFault {
  /** Left out where the line does not say which request it is. */
  readonly id?: string | number;
  readonly error: { readonly code: number; readonly message: string };
}

const TOO_LONG: LineFault = { error: { code: -32_600, message: `The line is longer than ${LINE_LIMIT_BYTES} bytes. Send less.` } };
const NO_JSON: LineFault = { error: { code: -32_700, message: "The line is no JSON. Send one JSON-RPC message on each line." } };
const NO_MESSAGE = {
  code: -32_600,
  message: "The line is no JSON-RPC message. Send one on each line, with jsonrpc, id, method and params.",
};

/** Of a request only: the id of a reply is one of our own. */
const Asking = z.object({ id: z.union([z.string(), z.int()]), method: z.unknown().refine((method) => method !== undefined) });

function faultIn(line: Uint8Array): LineFault | undefined {
  const value = jsonOf(line);
  if (value === undefined) return NO_JSON;
  try {
    parseJSONRPCMessage(value);
    return undefined;
  } catch {
    // What is wrong in detail is the client's to find out: the SDK's words are a list for programmers.
    const asking = Asking.safeParse(value);
    return { ...(asking.success ? { id: asking.data.id } : {}), error: NO_MESSAGE };
  }
}

function jsonOf(line: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(line));
    return value;
  } catch {
    return undefined;
  }
}
