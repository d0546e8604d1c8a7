// Settings that come in steps, and APIs that have only some of them: the nearest one is taken and the warning says so. Knows no API.

import type { CacheSpan, Effort } from "../../src/index.ts";

const EFFORTS: readonly Effort[] = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];

/** The effort nearest to the one asked for; of two equally near ones the smaller. Without a list anything may be sent. */
export function nearestEffort(model: string, asked: Effort, offered: readonly Effort[] | undefined, warnings: string[]): Effort {
  if (offered === undefined || offered.length === 0 || offered.includes(asked)) return asked;
  const distance = (effort: Effort): number => Math.abs(EFFORTS.indexOf(effort) - EFFORTS.indexOf(asked));
  // Not thinking at all is another thing than thinking little, and is only taken when it is asked for.
  const thinking = offered.filter((effort) => effort !== "none");
  const choice = thinking.length > 0 ? thinking : offered;
  const nearest = EFFORTS.filter((effort) => choice.includes(effort)).reduce(
    (best, effort) => (distance(effort) < distance(best) ? effort : best),
    choice[0] ?? asked,
  );
  warnings.push(`reasoning: ${model} has no effort "${asked}"; "${nearest}" was taken`);
  return nearest;
}

const MINUTES: Readonly<Record<CacheSpan, number>> = { "5m": 5, "30m": 30, "1h": 60, "12h": 720 };

/** The span nearest by factor to the one asked for: 30 minutes are nearer to an hour than to five minutes. */
export function nearestSpan<Span extends CacheSpan>(asked: CacheSpan, offered: readonly [Span, ...Span[]], warnings: string[]): Span {
  const factor = (span: CacheSpan): number => Math.abs(Math.log(MINUTES[span] / MINUTES[asked]));
  const nearest = offered.reduce((best, span) => (factor(span) < factor(best) ? span : best));
  if (nearest === asked) return nearest;
  const warning = `cache: there is no span of "${asked}"; "${nearest}" was taken`;
  if (!warnings.includes(warning)) warnings.push(warning);
  return nearest;
}
