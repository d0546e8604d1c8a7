// What processes were told is durable, and whether the ledger holds it: the judge of every test that kills.

import { fileLedger, verifyFolder } from "../../../src/index.ts";
import { isWhole } from "./appended-fact.ts";

/** What a folder holds of what was acknowledged. */
export interface Judgement {
  /** Acknowledged and not there. */
  readonly lost: number;
  /** There more than once. */
  readonly doubled: number;
  /** There with another content than was written. */
  readonly garbled: number;
  /** What `verify` finds, one text each. */
  readonly faults: readonly string[];
}

export const FLAWLESS: Judgement = { lost: 0, doubled: 0, garbled: 0, faults: [] };

/** Ids of facts that were acknowledged. */
export class Acknowledgements {
  readonly #ids = new Set<string>();

  get count(): number {
    return this.#ids.size;
  }

  /** Takes a line of an appending process, if it is an acknowledgement. */
  hear(line: string): void {
    if (line.startsWith("ack ")) this.#ids.add(line.slice("ack ".length));
  }

  /** Reads the whole ledger of a folder as a reader does, changing nothing, and verifies it. */
  async judge(folder: string): Promise<Judgement> {
    const found = new Map<string, number>();
    let garbled = 0;
    await using reader = await fileLedger(folder).open({ access: "read" });
    for await (const { facts } of reader.changes({ after: 0 })) {
      for (const fact of facts) {
        const id = String(fact["id"]);
        found.set(id, (found.get(id) ?? 0) + 1);
        if (!isWhole(fact)) garbled += 1;
      }
    }
    const { faults } = await verifyFolder(folder);
    return {
      lost: [...this.#ids].filter((id) => !found.has(id)).length,
      doubled: [...found.values()].filter((times) => times > 1).length,
      garbled,
      faults: faults.map(({ file, offset, message }) => `${file} ${offset ?? ""}: ${message}`),
    };
  }
}

/** Opens a ledger for writing, as whoever comes after a crash does, appends, and closes it. */
export async function writesAgain(folder: string, name: string): Promise<void> {
  await using ledger = await fileLedger(folder).open({ access: "write" });
  await ledger.append([{ run: `again-${name}`, expected: 0, facts: [{ id: `again-${name}.0`, pad: "" }] }]);
}
