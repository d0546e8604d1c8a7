// The wall clock: used only where the caller hands in none.

/** Milliseconds since 1970. */
export function wallClock(): number {
  return Date.now();
}
