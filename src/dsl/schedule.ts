// When runs of a contract start by themselves.

import { toMilliseconds, type Duration } from "../graph/duration.ts";
import type { Finding } from "../graph/finding.ts";
import type { Schedule } from "../graph/graph.ts";
import type { InputArguments, InputSchemas } from "./contract.ts";

/** A rhythm, and the inputs of the runs it starts. */
export type ScheduleOptions<S extends InputSchemas> = (
  | { /** From when the contract was first there. */ readonly every: Duration; readonly cron?: undefined; readonly timezone?: undefined }
  | {
      /** Five or six fields, as crontab has them: `"0 9 * * MON-FRI"`. */
      readonly cron: string;
      /** `Europe/Berlin`; the machine's own when left out. */
      readonly timezone?: string;
      readonly every?: undefined;
    }
) & {
  /** The inputs, or a function of the time that is due. */
  readonly inputs: InputArguments<S> | ((at: Date) => InputArguments<S>);
  /** Times that passed while no process was there: the `latest` of them starts a run (default), or `none` does. */
  readonly missed?: "latest" | "none";
};

type AnySchedule = {
  readonly every?: Duration | undefined;
  readonly cron?: string | undefined;
  readonly timezone?: string | undefined;
  readonly inputs: unknown;
  readonly missed?: "latest" | "none" | undefined;
};

/** The schedule as a host keeps it. */
export function scheduleOf(options: AnySchedule | undefined): Schedule | undefined {
  if (options === undefined) return undefined;
  const { every, cron, timezone, inputs, missed = "latest" } = options;
  return {
    when: every === undefined ? { type: "cron", cron: cron ?? "", timezone } : { type: "every", everyMs: toMilliseconds(every) ?? 0 },
    // The options' types made sure what it takes and gives.
    inputs: typeof inputs === "function" ? (inputs as (at: Date) => unknown) : () => inputs,
    ...(typeof inputs === "function" ? {} : { fixedInputs: inputs }),
    missed,
  };
}

/** Whole words of a crontab line; its meaning is read when a runtime keeps it. */
const CRON = /^\S+(\s+\S+){4,5}$|^@\w+$/;

/** Finds a schedule that is none. */
export function checkSchedule(contract: string, options: AnySchedule | undefined): Finding[] {
  if (options === undefined) return [];
  const { every, cron } = options;
  const bad = (message: string, hint: string): Finding[] => [{ code: "bad_option", severity: "error", contract, message, hint }];
  if ((every === undefined) === (cron === undefined))
    return bad(
      `schedule has ${every === undefined ? "neither every nor cron" : "both every and cron"}`,
      'Give one: every: "1h", or cron: "0 9 * * *".',
    );
  if (every !== undefined && (toMilliseconds(every) ?? 0) < 1_000)
    return bad(`schedule.every is ${JSON.stringify(every)}`, 'Give a duration of at least 1 second, such as "15m".');
  if (cron !== undefined && !CRON.test(cron.trim()))
    return bad(
      `schedule.cron is ${JSON.stringify(cron)}`,
      'Give five fields (minute, hour, day, month, weekday), such as "0 9 * * MON-FRI".',
    );
  return [];
}
