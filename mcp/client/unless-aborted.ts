// Waiting for something that others wait for, too: who is stopped goes, and what is waited for goes on.

/** What is waited for, or the signal's reason when that comes first. */
export function unlessAborted<T>(wanted: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    // The reason of whoever stopped it, as `throwIfAborted` would throw it.
    const stop = () => reject(signal.reason as Error);
    if (signal.aborted) return stop();
    signal.addEventListener("abort", stop, { once: true });
    wanted.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
