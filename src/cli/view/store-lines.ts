// Stores and their facts as lines for people.

import type { FactRef, IndexChange, JsonValue, KeepingReceipt, KeySummary, RawFact } from "../../index.ts";
import type { Shape, ToldFact } from "../stores.ts";
import { ago, clock } from "./moment.ts";
import type { Paint } from "./paint.ts";
import { counted, groupDigits, indented, table } from "./text.ts";
import { brief, type Extent, shown } from "./value.ts";
import { visible } from "./visible.ts";

/** What lines are made with. */
export interface LinesPlace {
  readonly paint: Paint;
  readonly now: number;
}

const DETAIL_LIMIT = 90;

/** A fact whole: what it says, and where it comes from. Expects a visible copy. */
export function factLines(fact: ToldFact, extent: Extent, { paint, now }: LinesPlace): string[] {
  const value = "value" in fact && fact.value !== undefined ? shown(fact.value as JsonValue, extent, paint) : [];
  const rows: (readonly [string, string])[] = [
    ["id", fact.id],
    ["recorded", `${clock(fact.time)}, ${ago(fact.time, now)}, at position ${fact.position}`],
    ...(fact.validFrom === fact.time ? [] : [["valid from", new Date(fact.validFrom).toISOString()] as const]),
    ...(fact.producer === undefined ? [] : [["by", producerText(fact)] as const]),
    ...(fact.previous === null ? [] : [["before it", fact.previous] as const]),
    ...fact.causes.map((cause, index) => [index === 0 ? "rests on" : "", cause] as const),
  ];
  return [
    `${actText(fact, paint)} ${paint("strong", fact.store)} ${fact.key}  ${paint("faint", `#${fact.number}, version ${fact.version}`)}`,
    ...indented(value),
    ...indented(table(rows.map(([label, text]) => [paint("faint", label), text]))),
  ];
}

/** A fact of a key as a row: its place, when, which of its key, what it says. Expects a visible copy. */
export function factRow(fact: ToldFact, { paint }: LinesPlace): string[] {
  return [
    paint("faint", String(fact.position)),
    paint("faint", clock(fact.time)),
    paint("faint", `#${fact.number}`),
    fact.act === "removed" ? paint("warn", "removed") : briefly(fact),
    paint("faint", producerText(fact)),
  ];
}

/** The fact of a key among others of its store. Expects a visible copy. */
export function keyRow(fact: ToldFact, { paint, now }: LinesPlace): string[] {
  return [paint("strong", fact.key), briefly(fact), paint("faint", ago(fact.time, now))];
}

/** A key without what it says. Expects a visible copy. */
export function keySummaryRow({ key, facts, isPresent, time }: KeySummary, { paint, now }: LinesPlace): string[] {
  const state = isPresent ? "" : paint("warn", "removed");
  return [paint("strong", key === "" ? "(one part)" : key), counted(facts, "fact"), paint("faint", `changed ${ago(time, now)}`), state];
}

/** How to see the next part. */
export function moreLines(cursor: string | undefined, paint: Paint): string[] {
  return cursor === undefined ? [] : ["", paint("faint", `more: the same with --cursor ${cursor}`)];
}

function briefly(fact: ToldFact): string {
  return "value" in fact && fact.value !== undefined ? brief(fact.value as JsonValue, DETAIL_LIMIT) : "";
}

/** Facts of several stores, and receipts of what was done to them, newest first. */
export function activityLines(facts: readonly FactRef[], receipts: readonly KeepingReceipt[], place: LinesPlace): string[] {
  const rows = [
    ...facts.map((fact) => ({ position: fact.position, row: activityRow(fact, place) })),
    ...receipts.map((receipt) => ({ position: receipt.position, row: receiptRow(receipt, place) })),
  ];
  return table(rows.sort((one, other) => other.position - one.position).map(({ row }) => row));
}

/** Without what it says. */
function activityRow(fact: FactRef, { paint, now }: LinesPlace): string[] {
  return [
    paint("faint", String(fact.position)),
    paint("faint", ago(fact.time, now)),
    actText(fact, paint),
    paint("strong", visible(fact.store)),
    visible(fact.key),
    paint("faint", `#${fact.number}`),
    paint("faint", visible(producerText(fact))),
  ];
}

function receiptRow({ id, kind, store, keys, facts, time, reason }: KeepingReceipt, { paint, now }: LinesPlace): string[] {
  const what = `${counted(keys, "key")}, ${counted(facts, kind === "purge" ? "commit" : "fact")}`;
  return [
    "",
    paint("faint", ago(time, now)),
    `${paint("accent", "▫")} ${kind}`,
    paint("strong", visible(store ?? "")),
    what,
    "",
    paint("faint", visible(`${reason ?? ""} ${id}`.trim())),
  ];
}

/** A fact as it came, with what it changed in a part of an index where that was asked for. Expects a visible copy. */
export function watchRow(change: RawFact | IndexChange<unknown>, { paint }: LinesPlace): string {
  const [fact, type]: readonly [ToldFact, string] = "type" in change ? [change.fact, change.type] : [change, change.act];
  const value = fact.act === "removed" ? "" : briefly(fact);
  const words = [
    paint("faint", String(fact.position)),
    paint("faint", clock(fact.time)),
    type,
    paint("strong", fact.store),
    fact.key,
    value,
  ];
  return words.filter((word) => word !== "").join("  ");
}

/** What is said of the values that were shown. */
export function shapeLines(shape: Shape, name: string, isKnown: boolean, paint: Paint): string[] {
  if (shape === "current") return [];
  return [paint("faint", isKnown ? "as recorded" : `as recorded: this config does not know ${name}`)];
}

/** `written`, `removed`, with its mark. */
export function actText({ act }: Pick<FactRef, "act">, paint: Paint): string {
  return act === "written" ? `${paint("good", "●")} written` : `${paint("warn", "○")} removed`;
}

/** Who or what made it. */
export function producerText({ producer }: Pick<FactRef, "producer">): string {
  return producer === undefined ? "" : `${producer.kind} ${producer.name}`;
}

/** `1 key`, `12 keys`; `10,000+ keys` when there are more than were counted. */
export function countText(count: number, noun: string, isWhole: boolean): string {
  return isWhole ? counted(count, noun) : `${groupDigits(count)}+ ${noun}s`;
}
