// What a compaction leaves of streams that it found replaced: their beginning is gone, later lines of them still stand in the log, and further on in it they are replaced.
// Nobody reads such lines. Pure.

import type { ScannedLine } from "./scan.ts";

/** Lines of a log that has lost its beginning, on their way into a view. */
export class LeftLines {
  /** Streams of which lines were passed over, and that were not replaced yet. */
  readonly #waiting = new Map<string, ScannedLine>();

  /** The first line that was passed over although nothing took its place: what stood before it was not given up, it is lost. */
  get lost(): ScannedLine | undefined {
    const [first] = this.#waiting.values();
    return first;
  }

  /** The lines of a group that say something; `versionOf` tells what is known before them. */
  without(lines: readonly ScannedLine[], versionOf: (run: string) => number): readonly ScannedLine[] {
    const begun = new Set<string>();
    return lines.filter((line) => {
      const { run, first, replaces } = line.entry;
      const isLeft = first > 1 && replaces === undefined && !begun.has(run) && versionOf(run) === 0;
      if (!isLeft) {
        if (replaces !== undefined) this.#waiting.delete(run);
        if (replaces?.what === "all") begun.delete(run);
        else begun.add(run);
      } else if (!this.#waiting.has(run)) this.#waiting.set(run, line);
      return !isLeft;
    });
  }
}
