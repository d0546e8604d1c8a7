// Anything thrown, as a problem a person or a program can act on: what is wrong, where, and what to do; and the exit code that goes with it.

import { BugError, KindlingError, redactionOf } from "../index.ts";
import type { ExitCode } from "./answer.ts";
import type { Paint } from "./view/paint.ts";
import { indented } from "./view/text.ts";
import { visible } from "./view/visible.ts";

/** An error as `--json` gives it. */
export interface Problem {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly fix: string | null;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Wrong usage, found before there is a project. */
export class UsageError extends KindlingError {}

/** The problem behind anything thrown. */
export function problemOf(error: unknown): Problem {
  // Whoever threw it, or what is told with it, may know no better than to show what it was given.
  const { text, value } = redactionOf();
  const known = ownError(error);
  if (known !== undefined) {
    const { name, code, fix } = known;
    return { name, code, message: text(known.message), fix: fix === undefined ? null : text(fix), details: value(known.details) };
  }
  const message = text(error instanceof Error ? error.message || error.name : String(error));
  const bug = new BugError(message, { cause: error });
  const stack =
    error instanceof Error && error.stack !== undefined
      ? {
          stack: error.stack
            .split("\n")
            .slice(1, 6)
            .map((line) => text(line.trim())),
        }
      : {};
  return { name: bug.name, code: bug.code, message, fix: bug.fix ?? null, details: stack };
}

/** True when a run cannot be read in full since its contract is not here, or not as the run needs it. */
export function isStranded(error: unknown): error is KindlingError {
  return error instanceof KindlingError && (error.code === "contract_changed" || error.code === "contract_not_found");
}

/** The exit code of a problem: by its code where one says more, else by who must act. */
export function exitOf({ name, code }: Pick<Problem, "name" | "code">): ExitCode {
  return EXIT_BY_CODE[code] ?? EXIT_BY_NAME[name] ?? 1;
}

/** A problem as lines for people: the message, what to do, and for our own faults where it happened. */
export function problemLines({ code, message, fix, details }: Problem, paint: Paint): string[] {
  const [first = "", ...more] = visible(message).trimEnd().split("\n");
  const stack =
    code === "bug" && Array.isArray(details["stack"]) ? details["stack"].map((line) => paint("faint", visible(String(line)))) : [];
  return [
    `${paint("bad", "✗")} ${first}`,
    ...indented(more),
    ...indented(stack),
    ...(fix === null
      ? []
      : visible(fix)
          .split("\n")
          .map((line, index) => (index === 0 ? `  ${paint("accent", "→")} ${line}` : `    ${line}`))),
  ];
}

const EXIT_BY_NAME: Readonly<Record<string, ExitCode>> = {
  UsageError: 2,
  ConfigError: 2,
  DefinitionError: 2,
  InputError: 2,
  LedgerError: 5,
  DeliveryRefused: 4,
};

const EXIT_BY_CODE: Readonly<Record<string, ExitCode>> = {
  run_not_found: 3,
  run_erased: 3,
  run_compacted: 3,
  path_not_found: 3,
  contract_not_found: 3,
  await_not_found: 3,
  not_awaiting: 3,
  unknown_event: 3,
  invalid_payload: 2,
  not_configured: 2,
  fact_too_new: 5,
  idempotency_conflict: 4,
  ambiguous_correlation: 4,
  already_decided: 4,
  run_ended: 4,
  run_open: 4,
  human_decision_required: 4,
  role_required: 4,
  starter_may_not_decide: 4,
  stale_approval: 4,
  delivery_conflict: 4,
  too_many_early_events: 4,
  contract_changed: 4,
  not_confirmed: 4,
  wrong_passphrase: 4,
  approver_not_found: 3,
  run_cancelled: 4,
  correlation_fixed: 4,
  nothing_to_retry: 4,
  nothing_to_upgrade: 4,
  no_such_node: 3,
  fact_not_found: 3,
  prompt_unknown: 3,
  store_not_found: 3,
  key_not_found: 3,
  key_removed: 3,
  nothing_recorded: 3,
  write_conflict: 4,
  value_too_new: 4,
  facts_diverged: 4,
  fact_differs: 4,
  facts_missing: 4,
  plan_changed: 4,
  detail_unavailable: 3,
};

/** An error of Kindling, also one of another copy of the package: a project may have its own. */
function ownError(error: unknown): Pick<KindlingError, "name" | "code" | "message" | "fix" | "details"> | undefined {
  if (error instanceof KindlingError) return error;
  if (!(error instanceof Error) || !("code" in error && "fix" in error && "details" in error)) return undefined;
  const { name, message, code, fix, details } = error;
  if (
    typeof code !== "string" ||
    typeof details !== "object" ||
    details === null ||
    !(name in EXIT_BY_NAME || /^(Run|Model|Bug)Error$/.test(name))
  )
    return undefined;
  // An error of another copy of this package was made by the same constructor.
  return { name, message, code, fix: typeof fix === "string" ? fix : undefined, details: details as KindlingError["details"] };
}
