// Shows a run as it goes: one line for everything a node reaches, and what is being written just now: on a terminal at the bottom, else when it begins.

import { describeDollars, describeMilliseconds, type RecordedFact, type WatchEvent } from "kindling";
import { createLogUpdate } from "log-update";
import { visible } from "./report.ts";

/** Shows events until it is ended. */
export interface Progress {
  show(event: WatchEvent): void;
  /** Takes what stands at the bottom away. */
  end(): void;
}

const TAIL = 60;

/** Progress on standard error, so that results can be piped away from it. */
export function showProgress(output: NodeJS.WriteStream): Progress {
  const live = output.isTTY ? createLogUpdate(output) : undefined;
  /** What is being written, by path. */
  const written = new Map<string, string>();

  const redraw = () => {
    const lines = [...written].map(([path, text]) => `  … ${path}: ${text.length.toLocaleString("en")} characters, now ${tailOf(text)}`);
    if (lines.length === 0) live?.clear();
    else live?.(lines.join("\n"));
  };
  return {
    show: (event) => {
      if (event.type === "asked") written.delete(event.path);
      if (event.type === "delta" && event.kind === "text") {
        if (live === undefined && !written.has(event.path)) output.write(`  … ${event.path} begins: ${headOf(event.text)}\n`);
        written.set(event.path, (written.get(event.path) ?? "") + event.text);
      }
      if (event.type === "fact") {
        if (event.fact.type === "model.replied" || event.fact.type === "node.failed") written.delete(event.fact.path);
        const line = describe(event.fact);
        if (line !== undefined) {
          live?.clear();
          output.write(`${line}\n`);
        }
      }
      redraw();
    },
    end: () => live?.clear(),
  };
}

function headOf(text: string): string {
  const line = oneLine(text);
  return line.length <= TAIL ? line : `${line.slice(0, TAIL)}…`;
}

function tailOf(text: string): string {
  const line = oneLine(text.slice(-2 * TAIL));
  return text.length <= TAIL ? line : `…${line.slice(-TAIL)}`;
}

function oneLine(text: string): string {
  return visible(text.replace(/\s+/g, " "));
}

/** A fact in a line; undefined for facts that tell a watcher nothing. */
export function describe(fact: RecordedFact): string | undefined {
  switch (fact.type) {
    case "model.requested":
      return `  > ${fact.path} asks ${fact.model}`;
    case "model.replied":
      return `  < ${fact.path} has its answer after ${describeMilliseconds(fact.durationMs)}${describeUse(fact)}`;
    case "node.succeeded":
      return `  ✓ ${fact.path}`;
    case "node.failed":
      return fact.retryAt === undefined
        ? `  ✗ ${fact.path}: ${visible(fact.error.message)}`
        : `  ! ${fact.path}: ${visible(fact.error.message)}; it is tried again`;
    case "await.opened":
      return `  ? ${fact.path} waits for ${fact.event}${fact.deadline === undefined ? "" : `, until ${new Date(fact.deadline).toLocaleString()}`}`;
    case "event.delivered":
      return `  ! ${fact.path}: ${fact.event} from ${fact.actor.id}`;
    default:
      return undefined;
  }
}

function describeUse({ reply, cost }: Extract<RecordedFact, { readonly type: "model.replied" }>): string {
  const { input, output, cacheRead } = reply.usage;
  if (!input || !output) return "";
  const cached = cacheRead ? `, ${cacheRead.toLocaleString("en")} of them from the cache` : "";
  const money = cost === null ? "cost unknown" : describeDollars(cost);
  return ` (${input.toLocaleString("en")} tokens in${cached}, ${output.toLocaleString("en")} out, ${money})`;
}
