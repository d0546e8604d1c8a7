// Who waits for what others hand to this process, a delivery or a fact, has nothing under way that Node knows of: without this, the process would end in the middle of waiting.

/** As long as Node takes one. */
const LONGEST_INTERVAL_MS = 2 ** 31 - 1;

/** Keeps the process alive until the function given back is called. */
export function keepAlive(): () => void {
  const timer = setInterval(() => undefined, LONGEST_INTERVAL_MS);
  return () => clearInterval(timer);
}
