// The facts of a boundary: read whole when it is closed, and again from what it names while they are there.

import { asError, InputError, KindlingError, RunError } from "../errors.ts";
import { hashJson, type JsonValue, toJson } from "../json.ts";
import { check, describeIssues } from "../schema.ts";
import {
  type Boundary,
  type BoundaryAt,
  boundaryKey,
  type BoundaryRecord,
  type Covered,
  type CoveredFacts,
  coveredKeys,
} from "./boundary.ts";
import type { RawFact } from "./fact.ts";
import { type Asked, factsOf, findFact } from "./fact-reader.ts";
import type { Cover } from "./hold.ts";
import { keyNoteOf } from "./key-note.ts";
import { placeOf, streamOf } from "./names.ts";
import { readWritten, type Written } from "./value.ts";
import type { History, Store } from "./store.ts";

/** Facts that one boundary can rest on. */
const INPUTS_LIMIT = 1_000;

type AllFacts = CoveredFacts<Record<string, Covered<unknown>>>;

/** What a boundary would be closed with. */
export interface Closing {
  readonly facts: AllFacts;
  readonly inputs: readonly string[];
  readonly covers: readonly Cover[];
}

/** Reads all facts of the keys of a boundary. @throws InputError `too_many_inputs`, `detail_unavailable` (some are gone), `bad_key`, `bad_boundary` */
export async function closingOf<T>(asked: Asked, boundary: Boundary<T>, at: BoundaryAt): Promise<Closing> {
  const own = streamOf("store", boundary.name, boundaryKey(boundary.name, at));
  const inputs: string[] = [];
  const covers: Cover[] = [];
  const facts: [string, readonly Written<unknown>[]][] = [];
  for (const { name, kind, key, of } of coveredKeys(boundary, at)) {
    const stream = streamOf(kind, of.name, key);
    if (stream === own) throw new InputError("bad_boundary", `${boundary.name} covers its own record`, { fix: "Cover what it is about." });
    const { number } = keyNoteOf(asked.ledger.head(stream));
    // What comes while it is read may be among it, or come too late.
    const raws = await wholeKey(asked, stream, INPUTS_LIMIT - inputs.length);
    inputs.push(...raws.map(({ id }) => id));
    covers.push({ stream, number: Math.max(number, raws.at(-1)?.number ?? 0) });
    facts.push([name, await written(of, raws)]);
  }
  return { facts: Object.fromEntries(facts), inputs, covers };
}

/** Reads the facts again that a boundary was closed with. @throws InputError `detail_unavailable` */
export async function factsAgain<T>(
  { ledger }: Asked,
  boundary: Boundary<T>,
  at: BoundaryAt,
  { inputs }: BoundaryRecord,
): Promise<AllFacts> {
  const raws: RawFact[] = [];
  for (const id of inputs) {
    const found = await findFact({ ledger }, id);
    if (found.status === "given_up") throw found.error;
    if (found.status !== "found")
      throw new InputError("detail_unavailable", `${id} was erased: ${boundary.name} cannot be made again`, {
        fix: "Ask for the result as it was recorded: replay(at).",
        details: { id, receipt: null },
      });
    raws.push(found.fact);
  }
  const of = coveredKeys(boundary, at).map(async ({ name, kind, key, of: source }): Promise<[string, readonly Written<unknown>[]]> => {
    const stream = streamOf(kind, source.name, key);
    const own = raws.filter(({ id }) => {
      const place = placeOf(id);
      return place !== undefined && streamOf(place.kind, place.store, place.key) === stream;
    });
    return [name, await written(source, own)];
  });
  return Object.fromEntries(await Promise.all(of));
}

/** What facts come to, checked. @throws RunError `bad_result` */
export async function resultOf<T>(
  boundary: Boundary<T>,
  facts: AllFacts,
  at: BoundaryAt,
): Promise<{ readonly result: JsonValue; readonly resultHash: string }> {
  const checked = await check(boundary.schema, await authoredResult(boundary, facts, at));
  const json = checked.ok ? toJson(checked.value) : undefined;
  if (checked.ok && json?.ok === true) return { result: json.value, resultHash: hashJson(json.value) };
  const problem = checked.ok
    ? json?.ok === false
      ? `${json.problem.at} ${json.problem.message}`
      : "is no JSON"
    : describeIssues(checked.issues);
  throw badResult(boundary, at, `does not fit: ${problem}`);
}

async function authoredResult<T>(boundary: Boundary<T>, facts: AllFacts, at: BoundaryAt): Promise<T> {
  try {
    return await boundary.result(facts, at);
  } catch (thrown) {
    if (thrown instanceof KindlingError) throw thrown;
    throw badResult(boundary, at, `could not be computed, result threw: ${asError(thrown).message}`, thrown);
  }
}

function badResult({ name }: Pick<Boundary<unknown>, "name">, { subject, period }: BoundaryAt, why: string, cause?: unknown): RunError {
  return new RunError("bad_result", `${name}: the result of ${subject}, ${period} ${why}`, {
    fix: "Mend result or schema of the boundary; nothing was recorded.",
    cause,
  });
}

async function wholeKey(asked: Asked, stream: string, room: number): Promise<readonly RawFact[]> {
  const { number } = keyNoteOf(asked.ledger.head(stream));
  if (number > room)
    throw new InputError("too_many_inputs", `${stream} has ${number} facts, and a boundary rests on at most ${INPUTS_LIMIT}`, {
      fix: "Close shorter periods, or fewer keys at once.",
    });
  const raws = number === 0 ? [] : await factsOf(asked, stream, { newestFirst: false, limit: number });
  const known = raws.filter((fact) => fact.number <= number);
  if (known.length === number) return known;
  throw new InputError(
    "detail_unavailable",
    `${stream} has ${number} facts, and ${number - known.length} of them are gone: it cannot be closed any more`,
    {
      fix: "Close it before its facts are given up; what is closed keeps them until it is compacted.",
      details: { stream },
    },
  );
}

async function written(of: Covered<unknown>["of"], raws: readonly RawFact[]): Promise<readonly Written<unknown>[]> {
  // Reading asks for name, schema, version and upcast alone.
  const definition = of as unknown as Store<unknown> | History<unknown>;
  return (await Promise.all(raws.map((raw) => readWritten(definition, raw)))).flatMap((fact) => fact ?? []);
}
