// Shows a run as it goes: one line for everything a node reaches, and on a terminal, at the bottom, what is being written just now.

import { describeMilliseconds, type ModelReply, type RecordedFact, type WatchEvent } from "kindling";
import { createLogUpdate } from "log-update";
import { visible } from "./report.ts";

/** Shows events until it is ended. */
export interface Progress {
  show(event: WatchEvent): void;
  /** Takes what stands at the bottom away. */
  end(): void;
}

/** Progress on standard error, so that results can be piped away from it. */
export function showProgress(output: NodeJS.WriteStream): Progress {
  const live = output.isTTY ? createLogUpdate(output) : undefined;
  const written = new Map<string, number>();

  const redraw = () => {
    const lines = [...written].map(([path, characters]) => `  … ${path}: ${characters.toLocaleString("en")} characters so far`);
    if (lines.length === 0) live?.clear();
    else live?.(lines.join("\n"));
  };
  return {
    show: (event) => {
      if (event.type === "delta") written.set(event.path, (written.get(event.path) ?? 0) + event.text.length);
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

/** A fact in a line; undefined for facts that tell a watcher nothing. */
export function describe(fact: RecordedFact): string | undefined {
  switch (fact.type) {
    case "model.requested":
      return `  > ${fact.path} asks ${fact.model}`;
    case "model.replied":
      return `  < ${fact.path} has its answer after ${describeMilliseconds(fact.durationMs)}${describeTokens(fact.reply)}`;
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

function describeTokens({ usage: { input, output } }: ModelReply): string {
  return !input || !output ? "" : ` (${input.toLocaleString("en")} tokens in, ${output.toLocaleString("en")} out)`;
}
