// One key of a derived store: what stands there after facts of the sources changed, made of what its rule says.

import { InputError, RunError } from "../errors.ts";
import { isSameJson } from "../json.ts";
import type { Commit } from "../ledger/ledger.ts";
import type { Rank } from "../ledger/rank.ts";
import { CAUSES_LIMIT, type FactOrder, orderOf } from "./change.ts";
import { faultCommits, mendedCommit, type OpenFault, openFaultOf } from "./derivation-log.ts";
import type { Derived } from "./derive.ts";
import type { DeriveWorld } from "./derive-world.ts";
import type { RawFact } from "./fact.ts";
import { factOf } from "./fact-reader.ts";
import { groupFacts } from "./group-facts.ts";
import { type Member, Members } from "./members.ts";
import { streamOf } from "./names.ts";
import { isFoundAlike } from "./ranks.ts";
import { type ComputeRule, type ReduceRule, threw } from "./rule.ts";
import type { SourceChange } from "./source-change.ts";
import type { Store } from "./store.ts";
import { readWritten } from "./value.ts";
import { canBeTold, changesAgain } from "./waiting.ts";

/** What is to be recorded of a key: its value, if it is another one, and what belongs to it. */
export interface GroupOutcome {
  readonly order: FactOrder | undefined;
  readonly beside: readonly Commit[];
}

/** What was made of a key. */
interface Made {
  /** Undefined for none. */
  readonly value: unknown;
  readonly causes: readonly string[];
  /** Values it is made of. */
  readonly sources: number;
  /** Recorded even when it is the same value. */
  readonly isNews: boolean;
  /** Facts up to there are in it, where that is further than was asked for: some may have waited from before a crash. */
  readonly upTo?: number;
}

/**
 * Derives one key. What is wrong with it is an outcome, too: its value stays as it was, and the fault is recorded. Undefined when facts wait of which nobody can tell any more what they
 * changed. @param upTo everything up to there counts
 */
export async function deriveGroup(
  world: DeriveWorld,
  derived: Derived<unknown>,
  { key, changes }: { readonly key: string; readonly changes: readonly SourceChange[] },
  upTo: number,
): Promise<GroupOutcome | undefined> {
  const { rule, name } = derived;
  if (rule.type === "reduce") {
    const before = await openFaultOf(world.ledger, name, key);
    if (before?.isStuck === false && !(await canBeTold(world.ledger, derived, before.pending))) return undefined;
    return attempt(
      world,
      { derived, key, upTo, before, pending: changes.map(({ fact }) => fact.id), isStuck: false, beside: [] },
      (current) => reduced(world, { derived, rule, key, before }, changes, current),
    );
  }
  const members = await Members.read(world.ledger, name, key);
  for (const { left, joined, member } of changes) {
    if (left.includes(key) && !joined.includes(key)) members.leave(member);
    if (joined.includes(key)) members.join(member);
  }
  const commit = members.commit();
  return computeGroup(world, { derived, rule }, { key, members: members.all, changed: changes.map(({ fact }) => fact.id), upTo, commit });
}

/** Computes a key of which the members are known. @param commit records them */
export async function computeGroup(
  world: DeriveWorld,
  { derived, rule }: { readonly derived: Derived<unknown>; readonly rule: ComputeRule },
  group: {
    readonly key: string;
    readonly members: readonly Member[];
    readonly changed: readonly string[];
    readonly upTo: number;
    readonly commit: Commit | undefined;
    /** True when events of the sources were given up. */
    readonly isCut?: boolean;
  },
): Promise<GroupOutcome> {
  const { name } = derived;
  const { key, upTo, commit, isCut = false } = group;
  const before = await openFaultOf(world.ledger, name, key);
  const beside = commit === undefined ? [] : [commit];
  return attempt(world, { derived, key, upTo, before, pending: [], isStuck: false, beside }, async (current) => {
    const made = await computed(world, { derived, rule, ...group }, current);
    if (isCut) assertKept(name, current, made.sources);
    return made;
  });
}

