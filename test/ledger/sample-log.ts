// A small log made in memory, and a file over bytes: what the scan is tested on.

import type { DiskFile } from "../../src/ledger/disk.ts";
import { chainOf, encodeLine } from "../../src/ledger/frame.ts";
import { scanLog, type LogPoint, type ScanEnd, type ScannedLine } from "../../src/ledger/scan.ts";

/** Where a log without a header begins. */
export const START: LogPoint = { offset: 0, position: 0, group: 0, chain: "A".repeat(43) };

/** A line of the sample: its bytes in the log and its group. */
export interface SampleLine {
  readonly from: number;
  readonly to: number;
  readonly group: number;
}

/** Builds a log of sync groups with one to four lines each. */
export function sampleLog(groups: number): { readonly bytes: Buffer; readonly lines: readonly SampleLine[] } {
  const parts: Buffer[] = [];
  const lines: SampleLine[] = [];
  let { offset, position, chain } = START;
  for (let group = 1; group <= groups; group++) {
    const count = 1 + ((group * 7) % 4);
    for (let index = 1; index <= count; index++) {
      position += 1;
      // A body that holds what a line begins with: the search must not fall for it.
      const body = JSON.stringify({
        run: `r${position}`,
        first: 1,
        time: position,
        facts: [{ list: ["00000002", "x", ["y"]], text: "ö".repeat(position % 5) }],
      });
      chain = chainOf(chain, body);
      const line = encodeLine({ position, group, ends: index === count, chain }, body);
      lines.push({ from: offset, to: offset + line.length, group });
      parts.push(line);
      offset += line.length;
    }
  }
  return { bytes: Buffer.concat(parts), lines };
}

/** Scans bytes as if they were a log file. */
export async function scanBytes(bytes: Buffer): Promise<{ readonly end: ScanEnd; readonly lines: readonly ScannedLine[] }> {
  const lines: ScannedLine[] = [];
  const end = await scanLog(fileOf(bytes), START, (group) => void lines.push(...group));
  return { end, lines };
}

/** A read-only file. */
export function fileOf(bytes: Buffer): DiskFile {
  const refuse = (): Promise<never> => Promise.reject(new Error("This file is for reading."));
  return {
    size: async () => bytes.length,
    read: async (into, position) => bytes.copy(into, 0, position),
    readNow: (into, position) => bytes.copy(into, 0, position),
    write: refuse,
    truncate: refuse,
    syncContent: refuse,
    sync: refuse,
    close: async () => undefined,
  };
}
