// `store import`: takes an export of facts of another ledger in; without one, how far facts of which ledgers were taken.

import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { type FactImport, type ImportFactsReport, InputError } from "../../../index.ts";
import type { Answer } from "../../answer.ts";
import { UsageError } from "../../problem.ts";
import type { GlobalOptions } from "../../project.ts";
import { withProject } from "../../runs.ts";
import { withStores } from "../../stores.ts";
import type { Shell } from "../../shell.ts";
import { ago } from "../../view/moment.ts";
import { counted, table } from "../../view/text.ts";
import { visible, visibleCopy } from "../../view/visible.ts";

/** What `store import` takes. */
export interface StoreImportOptions extends GlobalOptions {
  readonly dryRun?: boolean;
}

/** Takes it in through whoever writes the ledger. */
export function importStores(shell: Shell, file: string | undefined, options: StoreImportOptions): Promise<Answer> {
  if (file === undefined) return listImports(shell, options);
  const dryRun = options.dryRun === true;
  const work = async (records: AsyncIterable<unknown>) =>
    withProject(shell, options, dryRun ? "plan" : "shared", ({ kindling }) =>
      kindling.importFacts(records, { dryRun, signal: shell.signal }),
    );
  return linesOf(shell, file, async (records) => {
    const report = await work(records);
    return { ok: true, result: report, lines: reportLines(report, shell) };
  });
}

function listImports(shell: Shell, options: StoreImportOptions): Promise<Answer> {
  return withStores(shell, options, async ({ kindling }): Promise<Answer> => {
    const imports = await kindling.factImports();
    const rows = visibleCopy(imports).map((each) => importRow(each, shell));
    const none = shell.out.paint("faint", "no facts of another ledger were taken");
    return { ok: true, result: { imports }, lines: rows.length === 0 ? [none] : table(rows) };
  });
}

function importRow({ ledger, stores, next, time }: FactImport, { out: { paint }, now }: Shell): string[] {
  return [paint("strong", ledger), stores === null ? "all stores" : stores.join(","), `up to ${next}`, paint("faint", ago(time, now()))];
}

function reportLines({ ledger, stores, recorded, known, next, isWhole, dryRun }: ImportFactsReport, { out: { paint } }: Shell): string[] {
  const what = `${counted(recorded, "fact")}${known === 0 ? "" : `, ${counted(known, "fact")} known already`}`;
  // It is called where they come from: with the config of that project, and not of this one.
  const onward = `there: kindling store export --after ${next}${stores === null ? "" : ` --store ${stores.join(",")}`}`;
  return [
    dryRun ? `${paint("accent", "▸")} would take in ${what}; nothing was done` : `${paint("good", "✓")} took in ${what}`,
    ...(isWhole ? [] : [`${paint("warn", "◆")} the export ends before its end: the rest is still to come`]),
    paint("faint", `  from ledger ${visible(ledger)}; the next one ${onward}`),
  ];
}

/** Works with the lines of a file or of standard input, as JSON. */
async function linesOf(shell: Shell, file: string, work: (records: AsyncIterable<unknown>) => Promise<Answer>): Promise<Answer> {
  if (file === "-") return work(parsed(shell.input, "standard input"));
  return work(parsed(bytesOf(resolve(shell.cwd, file), file), file));
}

/** @throws UsageError `unreadable_file` */
async function* bytesOf(path: string, name: string): AsyncGenerator<Uint8Array> {
  try {
    await using handle = await open(path);
    // Without an encoding a stream gives bytes.
    for await (const chunk of handle.createReadStream() as AsyncIterable<Uint8Array>) yield chunk;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError("unreadable_file", `${name} cannot be read: ${reason}`, { fix: "Check the path.", cause });
  }
}

async function* parsed(input: AsyncIterable<string | Uint8Array>, name: string): AsyncGenerator<unknown> {
  let number = 0;
  for await (const line of lines(input)) {
    number += 1;
    if (line.trim() === "") continue;
    let record: unknown;
    try {
      record = JSON.parse(line);
    } catch (cause) {
      throw new InputError("bad_export", `line ${number} of ${name} is no JSON`, {
        fix: "Was it cut? What stood before it was taken, and may be taken again.",
        details: { line: number },
        cause,
      });
    }
    yield record;
  }
}

/** Bytes that are no text make a line that is no fact: its hash tells. */
async function* lines(input: AsyncIterable<string | Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let rest = "";
  for await (const chunk of input) {
    const [first = "", ...more] = (typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true })).split("\n");
    rest += first;
    for (const next of more) {
      yield rest;
      rest = next;
    }
  }
  yield rest + decoder.decode();
}
