// Where a client reads the timeline of a run, and of which run an address is.

const PREFIX = "wf://runs/";
const SUFFIX = "/timeline";

/** The address of a run's timeline. */
export function timelineUri(run: string): string {
  return `${PREFIX}${encodeURIComponent(run)}${SUFFIX}`;
}

/** The run whose timeline is at an address; undefined for one that is none. */
export function runOfTimeline(uri: string): string | undefined {
  const run = uri.startsWith(PREFIX) && uri.endsWith(SUFFIX) ? uri.slice(PREFIX.length, -SUFFIX.length) : "";
  // Only addresses as they are given out: no other is ever read either.
  return run !== "" && URL.canParse(uri) && encodeURIComponent(run) === run ? run : undefined;
}
