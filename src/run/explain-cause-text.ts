// One cause in one clause, and the small words that the texts share.

import type { Cause, Decider } from "./explain-shape.ts";
import type { TextStyle } from "./explain-style.ts";

const LINE_LIMIT = 160;

/** What a node is at, or why it is stuck: `` `review` waits since … for the event draft.reviewed; a person decides it (outOfBand), until … ``. */
export function describeCause(cause: Cause, style: TextStyle): string {
  return `${quoted(cause.path)} ${clauseOf(cause, style)}`;
}

/** The same without the path. */
export function clauseOf(cause: Cause, style: TextStyle): string {
  switch (cause.type) {
    case "await": {
      const who = cause.decider === undefined ? "" : `; ${describeDecider(cause.decider)}`;
      const until = cause.deadline === undefined ? "" : `, ${style.until(cause.deadline)}`;
      const reminded = cause.reminders === 0 ? "" : `, reminded ${cause.reminders === 1 ? "once" : `${cause.reminders} times`}`;
      const refused = cause.refused === undefined ? "" : `, last refused to ${oneLine(cause.refused.by)} (${cause.refused.code})`;
      const what = cause.history === undefined ? `the event ${cause.event}` : `an event of the history ${cause.history}`;
      return `waits ${style.since(cause.since)} for ${what}${who}${until}${reminded}${refused}`;
    }
    case "sleep":
      return `sleeps ${style.until(cause.until)}`;
    case "remote":
      return cause.url === undefined
        ? `waits ${style.since(cause.since)} for another system (${oneLine(cause.note)}), and asks again ${style.at(cause.askedAgainAt)}`
        : `waits ${style.since(cause.since)} for run ${cause.run ?? "?"} on ${cause.url}, and asks again ${style.at(cause.askedAgainAt)}`;
    case "retry":
      return `failed with ${cause.error.code}: ${oneLine(cause.error.message)}, and is tried again ${style.at(cause.at)} (attempt ${cause.attempt} of ${cause.of})`;
    case "running":
      return `is at work ${style.since(cause.since)}${cause.attempt > 1 ? ` (attempt ${cause.attempt})` : ""}`;
    case "failed":
      return `failed ${style.at(cause.at)} with ${cause.error.code}: ${oneLine(cause.error.message)}`;
    case "compensation":
      return cause.retryAt === undefined
        ? `is being taken back (attempt ${cause.attempt})`
        : `could not be taken back yet, which is tried again ${style.at(cause.retryAt)} (attempt ${cause.attempt})`;
    case "unread":
      return `is at work in run ${cause.run}, which was not looked into`;
  }
}

/** Who may decide a gate. */
export function describeDecider({ assurance, roles, notBy, quorum }: Decider): string {
  const people = quorum === undefined ? "a person" : `${quorum.people} people`;
  const who = roles.length === 0 ? people : `${people} with the role ${roles.map((role) => oneLine(role)).join(" or ")}`;
  const said = quorum === undefined || quorum.voices.length === 0 ? "" : `; ${oneLine(quorum.voices.join(", "))} has said something`;
  return `${who} ${quorum === undefined ? "decides" : "decide"} it (${assurance}${notBy === undefined ? "" : `, not ${oneLine(notBy)}`})${said}`;
}

/** `` `posts[en]/draft` ``, on one line. */
export function quoted(path: string): string {
  return `\`${oneLine(path, 300)}\``;
}

/** A fact by its number where it is of this run, else by its id. */
export function factName(id: string, run: string): string {
  return id.startsWith(`${run}:`) ? `fact ${id.slice(run.length + 1)}` : `fact ${id}`;
}

/** Where something happened; nothing for the run as a whole. */
export function describeWhere(path: string): string {
  return path === "" ? "" : ` of ${quoted(path)}`;
}

/** Text from outside on one line, cut with an ellipsis, without a full stop at its end. */
export function oneLine(text: string, limit = LINE_LIMIT): string {
  const characters = Array.from(text.replace(/\s+/g, " ").trim());
  const line =
    characters.length <= limit
      ? characters.join("")
      : `${characters
          .slice(0, limit - 1)
          .join("")
          .trimEnd()}…`;
  return line.endsWith(".") && !line.endsWith("..") ? line.slice(0, -1) : line;
}
