// Facts as they happen, one line a change: for pipes and logs, where nothing can be painted over. It remembers what a line needs from facts before.

import {
  addSpending,
  describeMilliseconds,
  describePromptOrigin,
  NO_SPENDING,
  replySpending,
  type Failure,
  type RecordedFact,
  type Spending,
} from "../../index.ts";
import { due, took } from "./moment.ts";
import type { Paint } from "./paint.ts";
import { describeSpending } from "./spending.ts";
import { counted, oneLine } from "./text.ts";
import { visible } from "./visible.ts";

/** Gives the line of a fact, or nothing for one that changes nothing a reader waits for. */
export type ChangeLines = (fact: RecordedFact) => string | undefined;

/** With more children than this only those that fail are told one by one. */
const CHILDREN_TOLD = 50;

/** Begins a telling. */
export function changeLines(paint: Paint): ChangeLines {
  const memory: Memory = { paint, began: new Map(), asked: new Map(), children: new Map() };
  return (fact) => lineOf(fact, memory);
}

interface Asked {
  readonly model: string;
  readonly spending: Spending;
}

interface Memory {
  readonly paint: Paint;
  /** When nodes began, by path. */
  readonly began: Map<string, number>;
  /** What nodes asked models for, by path. */
  readonly asked: Map<string, Asked>;
  /** How many children nodes have, by path. */
  readonly children: Map<string, number>;
}

function lineOf(fact: RecordedFact, memory: Memory): string | undefined {
  const { paint, began, asked, children } = memory;
  const path = paint("strong", oneLine(visible(fact.path), 200));
  switch (fact.type) {
    case "node.started":
      if (!began.has(fact.path)) began.set(fact.path, fact.time);
      return undefined;
    case "prompt.resolved":
      return fact.fallback === undefined
        ? undefined
        : `${paint("warn", "!")} ${path}  prompt ${oneLine(visible(describePromptOrigin(fact)), 400)}`;
    case "model.requested":
      asked.set(fact.path, { model: fact.model, spending: asked.get(fact.path)?.spending ?? NO_SPENDING });
      return `${paint("accent", "▸")} ${path}${details(paint, fact.turn === 1 ? `asks ${fact.model}` : `asks ${fact.model} again, turn ${fact.turn}`)}`;
    case "model.replied": {
      const before = asked.get(fact.path);
      asked.set(fact.path, {
        model: before?.model ?? fact.reply.model,
        spending: addSpending(before?.spending ?? NO_SPENDING, replySpending(fact)),
      });
      return undefined;
    }
    case "node.succeeded":
      return `${paint("good", "✓")} ${path}${details(paint, took(began.get(fact.path), fact.time), ...spent(asked.get(fact.path)), countOf(children.get(fact.path)))}`;
    case "node.failed": {
      const error = describeError(fact.error);
      if (fact.retryAt === undefined) return `${paint("bad", "✗")} ${path}  ${error}`;
      return `${paint("warn", "↻")} ${path}  attempt ${fact.attempt} failed, ${error}; again in ${describeMilliseconds(Math.max(0, fact.retryAt - fact.time))}`;
    }
    case "children.listed": {
      children.set(fact.path, fact.keys.length);
      began.set(fact.path, fact.time);
      const told = describeListing(fact.keys, fact.part);
      return told === undefined ? undefined : `${paint("accent", "▸")} ${path}${details(paint, told)}`;
    }
    case "child.settled": {
      if (fact.key === "" || (children.get(fact.path) === 1 && fact.status === "succeeded")) return undefined;
      const child = paint("strong", oneLine(visible(`${fact.path}[${fact.key}]`), 200));
      if (fact.status === "failed")
        return `${paint("bad", "✗")} ${child}  ${fact.error === undefined ? "failed" : describeError(fact.error)}`;
      return (children.get(fact.path) ?? 0) > CHILDREN_TOLD ? undefined : `${paint("good", "✓")} ${child}`;
    }
    case "await.opened":
      return `${paint("warn", "◆")} ${path}${details(paint, `waits for ${fact.event}`, fact.deadline === undefined ? "" : due(fact.deadline, fact.time))}`;
    case "event.delivered":
      return `${paint("good", "✉")} ${path}${details(paint, `${fact.event} by ${fact.actor.id}`)}`;
    case "event.counted":
      return `${paint("accent", "✉")} ${path}${details(paint, `${fact.event} by ${fact.actor.id}, and more people are needed`)}`;
    case "event.refused":
      return `${paint("warn", "!")} ${path}${details(paint, `${fact.event} by ${fact.actor.id} refused: ${fact.code}`)}`;
    case "timer.fired":
      return `${paint("warn", "!")} ${path}${details(paint, "the time is up")}`;
    default:
      return undefined;
  }
}

function spent(asked: Asked | undefined): string[] {
  return asked === undefined ? [] : [asked.model, describeSpending(asked.spending)];
}

function countOf(children: number | undefined): string {
  return children === undefined || children < 2 ? "" : counted(children, "child", "children");
}

function describeListing(keys: readonly string[], part: string): string | undefined {
  const [only] = keys;
  if (keys.length === 1) return only === "" ? undefined : only === part ? `case ${part}` : `1 child: ${only}`;
  return `${counted(keys.length, "child", "children")}${keys.length <= 8 && keys.length > 0 ? `: ${keys.map((key) => oneLine(key, 24)).join(", ")}` : ""}`;
}

function describeError({ code, message }: Failure): string {
  return visible(`${code}: ${oneLine(message, 200)}`);
}

function details(paint: Paint, ...texts: readonly string[]): string {
  return texts
    .filter((text) => text !== "")
    .map((text) => `  ${paint("faint", visible(text))}`)
    .join("");
}