/** Records an account that was made anew, or why it could not be. */
export async function settleAccount(
  world: DeriveWorld,
  derived: Derived<unknown>,
  made: {
    readonly key: string;
    readonly account: () => unknown;
    readonly causes: readonly string[];
    readonly sources: number;
    readonly upTo: number;
    /** True when events of the sources were given up. */
    readonly isCut: boolean;
  },
): Promise<GroupOutcome> {
  const { key, account, causes, sources, upTo, isCut } = made;
  const before = await openFaultOf(world.ledger, derived.name, key);
  return attempt(world, { derived, key, upTo, before, pending: [], isStuck: true, beside: [] }, (current) => {
    if (isCut) assertKept(derived.name, current, sources);
    return { value: sources === 0 ? undefined : account(), causes, sources, isNews: current?.derivation?.sources !== sources };
  });
}

/** A value that is made of more than there is now cannot be made anew: it stays. */
function assertKept(derived: string, current: RawFact | undefined, sources: number): void {
  const known = current?.act === "written" ? (current.derivation?.sources ?? 0) : 0;
  if (known <= sources) return;
  throw new RunError(
    "detail_unavailable",
    `${derived}: ${JSON.stringify(current?.key)} is made of ${known} facts, and ${sources} of them are kept`,
    {
      fix: "Its value stays as it is: what was given up cannot be taken in again.",
      details: { known, kept: sources },
    },
  );
}

interface Attempt {
  readonly derived: Derived<unknown>;
  readonly key: string;
  readonly upTo: number;
  readonly before: OpenFault | undefined;
  /** What waits for another attempt when this one fails. */
  readonly pending: readonly string[];
  /** True when only deriving everything anew could mend it. */
  readonly isStuck: boolean;
  readonly beside: readonly Commit[];
}

async function attempt(
  world: DeriveWorld,
  { derived, key, upTo, before, pending, isStuck, beside }: Attempt,
  make: (current: RawFact | undefined) => Made | Promise<Made>,
): Promise<GroupOutcome> {
  const { ledger } = world;
  const { name } = derived;
  try {
    const stream = streamOf("store", name, key);
    const current = await factOf({ ledger, now: world.now() }, stream);
    const made = await make(current);
    const order = await orderFor(world, derived, { key, upTo, made, current, ranks: ledger.head(stream)?.ranks });
    return { order, beside: before === undefined ? beside : [...beside, mendedCommit(ledger, name, key)] };
  } catch (error) {
    if (!isOfTheRule(error)) throw error;
    const fault = { key, failure: world.told(error), position: upTo, time: world.now() };
    return { order: undefined, beside: [...beside, ...faultCommits(ledger, name, fault, { pending, isStuck, before })] };
  }
}

/** True for what is wrong with the rule or its values, and not with the ledger or with us. */
export function isOfTheRule(error: unknown): boolean {
  return error instanceof RunError || error instanceof InputError;
}

async function orderFor(
  { given }: DeriveWorld,
  derived: Derived<unknown>,
  {
    key,
    upTo,
    made,
    current,
    ranks,
  }: Pick<Attempt, "key" | "upTo"> & {
    readonly made: Made;
    readonly current: RawFact | undefined;
    readonly ranks: readonly Rank[] | undefined;
  },
): Promise<FactOrder | undefined> {
  const { name, version } = derived;
  const { value, causes, sources, isNews } = made;
  const isThere = current?.act === "written";
  const producer = { kind: "derivation", name } as const;
  const derivation = { version, upTo: Math.max(upTo, made.upTo ?? 0), sources };
  // Of a store that is written it lacks the two methods only, and no order needs them.
  const store = derived as unknown as Store<unknown>;
  if (value === undefined) {
    if (!isThere) return undefined;
    return { ...(await orderOf({ act: "remove", store, key, options: { causedBy: causes, producer } })), derivation };
  }
  const order = await orderOf({ act: "write", store, key, value, options: { causedBy: causes, producer } }, given);
  const isSame = isThere && !isNews && current.version === version && isSameJson(current.value ?? null, order.value ?? null);
  // A definition that got an index since finds nothing by it until its values are recorded anew.
  if (isSame && isFoundAlike(ranks, order.ranks)) return undefined;
  return { ...order, derivation };
}

