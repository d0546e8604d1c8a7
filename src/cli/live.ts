// A run in motion, painted over in place: the tree of its nodes with a spinner, times, and the end of what a model is writing. For terminals only.

import { createLogUpdate } from "log-update";
import type { RunView, WatchEvent } from "../index.ts";
import type { Narrator } from "./narrate.ts";
import type { Screen } from "./shell.ts";
import { logLine } from "./view/log-line.ts";
import { type Motion, nodeLines } from "./view/node-lines.ts";
import { fit, oneLine } from "./view/text.ts";
import { visible, visibleCopy } from "./view/visible.ts";
import { waitText } from "./view/wait-line.ts";

const FRAMES = Array.from("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏");
const FRAME_MS = 80;
/** A run is looked at anew at most this often, and never for more than a tenth of the time: a large one takes longer. */
const LOOK_MS = 120;
const LOOK_SHARE = 10;
const TAIL_KEPT = 400;
const TAIL_SHOWN = 60;
const TOOL_SHOWN = 40;
const CHILDREN_SHOWN = 8;
/** Rows left for the prompt and what stands above. */
const MARGIN_ROWS = 3;

/** Begins to paint. */
export async function liveNarrator(screen: Screen, first: RunView, look: () => Promise<RunView>): Promise<Narrator> {
  const paint = createLogUpdate(screen.stream);
  const motion = new Map<string, Motion>();
  let view = visibleCopy(first);
  let frame = 0;
  let isStale = false;
  let nextLook = 0;
  let looking: Promise<void> = Promise.resolve();
  let failure: Error | undefined;

  const draw = () => {
    const lines = frameLines(view, motion, FRAMES[frame % FRAMES.length] ?? "", screen);
    if (lines.length > 0) paint(lines.join("\n"));
  };
  const refresh = async () => {
    isStale = false;
    const began = performance.now();
    view = visibleCopy(await look());
    const spent = performance.now() - began;
    nextLook = performance.now() + Math.max(LOOK_MS, spent * LOOK_SHARE);
  };
  const timer = setInterval(() => {
    frame += 1;
    if (isStale && performance.now() >= nextLook) {
      nextLook = Number.POSITIVE_INFINITY;
      looking = refresh().catch((error: unknown) => {
        failure = error instanceof Error ? error : new Error("the run could not be read", { cause: error });
      });
    }
    draw();
  }, FRAME_MS);
  draw();
  return {
    event: (event) => {
      if (event.type === "fact") {
        isStale = true;
        if (event.fact.type === "node.started") atWork(motion, visible(event.fact.path));
      } else motion.set(visible(event.path), moved(motion.get(visible(event.path)), event));
    },
    log: (line) => paint.persist(fit(logLine(line, screen.paint), screen.columns())),
    end: async (last) => {
      clearInterval(timer);
      await looking;
      if (last !== undefined) view = visibleCopy(last);
      motion.clear();
      draw();
      paint.done();
      if (failure !== undefined && last === undefined) throw failure;
    },
  };
}

/** One frame: as many rows as the terminal has room for. */
export function frameLines(
  view: RunView,
  motion: ReadonlyMap<string, Motion>,
  spinner: string,
  screen: Pick<Screen, "columns" | "rows" | "paint">,
): string[] {
  const { paint } = screen;
  const lines = nodeLines(view.nodes, { now: Date.now(), paint, childLimit: CHILDREN_SHOWN, spinner, motion });
  const room = Math.max(3, screen.rows() - MARGIN_ROWS);
  const kept = lines.length <= room ? lines : [...lines.slice(0, room - 1), paint("faint", `… ${lines.length - room + 1} more`)];
  return kept.map((line) => fit(line, screen.columns()));
}

/** What it waited for is there. */
function atWork(motion: Map<string, Motion>, path: string): void {
  const { waits: _, ...rest } = motion.get(path) ?? {};
  motion.set(path, rest);
}

/** What is known of a node beside the record, after one more event. */
export function moved(before: Motion | undefined, event: Exclude<WatchEvent, { type: "fact" }>): Motion {
  if (event.type === "queued") return { ...before, waits: waitText(visibleCopy(event), Date.now()) };
  if (event.type === "progress")
    return { ...before, fraction: event.fraction, ...(event.note === undefined ? {} : { note: visible(event.note) }) };
  // Another model, another try: what was shown before counts no more.
  if (event.type === "asked") return {};
  const says = saysOf(event);
  const tail = before?.says === says ? before.tail : "";
  // A piece may end with a space: only what is shown is trimmed.
  const text = visible(`${tail ?? ""}${event.text}`.slice(-TAIL_KEPT)).replace(/\s+/g, " ");
  return { ...before, says, tail: text.slice(-TAIL_SHOWN) };
}

/** What a reply does with its words when they are no answer. */
function saysOf({ kind, tool }: Extract<WatchEvent, { type: "delta" }>): string {
  if (kind === "reasoning") return "thinks";
  return kind === "tool-input" ? `calls ${oneLine(visible(tool?.name ?? ""), TOOL_SHOWN)}` : "";
}
