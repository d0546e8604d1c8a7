// Sorts a long list in small steps, so that others can go on in between: short runs first, then two at a time as one.

/** Elements handled between two steps: under a millisecond. */
const STEP = 1_024;

/** Yields after every step; what it returns is the sorted list. Equal elements keep their order. */
export function* sortSteps<T>(list: readonly T[], isBefore: (one: T, other: T) => boolean): Generator<void, readonly T[]> {
  let runs: (readonly T[])[] = [];
  for (let from = 0; from < list.length; from += STEP) {
    const run = list.slice(from, from + STEP);
    if (!isInOrder(run, isBefore)) run.sort((one, other) => (isBefore(one, other) ? -1 : isBefore(other, one) ? 1 : 0));
    runs.push(run);
    yield;
  }
  while (runs.length > 1) {
    const longer: (readonly T[])[] = [];
    for (let index = 0; index < runs.length; index += 2) {
      longer.push(yield* mergeSteps(runs[index] ?? [], runs[index + 1] ?? [], isBefore));
    }
    runs = longer;
  }
  return runs[0] ?? [];
}

function* mergeSteps<T>(left: readonly T[], right: readonly T[], isBefore: (one: T, other: T) => boolean): Generator<void, readonly T[]> {
  const [next] = right;
  const last = left.at(-1);
  // Much of what is sorted was in order before, or nearly.
  if (next === undefined || last === undefined || !isBefore(next, last)) return left.concat(right);
  const merged: T[] = [];
  let index = 0;
  for (const each of left) {
    for (let other = right[index]; other !== undefined && isBefore(other, each); other = right[index]) {
      merged.push(other);
      index += 1;
      if (merged.length % STEP === 0) yield;
    }
    merged.push(each);
    if (merged.length % STEP === 0) yield;
  }
  for (; index < right.length; index++) {
    const other = right[index];
    if (other !== undefined) merged.push(other);
  }
  return merged;
}

function isInOrder<T>(list: readonly T[], isBefore: (one: T, other: T) => boolean): boolean {
  return list.every((each, index) => {
    const before = list[index - 1];
    return before === undefined || !isBefore(each, before);
  });
}
