// Waits until a time or for a duration. The time is recorded when the sleep begins, so it is the same one after any restart.

import { toMilliseconds, type Duration } from "../graph/duration.ts";
import type { NodeFinding } from "../graph/graph.ts";
import type { Needs, Node, Values } from "../graph/node.ts";
import { ValueError } from "../graph/value-error.ts";
import type { NeedValues } from "../graph/work.ts";
import { toTime } from "../moment.ts";
import { NEEDS, optional, type KindForm } from "./form.ts";
import { badOption, checkDuration, codeOf, type CommonOptions, type NodeKind, RUNS_NO_CODE, untyped } from "./kind.ts";

export interface SleepOptions<N extends Needs> extends CommonOptions {
  /** What a function for `for` reads. */
  readonly needs?: N;
  /** How long, from when everything before it is there: `"3d"`, or a function of the needs. */
  readonly for?: Duration | ((needs: Values<N>) => Duration);
  /** Until when: a node that gives ISO text with a time zone (a date alone begins in UTC) or milliseconds since 1970. A time that has passed wakes at once. */
  readonly until?: Node<string | number>;
}

export interface SleepMethods {
  /** Sleeps `for` a duration or `until` a time; its value is the time to which it slept, as ISO text. */
  sleep<N extends Needs = {}>(name: string, options: SleepOptions<N>): Node<string>;
}

const UNTIL = "until";

export const sleep: NodeKind<SleepMethods> = {
  kind: "sleep",
  methods: ({ declare }) => ({
    sleep: (name, options) => {
      const { for: duration, until } = options;
      const lasts = typeof duration === "function" ? untyped(duration) : () => duration;
      const needs: Needs = { ...options.needs, ...(until === undefined ? {} : { [UNTIL]: until }) };
      return declare({
        kind: "sleep",
        name,
        needs,
        options,
        behaviour: {
          work: {
            type: "sleep",
            until: (values, now) => (until === undefined ? wakeAfter(name, lasts(values), now) : timeOf(name, values)),
          },
          detail: until === undefined ? { for: typeof duration === "function" ? codeOf(duration) : (duration ?? null) } : { until: true },
          picture: {
            shape: "time",
            lines: [until === undefined ? (typeof duration === "function" ? "computed" : String(duration)) : `until ${until.name}`],
          },
          gives: { type: "string" },
          ...RUNS_NO_CODE,
          check: () => checkSleep(options),
          declared: () => options,
        },
      });
    },
  }),
};

/** A date is no further from 1970 than this, and so is no time to wake. */
const FURTHEST_MS = 8.64e15;

function wakeAfter(name: string, duration: unknown, now: number): number {
  const isDuration = typeof duration === "string" || typeof duration === "number";
  // A string that is no duration is told by the same answer as one of another form.
  const lengthMs = isDuration ? toMilliseconds(duration as Duration) : undefined;
  if (lengthMs !== undefined && now + lengthMs <= FURTHEST_MS) return now + lengthMs;
  const what = lengthMs === undefined ? "is no duration" : "is longer than time can be told";
  throw new ValueError("bad_time", `sleep "${name}": for gave ${JSON.stringify(duration) ?? String(duration)}, which ${what}`, {
    fix: 'Give milliseconds, or a number with ms, s, m, h, d or w, such as "3d".',
  });
}

function timeOf(name: string, values: NeedValues): number {
  const given = values[UNTIL];
  const at = typeof given === "number" ? given : (toTime(given) ?? Number.NaN);
  // Never before the time: a part of a millisecond counts as a whole one.
  if (Math.abs(at) <= FURTHEST_MS) return Math.ceil(at);
  throw new ValueError("bad_time", `sleep "${name}": until is ${JSON.stringify(given)}, which is no time`, {
    fix: "Give ISO text with a time zone, such as 2026-11-21T09:00:00Z, or milliseconds since 1970.",
  });
}

function checkSleep<N extends Needs>({
  for: duration,
  until,
  needs = {},
}: Pick<SleepOptions<Needs>, "until" | "needs"> & Pick<SleepOptions<N>, "for">): NodeFinding[] {
  const findings: NodeFinding[] = [];
  if ((duration === undefined) === (until === undefined))
    findings.push(
      badOption(
        `has ${duration === undefined ? "neither for nor until" : "both for and until"}`,
        'Give one: for: "3d", or until: a node with a time.',
      ),
    );
  if (typeof duration !== "function") findings.push(...checkDuration("for", duration, 0));
  if (UNTIL in needs) findings.push(badOption('needs has "until", which the sleep itself gives', "Give it another name."));
  return findings;
}

export const sleepForm: KindForm = {
  about: "Waits for a duration, or until a time that a node gives; its value is that time as ISO text.",
  options: { needs: optional(NEEDS), for: optional({ type: "duration" }), until: optional({ type: "node" }) },
  declare: (g, name, options) => g.sleep(name, options),
};
