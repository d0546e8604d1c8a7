// What stores and histories are measured against, behind one shape: items by key with two indexes and their past, events by part, and a sum over each part. The same for all subjects.

/** An item as it is written. */
export interface Item {
  readonly owner: string;
  readonly due: number;
  readonly text: string;
}

/** An event as it is recorded. */
export interface Visit {
  readonly part: string;
  readonly minutes: number;
}

/** A key whose past is long. */
export const HOT = "hot";

/** Facts of one part, and keys of one owner. */
export const PART_FACTS = 50;

/** Something that keeps facts. All that is written is durable when the promise resolves. */
export interface FactSubject {
  /** Many at once, as one change. */
  fill(items: readonly (readonly [key: string, item: Item])[], visits: readonly Visit[]): Promise<unknown>;
  write(key: string, item: Item): Promise<unknown>;
  get(key: string): Promise<Item | undefined>;
  /** As it was after so many parts of a thousand of all that was recorded. */
  getThen(key: string, permille: number): Promise<Item | undefined>;
  /** The events of a part. */
  part(part: string): Promise<number>;
  /** 20 items of an owner. */
  ofOwner(owner: string): Promise<number>;
  /** 20 items from a time on, the earliest first. */
  dueFrom(due: number): Promise<number>;
  /** Begins to keep a sum for each part; resolves when it knows all there is. */
  deriveSums(): Promise<unknown>;
  /** Records an event; resolves when the sum of its part is durable, too. */
  visit(visit: Visit): Promise<unknown>;
  sum(part: string): Promise<number | undefined>;
  close(): Promise<void>;
}

/** Numbers that are spread and the same each time. */
export function spread(number: number, below: number): number {
  return Number((BigInt(number) * 2_654_435_761n) % BigInt(below));
}

export function itemOf(number: number, owners: number): Item {
  return { owner: `owner-${spread(number, owners)}`, due: spread(number, 1_000_000), text: "Lorem ipsum dolor sit amet. ".repeat(4) };
}