async function computed(
  world: DeriveWorld,
  {
    derived,
    rule,
    key,
    members,
    changed,
    upTo,
  }: {
    readonly derived: Derived<unknown>;
    readonly rule: ComputeRule;
    readonly key: string;
    readonly members: readonly Member[];
    readonly changed: readonly string[];
    readonly upTo: number;
  },
  current: RawFact | undefined,
): Promise<Made> {
  const facts = await groupFacts(world, { derived, rule, key, members, upTo });
  const ids = [...facts.values()].flatMap((of) => of.map(({ id }) => id));
  const areNamed = ids.length <= CAUSES_LIMIT;
  const causes = ids.length > 0 && areNamed ? ids : causesOf(current, changed.length === 0 ? ids : changed);
  if (ids.length === 0) return { value: undefined, causes, sources: 0, isNews: false };
  const value = await world.within(rule.timeLimit, derived.name, async () => {
    try {
      return await rule.compute(facts, key);
    } catch (error) {
      throw threw(derived.name, "compute", error);
    }
  });
  // Of more than can be named, what changed says whether it is made of something else, or how many they are.
  const isMore = changed.length > 0 || current?.derivation?.sources !== ids.length;
  const isOther = areNamed ? !isSameJson([...(current?.causes ?? [])], [...causes]) : isMore;
  return { value, causes, sources: ids.length, isNews: current !== undefined && isOther };
}

async function reduced(
  { ledger }: DeriveWorld,
  {
    derived,
    rule,
    key,
    before,
  }: { readonly derived: Derived<unknown>; readonly rule: ReduceRule; readonly key: string; readonly before: OpenFault | undefined },
  news: readonly SourceChange[],
  current: RawFact | undefined,
): Promise<Made> {
  if (before?.isStuck === true)
    throw new RunError("derivation_stuck", `${derived.name}: too much went wrong with ${JSON.stringify(key)} to go on from there`, {
      fix: `Mend the rule, and derive it anew: kindling.derivations.rebuild("${derived.name}").`,
    });
  const from = current?.derivation?.upTo ?? 0;
  const waiting = await changesAgain(ledger, derived, before?.pending ?? []);
  const fresh = news.filter(({ fact }) => before?.pending.includes(fact.id) !== true);
  const changes = [...waiting, ...fresh].filter(({ fact }) => fact.position > from);
  let sources = current?.act === "written" ? (current.derivation?.sources ?? 0) : 0;
  const written = await readWritten(derived, current);
  let account: unknown = written === undefined ? structuredClone(rule.initial) : written.value;
  for (const { left, joined, before: was, after: is } of changes) {
    if (was !== undefined && left.includes(key)) {
      const { value, ...ref } = was;
      account = rule.remove?.(account, value, ref);
      sources -= 1;
    }
    if (is === undefined || !joined.includes(key)) continue;
    const { value, ...ref } = is;
    account = rule.add(account, value, ref);
    sources += 1;
  }
  const causes = causesOf(
    current,
    changes.map(({ fact }) => fact.id),
  );
  const last = changes.reduce((position, { fact }) => Math.max(position, fact.position), 0);
  return { value: sources > 0 ? account : undefined, causes, sources, isNews: changes.length > 0, upTo: last };
}

/** For what is made of more than can be named: what was derived before, and what changed since. */
function causesOf(current: RawFact | undefined, changed: readonly string[]): readonly string[] {
  return current === undefined ? changed.slice(-CAUSES_LIMIT) : [current.id, ...changed.slice(1 - CAUSES_LIMIT)];
}
