// What models can do, as far as it is known: tables by name, and the word of whoever knows better. Knows no API.

import type { Capabilities } from "../../src/index.ts";

/** What is known of the models whose names match. The first row that matches counts. */
export interface ModelRow<Known> {
  readonly models: RegExp;
  readonly known: Known;
}

/** What whoever runs the models knows of them, of all or by name. It goes before what the provider knows itself. */
export type CapabilityOverrides = Partial<Capabilities> | ((model: string) => Partial<Capabilities>);

/** Looks a model up; undefined for one that no row knows. */
export function rowOf<Known>(table: readonly ModelRow<Known>[], model: string): Known | undefined {
  return table.find(({ models }) => models.test(model))?.known;
}

/** What is known, corrected by what the options say. */
export function overridden(known: Capabilities, model: string, overrides: CapabilityOverrides = {}): Capabilities {
  return { ...known, ...(typeof overrides === "function" ? overrides(model) : overrides) };
}
