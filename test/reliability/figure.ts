// One line with the figures of a test, for people and for whoever compares releases.

import { writeSync } from "node:fs";

/** Prints `R10 deliveries 192 · satisfied 1 · conflicts 0`, past the reporter, so that it is one line and nothing else. */
export function figure(id: string, figures: Readonly<Record<string, number | string>>): void {
  const parts = Object.entries(figures).map(([name, value]) => `${name} ${typeof value === "number" ? shown(value) : value}`);
  writeSync(1, `${id} ${parts.join(" · ")}\n`);
}

function shown(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}
