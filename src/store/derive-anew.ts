// Derives a store from all there is in its sources, whatever was derived before: what is the same stays, what is different is recorded, what nothing contributes to any more is removed.
// The accounts, or who belongs to which key, are held in memory meanwhile.

import { asError } from "../errors.ts";
import type { Commit, Ledger } from "../ledger/ledger.ts";
import { CAUSES_LIMIT } from "./change.ts";
import { faultCommits, faultsOf, mendedCommit, openFaultOf, pointCommit } from "./derivation-log.ts";
import type { Derived } from "./derive.ts";
import type { DeriveWorld } from "./derive-world.ts";
import type { RawFact } from "./fact.ts";
import { keyIn } from "./fact-reader.ts";
import { computeGroup, isOfTheRule, settleAccount } from "./group.ts";
import { headsInTurns } from "./heads.ts";
import { inTurns } from "./in-turns.ts";
import { keyNoteOf } from "./key-note.ts";
import { keysWithMembers, type Member, Members } from "./members.ts";
import { headKeys, streamOf } from "./names.ts";
import { OutcomeWriter } from "./outcome-writer.ts";
import { groupsOf } from "./rule.ts";
import { memberOf, valueOf } from "./source-change.ts";
import { sourceFacts } from "./source-facts.ts";

/** What belongs to a key. */
interface Group {
  readonly members: Member[];
  account: unknown;
  /** The last of the facts it is made of. */
  causes: string[];
  sources: number;
  /** What went wrong: the account is none. */
  error: Error | undefined;
}

/** @returns everything up to this position was taken in; undefined when it was called off */
export async function deriveAnew(world: DeriveWorld, derived: Derived<unknown>, signal: AbortSignal): Promise<number | undefined> {
  const { ledger } = world;
  const { name, rule } = derived;
  const upTo = ledger.position;
  const groups = new Map<string, Group>();
  let fault: { readonly fact: RawFact; readonly error: unknown } | undefined;
  for await (const { source, fact } of sourceFacts(ledger, derived, upTo)) {
    if (signal.aborted) return undefined;
    try {
      await takeIn(groups, derived, source, fact);
    } catch (error) {
      if (!isOfTheRule(error)) throw error;
      fault ??= { fact, error };
    }
  }
  const histories = [...rule.sources.values()].filter(({ kind }) => kind === "history");
  const isCut = (await Promise.all(histories.map(({ name: source }) => isAnyCut(ledger, source)))).includes(true);
  const writer = new OutcomeWriter(world);
  for await (const [key, group] of inTurns(groups)) {
    if (signal.aborted) return undefined;
    await writer.add(await outcomeOf(world, derived, { key, group, upTo, isCut }));
  }
  for await (const { run } of headsInTurns(ledger, headKeys.present(name))) {
    if (signal.aborted) return undefined;
    const key = keyIn("store", name, run);
    if (!groups.has(key)) await writer.add(await outcomeOf(world, derived, { key, group: newGroup(derived), upTo, isCut }));
  }
  // Of a key that was erased with what it was derived from nothing stands there, and it has members.
  for await (const key of keysWithMembers(ledger, name)) {
    if (signal.aborted) return undefined;
    if (groups.has(key) || isPresent(ledger, name, key)) continue;
    const commit = (await Members.read(ledger, name, key)).instead([]);
    if (commit !== undefined) await writer.add({ order: undefined, beside: [commit] });
  }
  await writer.end([...(await otherFaults(world, derived, groups, fault)), pointCommit(ledger, derived, upTo)]);
  return upTo;
}

function isPresent(ledger: Ledger, name: string, key: string): boolean {
  return keyNoteOf(ledger.head(streamOf("store", name, key))).isPresent;
}

function newGroup({ rule }: Derived<unknown>): Group {
  const account = rule.type === "reduce" ? structuredClone(rule.initial) : undefined;
  return { members: [], account, causes: [], sources: 0, error: undefined };
}

async function takeIn(groups: Map<string, Group>, derived: Derived<unknown>, source: string, raw: RawFact): Promise<void> {
  const { rule, name } = derived;
  const definition = rule.sources.get(source);
  const fact = definition === undefined ? undefined : await valueOf(definition, raw);
  if (fact === undefined) return;
  for (const key of groupsOf(rule, name, source, fact)) {
    const group = groups.get(key) ?? newGroup(derived);
    groups.set(key, group);
    if (rule.type === "compute") {
      group.members.push(memberOf(source, raw));
      continue;
    }
    const { value, ...ref } = fact;
    try {
      if (group.error === undefined) group.account = rule.add(group.account, value, ref);
    } catch (error) {
      group.error = asError(error);
    }
    group.sources += 1;
    group.causes.push(fact.id);
    if (group.causes.length >= 2 * CAUSES_LIMIT) group.causes = group.causes.slice(-CAUSES_LIMIT);
  }
}

async function outcomeOf(
  world: DeriveWorld,
  derived: Derived<unknown>,
  { key, group, upTo, isCut }: { readonly key: string; readonly group: Group; readonly upTo: number; readonly isCut: boolean },
): ReturnType<typeof computeGroup> {
  const { ledger } = world;
  const { name, rule } = derived;
  if (rule.type === "compute") {
    const commit = (await Members.read(ledger, name, key)).instead(group.members);
    return computeGroup(world, { derived, rule }, { key, members: group.members, changed: [], upTo, commit, isCut });
  }
  return settleAccount(world, derived, {
    key,
    causes: group.causes.slice(-CAUSES_LIMIT),
    sources: group.sources,
    upTo,
    isCut,
    account: () => {
      if (group.error !== undefined) throw group.error;
      return group.account;
    },
  });
}

/** Faults that are no key's any more, and what went wrong before any key was known. */
async function otherFaults(
  world: DeriveWorld,
  { name }: Derived<unknown>,
  groups: ReadonlyMap<string, Group>,
  fault: { readonly fact: RawFact; readonly error: unknown } | undefined,
): Promise<readonly Commit[]> {
  const { ledger } = world;
  const gone = faultsOf(ledger, name).filter(({ key }) => key !== "" && !groups.has(key) && !isPresent(ledger, name, key));
  const mended = gone.map(({ key }) => mendedCommit(ledger, name, key));
  const before = await openFaultOf(ledger, name, "");
  if (fault === undefined) return before === undefined ? mended : [...mended, mendedCommit(ledger, name, "")];
  const told = { key: "", failure: world.told(fault.error), position: fault.fact.position, time: world.now() };
  return [...mended, ...faultCommits(ledger, name, told, { pending: [], isStuck: true, before })];
}

/** True when events of a history were given up. */
async function isAnyCut(ledger: Ledger, history: string): Promise<boolean> {
  for await (const head of headsInTurns(ledger, headKeys.all("history", history))) if (keyNoteOf(head).cut !== undefined) return true;
  return false;
}
