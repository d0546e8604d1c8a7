// Tells on stderr how a run goes while it goes: painted over in place on a terminal, line by line elsewhere, or not at all.

import type { LogLine, RunView, WatchEvent } from "../index.ts";
import type { Screen } from "./shell.ts";
import type { Paint } from "./view/paint.ts";
import { changeLines } from "./view/change-lines.ts";
import { logLine } from "./view/log-line.ts";
import { visibleCopy } from "./view/visible.ts";
import { waitText } from "./view/wait-line.ts";

/** Hears what happens to a run. */
export interface Narrator {
  event(event: WatchEvent): void;
  log(line: LogLine): void;
  /** The run has settled, or nobody waits any more. */
  end(view: RunView | undefined): Promise<void>;
}

/** How to tell it. */
export type Narration = "live" | "plain" | "silent";

/** What suits a stream: painting over is for terminals only. */
export function narrationFor(screen: Screen, env: Readonly<Record<string, string | undefined>>): Narration {
  return screen.isTerminal && env["TERM"] !== "dumb" && env["CI"] === undefined ? "live" : "plain";
}

/** A narrator for a run as it stands. `look` gives the run again. */
export async function narrate(narration: Narration, screen: Screen, view: RunView, look: () => Promise<RunView>): Promise<Narrator> {
  if (narration === "silent") return { event: () => {}, log: () => {}, end: async () => {} };
  if (narration === "plain") return plainNarrator(screen);
  const { liveNarrator } = await import("./live.ts");
  return liveNarrator(screen, view, look);
}

/** One line after the other. */
export function plainNarrator(screen: Screen): Narrator {
  const lineOf = changeLines(screen.paint);
  const waitOf = waitLines(screen.paint);
  // Written in order; the last write is awaited at the end.
  let written: Promise<void> = Promise.resolve();
  const write = (line: string) => {
    written = Promise.all([written, screen.write(`${line}\n`)]).then(() => undefined);
  };
  return {
    event: (event) => {
      const line = event.type === "fact" ? lineOf(event.fact) : event.type === "queued" ? waitOf(event) : undefined;
      if (line !== undefined) write(line);
    },
    log: (line) => write(logLine(line, screen.paint)),
    end: () => written,
  };
}

/** Waiting that may take minutes is told once for a lane, and once for each pause a provider asks for: there may be thousands of calls in line. */
function waitLines(paint: Paint): (event: Extract<WatchEvent, { type: "queued" }>) => string | undefined {
  const told = new Set<string>();
  return (event) => {
    const { lane, reason, until } = event;
    const key = `${lane} ${reason} ${reason === "retry_after" ? until : ""}`;
    if (reason === "concurrency" || told.has(key)) return undefined;
    told.add(key);
    return paint("faint", `  … ${waitText(visibleCopy(event), Date.now())}`);
  };
}
