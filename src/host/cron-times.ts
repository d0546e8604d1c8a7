// The times of a cron line, by croner: it knows time zones and the hours that summer time skips or repeats.

import { Cron } from "croner";
import { ConfigError } from "../errors.ts";

/** The first time after another one, in milliseconds since 1970; undefined when there is none. @throws ConfigError `bad_schedule` */
export function cronTimes(line: string, timezone: string | undefined): (after: number) => number | undefined {
  const cron = parse(line, timezone);
  return (after) => cron.nextRun(new Date(after))?.getTime();
}

function parse(line: string, timezone: string | undefined): Cron {
  try {
    const cron = new Cron(line, timezone === undefined ? {} : { timezone });
    cron.nextRun(new Date(0));
    return cron;
  } catch (error) {
    throw new ConfigError(
      "bad_schedule",
      `the schedule ${JSON.stringify(line)}${timezone === undefined ? "" : ` in ${timezone}`} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      {
        fix: 'Give minute, hour, day, month and weekday, such as "0 9 * * MON-FRI", and a time zone such as "Europe/Berlin".',
        cause: error,
      },
    );
  }
}
