// How long to wait before the next try. Pure: the random number is handed in; knows no clock and no provider.

/** The shape of the waiting times. */
export interface BackoffPolicy {
  /** The longest wait before the second try; doubled for every further one. */
  readonly baseMs: number;
  /** No computed wait is longer. */
  readonly capMs: number;
  /** A provider that asks for a longer pause than this is not believed. */
  readonly retryAfterCapMs: number;
}

/** One second, doubling, up to five minutes; a provider's `retry-after` counts up to ten minutes. */
export const DEFAULT_BACKOFF: BackoffPolicy = { baseMs: 1_000, capMs: 300_000, retryAfterCapMs: 600_000 };

/**
 * The pause after the failed try number `attempt` (from 1): full jitter, anything from 0 to `baseMs · 2^(attempt-1)`, never above `capMs`,
 * and never earlier than the provider asked for.
 *
 * @param random a number from 0 up to 1, as `Math.random` gives
 * @example retryDelayMs(3, DEFAULT_BACKOFF, 0.5) // 2000: half of four seconds
 */
export function retryDelayMs(attempt: number, policy: BackoffPolicy, random: number, retryAfterMs?: number): number {
  // Beyond 2^30 the cap has long been reached; the bound keeps the power finite.
  const doublings = Math.min(Math.max(attempt - 1, 0), 30);
  const ceilingMs = Math.min(policy.capMs, policy.baseMs * 2 ** doublings);
  const floorMs = Math.min(retryAfterMs ?? 0, policy.retryAfterCapMs);
  return Math.round(Math.max(ceilingMs * random, floorMs));
}
