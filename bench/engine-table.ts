// The table of the engine's benchmarks: medians over rounds, ratios to the raw baseline of the same round, and whether an aim is met.

import { median, type Aim, type Sample } from "./engine-measure.ts";

/** One line: a figure over all rounds. */
export interface Figure {
  readonly scenario: string;
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly raw?: number;
  readonly against?: string;
  /** How many times the raw figure: time or space taken, or for a rate how many times slower. */
  readonly times?: number;
  readonly aim?: Aim;
  readonly isMet?: boolean;
}

/** Puts the rounds of a scenario together; every round has the same samples in the same order. */
export function figuresOf(scenario: string, rounds: readonly (readonly Sample[])[]): readonly Figure[] {
  return (rounds[0] ?? []).map((sample, index) => {
    const samples = rounds.flatMap((round) => round[index] ?? []);
    const value = median(samples.map((each) => each.value));
    const raws = samples.flatMap(({ raw }) => raw ?? []);
    const ratios = samples.flatMap((each) =>
      each.raw === undefined ? [] : each.unit.endsWith("/s") ? each.raw / each.value : each.value / each.raw,
    );
    const times = ratios.length === 0 ? undefined : median(ratios);
    const { name, unit, against, aim } = sample;
    const judged = aim?.of === "times" ? times : value;
    return {
      scenario,
      name,
      unit,
      value,
      ...(raws.length === 0 ? {} : { raw: median(raws) }),
      ...(against === undefined ? {} : { against }),
      ...(times === undefined ? {} : { times }),
      ...(aim === undefined ? {} : { aim, isMet: (judged ?? Number.POSITIVE_INFINITY) <= aim.atMost }),
    };
  });
}

/** A figure as a line of text. */
export function lineOf({ name, unit, value, raw, against, times, aim, isMet }: Figure): string {
  const beside = raw === undefined ? "" : `${short(raw)} ${against ?? "raw"}`;
  const aimed =
    aim === undefined ? "" : `${isMet === true ? "met" : "NOT MET"}: at most ${aim.atMost}${aim.of === "times" ? " x" : ` ${unit}`}`;
  return [
    `  ${name}`.padEnd(54),
    `${short(value)} ${unit}`.padEnd(20),
    (times === undefined ? "" : `${times.toFixed(2)} x`).padEnd(9),
    beside.padEnd(34),
    aimed,
  ]
    .join("")
    .trimEnd();
}

function short(value: number): string {
  if (value === 0) return "0";
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}
