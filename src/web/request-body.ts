// What is in a request's body: of the right type and within the limit; JSON of the form that a call takes, or what a form of a page sends.

import type * as z from "zod";
import { Refusal } from "./refusal.ts";

/** A body is not longer than this. */
export const BODY_LIMIT_BYTES = 4 * 1024 * 1024;

/** Reads the body. Throws a `Refusal`: 400, 413 or 415. */
export async function readBody<S extends z.ZodObject>(request: Request, schema: S): Promise<z.infer<S>> {
  const type = typeOf(request);
  if (type !== "application/json")
    throw new Refusal(415, "not_json", `the content type is ${type ?? "not given"}`, "Send content-type: application/json.");
  const checked = schema.safeParse(parse(await readText(request, BODY_LIMIT_BYTES)));
  if (checked.success) return checked.data;
  const issues = checked.error.issues.map(({ path, message }) => ({ at: path.length === 0 ? "body" : path.join("."), message }));
  throw new Refusal(
    400,
    "bad_request",
    issues.map(({ at, message }) => `${at}: ${message}`).join("; "),
    `Send an object with ${Object.keys(schema.shape).join(", ")}.`,
    { issues },
  );
}

/** Reads what a form of a page sends. Throws a `Refusal`: 400, 413 or 415. */
export async function readForm(request: Request, limitBytes: number): Promise<URLSearchParams> {
  if (typeOf(request) !== "application/x-www-form-urlencoded")
    throw new Refusal(415, "not_a_form", "what came is no form", "Send it from the page.");
  const text = await readText(request, limitBytes);
  try {
    decodeURIComponent(text);
  } catch {
    throw new Refusal(400, "bad_request", "what came is no text", "Send it from the page.");
  }
  return new URLSearchParams(text);
}

function typeOf({ headers }: Request): string | undefined {
  return headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
}

async function readText({ headers, body }: Request, limitBytes: number): Promise<string> {
  if (Number(headers.get("content-length") ?? 0) > limitBytes) throw tooLarge(limitBytes);
  if (body === null) return "";
  const chunks: Uint8Array[] = [];
  let length = 0;
  // A body is a stream of bytes, which its declared type leaves open.
  for await (const chunk of body as ReadableStream<Uint8Array>) {
    length += chunk.byteLength;
    if (length > limitBytes) throw tooLarge(limitBytes);
    chunks.push(chunk);
  }
  return decoded(Buffer.concat(chunks, length));
}

/** Bytes that are no text are refused, since the characters put in their place would be recorded. */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new Refusal(400, "bad_request", "the body is not UTF-8", "Send it in UTF-8.");
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's words are about characters; whoever made the body looks at the body.
    throw new Refusal(400, "bad_request", "the body is no JSON", "Send a JSON object.");
  }
}

function tooLarge(limitBytes: number): Refusal {
  return new Refusal(413, "too_large", `the body is longer than ${limitBytes} bytes`, "Send less; give large things by reference.");
}
