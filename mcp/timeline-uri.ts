// Where a client reads the timeline of a run.

/** The address of a run's timeline. */
export function timelineUri(run: string): string {
  return `wf://runs/${encodeURIComponent(run)}/timeline`;
}
