// Derived stores against what a child would compute from the latest values: random writes, moves, removals, restarts, rules that fail and are mended, pasts that are given up,
// and processes that die between any two commits.

import { memoryLedger, defineHistory, defineStore, derive, type Derived } from "kindling";
import { fc } from "../fast-check.ts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { failureOf, LedgerError } from "../../src/errors.ts";
import { Derivations } from "../../src/host/derivations.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { orderOf } from "../../src/store/change.ts";
import type { DeriveWorld } from "../../src/store/derive-world.ts";
import { FactKeeper } from "../../src/store/fact-keeper.ts";
import { FactWriter } from "../../src/store/fact-writer.ts";
import { StoreReader } from "../../src/store/handle.ts";
import { ruleOf } from "../../src/store/keeping.ts";

/** A long night: `DERIVED_HISTORIES=5000`. One again: `DERIVED_SEED=…`, as it was printed. */
const HISTORIES = Number(process.env["DERIVED_HISTORIES"] ?? 120);
const SEED = process.env["DERIVED_SEED"] === undefined ? {} : { seed: Number(process.env["DERIVED_SEED"]) };

const shifts = defineStore("shifts", {
  schema: z.object({ days: z.array(z.string()), hours: z.number() }),
  retention: { last: 1 },
});
const bookings = defineHistory("bookings", { schema: z.object({ day: z.string(), hours: z.number() }), partitionBy: ({ day }) => day });

/** While it is on, rules refuse what has three hours. */
interface Trap {
  isSet: boolean;
}

function rules(trap: Trap, version: number): Readonly<Record<"booked" | "staffed" | "most" | "free", Derived<unknown>>> {
  const refuse = (hours: number): number => {
    if (trap.isSet && hours === 3) throw new Error("three hours");
    return hours;
  };
  const common = { schema: z.number(), version };
  const booked = derive("booked", {
    ...common,
    from: bookings,
    key: ({ day }) => day,
    reduce: { initial: 0, add: (sum, { hours }) => sum + refuse(hours) },
  });
  const staffed = derive("staffed", {
    ...common,
    from: shifts,
    key: ({ days }) => days,
    reduce: { initial: 0, add: (sum, { hours }) => sum + refuse(hours), remove: (sum, { hours }) => sum - hours },
  });
  const most = derive("most", {
    ...common,
    from: shifts,
    key: ({ days }) => days,
    reduce: { initial: 0, add: (most, { hours }) => Math.max(most, refuse(hours)) },
  });
  const free = derive("free", {
    ...common,
    from: { staffed, booked },
    key: { staffed: (_hours, { key }) => key, booked: (_hours, { key }) => key },
    compute: ({ staffed: [staff], booked: [taken] }) => (staff?.value ?? 0) - (taken?.value ?? 0),
  });
  return { booked, staffed, most, free };
}

