// Which commits of a log are read together: those that lie close to each other. Pure.

import type { Place } from "./index-layer.ts";

/** Commits that lie closer together than this are read in one go, … */
const GAP_BYTES = 4 * 1024;

/** … up to this much at a time. */
const SPAN_BYTES = 1024 * 1024;

/** Places that are read in one go. The last line of a span may reach beyond it. What is kept from before the log's beginning lies line by line. */
export function* spansOf(places: readonly Place[], base: number): Generator<Span> {
  let span: Span | undefined;
  for (const place of places) {
    const to = place.offset + GAP_BYTES;
    if (span !== undefined && span.from >= base && place.offset <= span.to && to - span.from <= SPAN_BYTES) {
      span.places.push(place);
      span.to = to;
      continue;
    }
    if (span !== undefined) yield span;
    span = { from: place.offset, to, places: [place] };
  }
  if (span !== undefined) yield span;
}

/** A piece of the log that holds some commits. */
interface Span {
  readonly from: number;
  to: number;
  readonly places: Place[];
}
