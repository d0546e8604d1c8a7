// Durations as authors write them: `"3d"`, `"90s"`, or milliseconds.

/** Milliseconds, or a number with a unit: `ms`, `s`, `m`, `h`, `d`, `w`. */
export type Duration = number | `${number}${"ms" | "s" | "m" | "h" | "d" | "w"}`;

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** The duration in milliseconds, or undefined when it is none: negative, not finite, unknown unit. */
export function toMilliseconds(duration: Duration): number | undefined {
  if (typeof duration === "number") return Number.isFinite(duration) && duration >= 0 ? Math.round(duration) : undefined;
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(duration) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  const factor = Object.entries(UNITS).find(([name]) => name === unit)?.[1] ?? 0;
  return Math.round(Number(amount) * factor);
}

/** Milliseconds as a short text for people: `250 ms`, `4.2 s`, `3 min`, `2 h 5 min`, `3 d`. */
export function describeMilliseconds(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < UNITS.m) return ms < UNITS.m - 50 ? `${(ms / 1_000).toFixed(1)} s` : "1 min";
  const [major, minor] =
    ms < UNITS.h
      ? ([
          ["min", UNITS.m],
          ["s", UNITS.s],
        ] as const)
      : ms < UNITS.d
        ? ([
            ["h", UNITS.h],
            ["min", UNITS.m],
          ] as const)
        : ([
            ["d", UNITS.d],
            ["h", UNITS.h],
          ] as const);
  const whole = Math.floor(ms / major[1]);
  const rest = Math.floor((ms - whole * major[1]) / minor[1]);
  return rest === 0 ? `${whole} ${major[0]}` : `${whole} ${major[0]} ${rest} ${minor[0]}`;
}
