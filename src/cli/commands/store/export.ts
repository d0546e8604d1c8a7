// `store export`: facts of stores and histories as lines of JSON on standard output, for another ledger. What it says besides goes to standard error.

import type { Answer } from "../../answer.ts";
import { UsageError } from "../../problem.ts";
import type { GlobalOptions } from "../../project.ts";
import { namesIn, storeMeant, withStores } from "../../stores.ts";
import type { Shell } from "../../shell.ts";
import { counted } from "../../view/text.ts";

/** What `store export` takes. */
export interface StoreExportOptions extends GlobalOptions {
  readonly after?: string;
  readonly store?: readonly string[];
}

/** Writes them, as fast as they are taken. */
export function exportStores(shell: Shell, options: StoreExportOptions): Promise<Answer> {
  const { after, json } = options;
  if (json === true)
    throw new UsageError("no_json", "store export writes JSON lines to standard output, and --json has no place beside them", {
      fix: `Leave --json out: ${shell.program} store export > facts.ndjson`,
    });
  if (after !== undefined && !/^\d{1,15}$/.test(after))
    throw new UsageError("bad_option", `--after ${after} is no position`, { fix: "Give what the last import named as next." });
  return withStores(shell, options, async ({ kindling }): Promise<Answer> => {
    const stores = namesIn(options.store);
    for (const name of stores ?? []) await storeMeant(kindling, name);
    const query = {
      signal: shell.signal,
      ...(after === undefined ? {} : { after: Number(after) }),
      ...(stores === undefined ? {} : { stores }),
    };
    for await (const record of kindling.exportFacts(query)) {
      await shell.out.write(`${JSON.stringify(record)}\n`);
      // Nobody reads on.
      if (!shell.out.hasReader()) break;
      if ("next" in record) await shell.err.write(`exported ${counted(record.facts, "fact")}; go on with --after ${record.next}\n`);
    }
    return { ok: true, result: null, lines: [] };
  });
}
