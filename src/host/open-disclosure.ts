// What leaves a runtime, as its options say: redaction, and the observers that listen.

import { ConfigError } from "../errors.ts";
import { redactionOf } from "../redact.ts";
import type { RuntimeOptions } from "./create-runtime.ts";
import { Disclosure } from "./disclosure.ts";
import type { Observer } from "./observer.ts";
import { Observers } from "./observers.ts";

/** Opens the observers. @throws ConfigError `bad_redact`, `bad_observer`, `duplicate_observer`, and whatever an observer says is missing */
export async function openDisclosure({ redact, telemetry }: Pick<RuntimeOptions, "redact" | "telemetry">): Promise<Disclosure> {
  assertRedact(redact);
  const redaction = redactionOf(redact);
  const disclosure = new Disclosure(redaction, new Observers(observersIn(telemetry), redaction));
  await orClosed(disclosure, disclosure.observers.open());
  return disclosure;
}

/** What is being opened for a disclosure; should that fail, its observers are closed. */
export async function orClosed<T>({ observers }: Disclosure, opening: Promise<T>): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    await observers.close();
    throw error;
  }
}

function observersIn(telemetry: RuntimeOptions["telemetry"] = []): readonly Observer[] {
  const all = "observe" in telemetry ? [telemetry] : telemetry;
  const names = new Set<string>();
  for (const [index, observer] of all.entries()) {
    // Reached from JavaScript, or by a factory that was not called.
    const { name }: { readonly name: unknown } = observer;
    if (typeof name !== "string" || name === "" || !("observe" in observer))
      throw new ConfigError("bad_observer", `telemetry[${index}] is no observer`, { fix: "Call it: telemetry: [otel()]." });
    if (names.has(name))
      throw new ConfigError("duplicate_observer", `two observers in telemetry are named "${name}"`, {
        fix: "Give one of them another name: the spans of runs are recorded under it.",
      });
    names.add(name);
  }
  return all;
}

const NAME_LISTS = ["keys", "recorded"] as const;

function assertRedact(redact: RuntimeOptions["redact"]): void {
  if (redact === undefined || typeof redact === "function") return;
  // Reached from JavaScript.
  const given: { readonly [member: string]: unknown } = { ...redact };
  const strange = Object.keys(given).find((member) => !["keys", "recorded", "patterns", "replace"].includes(member));
  if (strange !== undefined) throw badRedact(`redact has no "${strange}"`);
  for (const list of NAME_LISTS) {
    const names = given[list] ?? [];
    if (!Array.isArray(names) || !names.every((name) => typeof name === "string" && name !== ""))
      throw badRedact(`redact.${list} is no list of names`);
  }
  const patterns = given["patterns"] ?? [];
  if (!Array.isArray(patterns) || !patterns.every((pattern) => pattern instanceof RegExp))
    throw badRedact("redact.patterns is no list of regular expressions");
}

function badRedact(message: string): ConfigError {
  return new ConfigError("bad_redact", message, {
    fix: 'Give { keys: ["name"], patterns: [/text/], recorded: ["name"], replace: "…" }, or a function from JSON to JSON.',
  });
}
