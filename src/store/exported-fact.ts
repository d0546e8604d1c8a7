// A fact as it travels from one ledger to another: what it says, its id and hash, where it was first recorded, and by what it is found. Pure: what is read is checked against its own hash.

import { InputError } from "../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { FactOrder } from "./change.ts";
import { type FactContent, type FactOrigin, isWhole, factOfJson } from "./fact.ts";
import { headKeys, type FactPlace, placeOf } from "./names.ts";
import type { FoundBy } from "./ranks.ts";

/** The first record of an export. */
export interface ExportStart {
  readonly kindling: "facts";
  readonly format: 1;
  /** Id of the ledger that it comes from. */
  readonly ledger: string;
  /** Facts recorded behind this position of it; null from the first one on. */
  readonly after: number | null;
  /** Of these stores and histories; null for all. */
  readonly stores: readonly string[] | null;
}

/** A record of one fact. */
export interface ExportedFact {
  /** As it was recorded: id, hash and what it says. One whose value was given up names the receipt as `givenUp`, and has none. */
  readonly fact: JsonObject;
  /** Where and when it was recorded first. */
  readonly origin: FactOrigin;
  /** What its key was found by since; left out where a later fact says it. */
  readonly found?: FoundBy;
  /** Its position, by which an export can be gone on with. None for facts from before the beginning of the log. */
  readonly cursor?: number;
  /** Of the facts of its key all up to this number are gone, by a receipt where there is one. */
  readonly gone?: { readonly to: number; readonly receipt: string | null };
}

/** The last record: everything up to here was looked at. */
export interface ExportEnd {
  /** The next export goes on behind this position. */
  readonly next: number;
  readonly facts: number;
}

/** What an export is made of, one JSON value each. */
export type ExportRecord = ExportStart | ExportedFact | ExportEnd;

/** What becomes of a fact that was recorded elsewhere: it must be the very same here. */
export interface ForeignFact {
  readonly id: string;
  readonly hash: string;
  readonly place: Omit<FactPlace, "digest">;
  readonly previous: string | null;
  readonly act: FactContent["act"];
  readonly origin: FactOrigin;
  /** The receipt by which its value was given up where it comes from. */
  readonly givenUp: string | undefined;
  readonly gone: ExportedFact["gone"];
  /** Its position in the ledger that the export is of; undefined where that is not said. */
  readonly cursor: number | undefined;
}

export type ForeignOrder = FactOrder & { readonly foreign: ForeignFact };

/** @throws InputError `bad_export` */
export function startOf(record: unknown): ExportStart {
  if (isObject(record) && record["kindling"] === "facts") {
    const { format, ledger, after = null, stores = null } = record;
    const isPlace = after === null || Number.isSafeInteger(after);
    const isList = stores === null || (Array.isArray(stores) && stores.every((each) => typeof each === "string"));
    if (format === 1 && typeof ledger === "string" && ledger !== "" && isPlace && isList)
      return { kindling: "facts", format, ledger, after: after as number | null, stores };
    if (format !== 1)
      throw bad("it has a format that this version does not know", "Import it with the version that wrote it, or a later one.");
  }
  throw bad(
    "it does not begin as an export of facts",
    "Give what kindling.exportFacts() or kindling store export wrote, from its first line on.",
  );
}

/** @throws InputError `bad_export` */
export function partOf(record: unknown): ExportedFact | ExportEnd {
  if (isObject(record)) {
    if (Number.isSafeInteger(record["next"]) && !("fact" in record)) return record as unknown as ExportEnd;
    if (isJsonObject(record["fact"] as JsonValue) && isOrigin(record["origin"])) return record as unknown as ExportedFact;
  }
  throw bad("a record is neither a fact nor the end", "Was it cut or changed on its way? Export it again.");
}

/** The order that records the fact here as it was recorded there. @throws InputError `bad_export`, `fact_differs` */
export function foreignOrder({ fact: json, origin, found, gone, cursor }: ExportedFact): ForeignOrder {
  const fact = factOfJson(json, origin);
  const place = typeof json["id"] === "string" ? placeOf(json["id"]) : undefined;
  if (fact === undefined || place === undefined || !Array.isArray(json["causes"]))
    throw bad("a record holds no fact of a store", "Was it changed on its way? Export it again.");
  const givenUp = typeof json["givenUp"] === "string" ? json["givenUp"] : undefined;
  // Of a fact without its value the one behind it vouches for the id.
  if (givenUp === undefined ? !isWhole(fact, { type: "", ...json }) : fact.id.slice(-DIGEST) !== fact.hash.slice(0, DIGEST))
    throw new InputError("fact_differs", `${fact.id} does not say what its hash says`, {
      fix: "It was changed on its way, or where it comes from: nothing of this part was recorded. Export it again, and verify the ledger it comes from.",
      details: { id: fact.id, hash: fact.hash },
    });
  const { id, hash, value, version, causes, validFrom: _since, producer, derivation, act, previous } = fact;
  const validFrom = json["validFrom"];
  return {
    kind: place.kind,
    store: place.store,
    key: place.key,
    version,
    causes,
    ...(value === undefined ? {} : { value }),
    ...(typeof validFrom === "number" ? { validFrom } : {}),
    ...(producer === undefined ? {} : { producer }),
    ...(derivation === undefined ? {} : { derivation }),
    ...foundIn(place, act, found),
    foreign: {
      id,
      hash,
      place,
      previous,
      act,
      origin: json["origin"] === undefined ? origin : (fact.origin ?? origin),
      givenUp,
      gone,
      cursor,
    },
  };
}

const DIGEST = 16;

/** What a key is found by: nobody finds it by the name of another store. The hash says nothing of it, since an index is a function of the value. */
function foundIn({ kind, store }: FactPlace, act: FactContent["act"], found: FoundBy | undefined): FoundBy {
  const all = headKeys.all(kind, store);
  const own = kind === "history" || act === "removed" ? [all] : [all, headKeys.present(store)];
  if (kind === "history" || act === "removed" || found === undefined) return { headKeys: own, ranks: [] };
  const lists = [`store-index:${store}:`, `store-indexes:${store}`];
  const strange = found.ranks.find(({ list }) => !lists.some((each) => (each.endsWith(":") ? list.startsWith(each) : list === each)));
  if (strange !== undefined)
    throw bad(`a fact of ${store} is to be found in ${strange.list}`, "It was changed on its way. Export it again.");
  return { headKeys: own, ranks: found.ranks };
}

function isOrigin(given: unknown): boolean {
  return (
    isObject(given) &&
    typeof given["ledger"] === "string" &&
    Number.isSafeInteger(given["position"]) &&
    typeof given["time"] === "number" &&
    Number.isFinite(given["time"])
  );
}

function isObject(given: unknown): given is Readonly<Record<string, unknown>> {
  return typeof given === "object" && given !== null && !Array.isArray(given);
}

function bad(message: string, fix: string): InputError {
  return new InputError("bad_export", `the export of facts cannot be read: ${message}`, { fix });
}
