// Looks for anchored lines in a log: one that is not there, or has another chain, shows a cut, a roll-back or a log that was written anew. Changes nothing.

import type { Anchor } from "./anchor.ts";
import type { Disk } from "./disk.ts";
import type { SegmentName } from "./folder.ts";
import type { AnchorReport } from "./ledger.ts";
import { SegmentDigest } from "./segment-digest.ts";
import type { Tally } from "./tally.ts";

/** What is compared. */
export interface AnchoredLog {
  readonly disk: Disk;
  /** At least one, oldest first. */
  readonly segments: readonly SegmentName[];
  readonly ledgerId: string;
  readonly anchors: readonly Anchor[];
}

/** Checks every anchor; what is wrong goes to the tally. */
export async function checkAnchors({ disk, segments, ledgerId, anchors }: AnchoredLog, tally: Tally): Promise<AnchorReport> {
  const own = anchors.filter(({ ledger }) => ledger === ledgerId);
  const others = anchors.length - own.length;
  if (others > 0) tally.fault({ file: "anchors", message: `${others} of ${anchors.length} anchors are of another ledger` });
  const start = (segments[0]?.first ?? 1) - 1;
  const wanted = new Set(own.map(({ position }) => position));
  const chains = await chainsAt(disk, segments, ledgerId, wanted, tally);
  const met: Anchor[] = [];
  let older = 0;
  for (const anchor of own) {
    const { position, chain, time } = anchor;
    const found = chains.get(position);
    if (found?.includes(chain) === true) met.push(anchor);
    else if (found === undefined && position <= start) older += 1;
    else tally.fault({ file: "anchors", position, message: `${told(found)} (anchored ${new Date(time).toISOString()})` });
  }
  const last = met.reduce<Anchor | undefined>(
    (newest, each) => (newest === undefined || each.position > newest.position ? each : newest),
    undefined,
  );
  return { met: met.length, upTo: last?.position ?? null, time: last?.time ?? null, older };
}

function told(found: readonly string[] | undefined): string {
  return found === undefined
    ? "the log does not reach this commit any more: its end was cut, or an older copy was put in its place"
    : "the chain at this commit is another one: the log up to here was written anew";
}

/** The chains at some positions: of the commit, and of a header behind it, which has the same position. */
async function chainsAt(
  disk: Disk,
  segments: readonly SegmentName[],
  ledgerId: string,
  wanted: ReadonlySet<number>,
  tally: Tally,
): Promise<ReadonlyMap<number, readonly string[]>> {
  const chains = new Map<number, string[]>();
  for (const [index, segment] of segments.entries()) {
    const end = segments[index + 1]?.first ?? Number.MAX_SAFE_INTEGER;
    if (![...wanted].some((position) => position >= segment.first - 1 && position < end)) continue;
    await tally.attempt("anchors", () =>
      new SegmentDigest(segment, ledgerId).readOn(disk, {
        onLine: ({ position, chain }) => {
          if (wanted.has(position)) chains.set(position, [...(chains.get(position) ?? []), chain]);
        },
      }),
    );
  }
  return chains;
}
