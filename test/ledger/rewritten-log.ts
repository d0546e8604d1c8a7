// The log of a ledger as somebody writes it who can make every checksum right: other words in it, and nothing beside it that says so.

import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { writeChecked } from "../../src/ledger/checked-json.ts";
import { ledgerFolder, segmentsIn } from "../../src/ledger/folder.ts";
import { chainOf, encodeLine, GENESIS, readLine } from "../../src/ledger/frame.ts";
import { realDisk } from "../../src/ledger/real-disk.ts";
import { isJsonObject, type JsonObject, parseJson } from "../../src/json.ts";

/** Changes facts of a closed ledger of one segment; the length of lines may change. */
export async function rewriteFacts(path: string, change: (fact: JsonObject) => JsonObject): Promise<void> {
  const folder = ledgerFolder(path);
  const [segment, ...more] = await segmentsIn(realDisk, folder);
  if (segment === undefined || more.length > 0) throw new RangeError("the ledger has one segment");
  const before = await readFile(segment.path);
  const parts: Buffer[] = [];
  let chain = GENESIS;
  let last = { position: 0, group: 0 };
  for (let at = 0; at < before.length; ) {
    const reading = readLine(before.subarray(at));
    if (reading.kind !== "line") throw new RangeError("the log was whole");
    const { line } = reading;
    at += line.bytes;
    const body = changed(line.body, change);
    chain = chainOf(chain, body);
    last = line;
    parts.push(encodeLine({ ...line, chain }, body));
  }
  const bytes = Buffer.concat(parts);
  await writeFile(segment.path, bytes);
  await writeChecked(realDisk, folder.witness, { bytes: bytes.length, chain, position: last.position, group: last.group });
  for (const name of await readdir(folder.index)) await rm(join(folder.index, name), { recursive: true });
}

function changed(text: string, change: (fact: JsonObject) => JsonObject): string {
  const body = parseJson(text);
  const facts: unknown = isJsonObject(body) ? body["facts"] : undefined;
  if (!Array.isArray(facts)) return text;
  // Facts of a log are objects.
  return JSON.stringify({ ...(body as JsonObject), facts: facts.map((fact) => change(fact as JsonObject)) });
}