const DAYS = ["mon", "tue", "wed"];
const hours = fc.integer({ min: 0, max: 4 });
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      shift: fc.constantFrom("s1", "s2", "s3"),
      value: fc.option(fc.record({ days: fc.uniqueArray(fc.constantFrom(...DAYS)), hours }), { freq: 4 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ day: fc.constantFrom(...DAYS), hours }) },
  { weight: 2, arbitrary: fc.constantFrom("settle" as const, "restart" as const, "rebuild" as const, "new version" as const) },
  { weight: 2, arbitrary: fc.record({ diesAfter: fc.integer({ min: 0, max: 6 }) }) },
  { weight: 1, arbitrary: fc.record({ trap: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ prunes: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.constant("compact" as const) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

describe("derived stores", () => {
  it(`say what a naive model says, through ${HISTORIES} random histories`, { timeout: 30_000 + HISTORIES * 60 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => play(steps)),
      { numRuns: HISTORIES, ...SEED },
    );
  });
});

class World {
  readonly ledger: Ledger;
  readonly trap: Trap = { isSet: false };
  readonly shifts = new Map<string, { readonly days: readonly string[]; readonly hours: number }>();
  readonly booked = new Map<string, number>();
  readonly #writer: FactWriter;
  readonly #keeper: FactKeeper;
  readonly #shiftIds: string[] = [];
  #version = 1;
  #rules = rules(this.trap, 1);
  #derivations: Derivations;
  /** Commits of what is derived that may still be written. */
  #left = Number.POSITIVE_INFINITY;

  constructor(ledger: Ledger) {
    this.ledger = ledger;
    this.#writer = new FactWriter(ledger);
    this.#keeper = new FactKeeper(ledger, this.#writer, () => 0);
    this.#derivations = this.#begin();
  }

  async write(shift: string, value: { readonly days: string[]; readonly hours: number } | null): Promise<void> {
    const change = value === null ? shifts.remove(shift) : shifts.write(shift, value);
    const { facts } = await this.#writer.record({ orders: [await orderOf(change)] });
    this.#shiftIds.push(...facts.map(({ id }) => id));
    if (value === null) this.shifts.delete(shift);
    else this.shifts.set(shift, value);
  }

  async book(day: string, of: number): Promise<void> {
    await this.#writer.record({ orders: [await orderOf(bookings.append({ day, hours: of }))] });
    this.booked.set(day, (this.booked.get(day) ?? 0) + of);
  }

  /** Gives up one of the facts of shifts; the latest of a key stays. */
  async prune(index: number): Promise<void> {
    const id = this.#shiftIds[index % Math.max(1, this.#shiftIds.length)];
    if (id !== undefined) await this.#keeper.keep({ verb: "prune", ids: [id] });
  }

  /** Gives up all of shifts but what they are now. */
  async compact(): Promise<void> {
    await this.#keeper.keep({ verb: "compact", rules: [ruleOf(shifts)] });
  }

  async settle(): Promise<void> {
    await this.#derivations.order({ act: "settle" });
  }

  async rebuild(): Promise<void> {
    await this.#derivations.order({ act: "rebuild" });
  }

  async restart(version = this.#version): Promise<void> {
    await this.#derivations.close();
    this.#version = version;
    this.#rules = rules(this.trap, version);
    this.#derivations = this.#begin();
  }

  async newVersion(): Promise<void> {
    await this.restart(this.#version + 1);
  }

  /** Derives, and dies when so many orders are recorded. */
  async die(after: number): Promise<void> {
    this.#left = after;
    await this.settle().catch((error: unknown) => {
      if (!(error instanceof LedgerError)) throw error;
    });
    this.#left = Number.POSITIVE_INFINITY;
    await this.restart();
  }

  async values(name: "booked" | "staffed" | "most" | "free"): Promise<Readonly<Record<string, unknown>>> {
    const reader = new StoreReader(this.#rules[name], {
      asked: () => Promise.resolve({ ledger: this.ledger, now: 0 }),
      record: () => Promise.reject(new Error("nobody writes it")),
      follow: () => {
        throw new Error("nobody follows it");
      },
    });
    return Object.fromEntries((await reader.list()).items.map(({ key, value }) => [key, value]));
  }

  #begin(): Derivations {
    const world: DeriveWorld = {
      ledger: this.ledger,
      now: () => 0,
      commitsAtOnce: 1,
      given: (value) => value,
      record: async (orders, beside) => {
        if (this.#left <= 0) throw new LedgerError("ledger_stopped", "the process died");
        this.#left -= 1;
        await this.#writer.record({ orders }, { beside });
      },
      within: async (_limit, _derived, work) => work(),
      told: (error) => failureOf(error),
    };
    const derivations = new Derivations(Object.values(this.#rules), world, () => {});
    derivations.start();
    return derivations;
  }
}

async function play(steps: readonly Step[]): Promise<void> {
  await using ledger = await memoryLedger().open({ access: "write", now: () => 0 });
  const world = new World(ledger);
  for (const each of steps) {
    if (each === "settle") await world.settle();
    else if (each === "restart") await world.restart();
    else if (each === "rebuild") await world.rebuild();
    else if (each === "new version") await world.newVersion();
    else if (each === "compact") await world.compact();
    else if ("prunes" in each) await world.prune(each.prunes);
    else if ("diesAfter" in each) await world.die(each.diesAfter);
    else if ("trap" in each) world.trap.isSet = each.trap;
    else if ("shift" in each) await world.write(each.shift, each.value);
    else await world.book(each.day, each.hours);
  }
  world.trap.isSet = false;
  await world.restart();
  await world.settle();
  const staffed = sums(world);
  const booked = Object.fromEntries(world.booked);
  expect(await world.values("booked")).toEqual(booked);
  expect(await world.values("staffed")).toEqual(staffed.sum);
  expect(await world.values("most")).toEqual(staffed.most);
  const days = new Set([...Object.keys(booked), ...Object.keys(staffed.sum)]);
  const free = [...days].map((day) => [day, (staffed.sum[day] ?? 0) - (booked[day] ?? 0)]);
  expect(await world.values("free")).toEqual(Object.fromEntries(free));
}

function sums(world: World): { readonly sum: Record<string, number>; readonly most: Record<string, number> } {
  const [sum, most]: Record<string, number>[] = [{}, {}];
  if (sum === undefined || most === undefined) throw new Error("two were made");
  for (const { days, hours: each } of world.shifts.values())
    for (const day of days) {
      sum[day] = (sum[day] ?? 0) + each;
      most[day] = Math.max(most[day] ?? 0, each);
    }
  return { sum, most };
}
