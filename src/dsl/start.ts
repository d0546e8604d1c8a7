// Events of a history by which runs of a contract start by themselves.

import type { Finding } from "../graph/finding.ts";
import { historyRule, isHistory, type OfEvent, type StartRule, strangeMembers } from "../graph/history-rule.ts";
import type { FactRef } from "../store/fact.ts";
import type { History } from "../store/store.ts";
import type { InputArguments, InputSchemas } from "./contract.ts";

/** Which events start a run, and what it is started with. */
export interface StartOptions<S extends InputSchemas, E> {
  /** The history whose events start runs. */
  readonly on: History<E>;
  /** Which of them; all when left out. The second argument says what stands about the event in the ledger: its id, when it was recorded. */
  readonly when?: (event: E, fact: FactRef) => boolean;
  /** The inputs: a function of the event and what stands about it, or the member of the event for each. */
  readonly inputs: ((event: E, fact: FactRef) => InputArguments<S>) | { readonly [I in keyof S]?: keyof E & string };
  /** Events that were recorded before any process had this contract: they start runs, too (`beginning`, default), or not (`now`). */
  readonly from?: "beginning" | "now";
}

type AnyStart = Omit<StartOptions<InputSchemas, never>, "inputs"> & { readonly inputs: OfEvent<never, unknown> };

/** The rule as a host keeps it. */
export function startRuleOf<S extends InputSchemas, E>(options: StartOptions<S, E> | undefined): StartRule | undefined {
  if (options === undefined || !isHistory(options.on)) return undefined;
  // What it gives is checked as inputs are.
  const { on, when, inputs, from = "beginning" } = options as unknown as AnyStart;
  return { ...historyRule(on, when, inputs ?? (() => ({}))), from };
}

/** Finds a start that is none. */
export function checkStart<S extends InputSchemas, E>(contract: string, options: StartOptions<S, E> | undefined, known: S): Finding[] {
  if (options === undefined) return [];
  const bad = (message: string, hint: string): Finding => ({ code: "bad_option", severity: "error", contract, message, hint });
  const { on, when, inputs, from }: Readonly<Partial<Record<keyof StartOptions<S, E>, unknown>>> = options;
  const unknown = typeof inputs === "object" && inputs !== null ? Object.keys(inputs).filter((name) => !Object.hasOwn(known, name)) : [];
  return [
    ...(isHistory(on) ? [] : [bad("start.on is no history", "Give what defineHistory gave.")]),
    ...(inputs === undefined ? [bad("start has no inputs", "Give a function of the event: inputs: (event) => ({ … }).")] : []),
    ...(when === undefined || typeof when === "function"
      ? []
      : [bad("start.when is no function", "Give one of the event: when: (event) => ….")]),
    ...unknown.map((name) => bad(`start.inputs has "${name}", which is no input`, `Inputs: ${Object.keys(known).join(", ") || "none"}.`)),
    ...strangeMembers(on, inputs).map(([message, hint]) => bad(`start.inputs ${message}`, hint)),
    ...(from === undefined || from === "now" || from === "beginning"
      ? []
      : [bad(`start.from is ${JSON.stringify(from)}`, 'Give "beginning" or "now".')]),
  ];
}
