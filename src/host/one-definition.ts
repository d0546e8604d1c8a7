// One name, one definition: what another one of the same name lets through would not be what a runtime's own one reads, nor found by its indexes.

import { ConfigError, InputError } from "../errors.ts";
import type { AnyContract } from "../graph/contract.ts";
import { isStore } from "../graph/given.ts";
import { derivationOrder } from "../store/derivation-graph.ts";
import { keptPlace } from "../store/ranks.ts";
import type { AnyStore } from "../store/store.ts";
import { nodePlaces } from "./node-places.ts";

type Definition = Pick<AnyStore, "kind" | "name" | "version" | "schema" | "indexes">;

/** @throws InputError `other_definition` */
export function assertOwn(known: readonly AnyStore[], definition: Definition): void {
  const own = otherThan(known, definition);
  if (own === undefined) return;
  const { name, version } = definition;
  throw new InputError("other_definition", `${name}: ${differing(own, definition)}`, {
    fix: `Write with the one in createRuntime({ stores }), or give it this one. To write as an older program did, open a runtime without "${name}".`,
    details: { store: name, version, known: own.version, differs: [...differences(own, definition)] },
  });
}

/** That contracts, and what is derived, mean the stores that their runtime was given. @throws ConfigError `other_definition` with each that means another one */
export function assertOneDefinition(contracts: readonly AnyContract[], stores: readonly AnyStore[]): void {
  const found = [
    ...contracts.flatMap(({ name, graph }) =>
      graph.start === undefined ? [] : { by: `contract "${name}", start`, definition: graph.start.history },
    ),
    ...nodePlaces(contracts).flatMap(({ contract, path, node }) =>
      Object.values<unknown>({ ...node.behaviour.declared?.() })
        .filter(isStore)
        .map((definition) => ({ by: `contract "${contract}", node "${path}"`, definition })),
    ),
    ...derivationOrder(stores).flatMap(({ name, rule }) =>
      [...rule.sources.values()].map((definition) => ({ by: `derived store "${name}"`, definition })),
    ),
  ];
  const others = found.flatMap(({ by, definition }) => {
    const own = otherThan(stores, definition);
    return own === undefined ? [] : { by, store: definition.name, line: `  ${by}: ${definition.name}, ${differing(own, definition)}` };
  });
  if (others.length === 0) return;
  throw new ConfigError(
    "other_definition",
    `stores are meant by other definitions than the runtime was given:\n${others.map(({ line }) => line).join("\n")}`,
    {
      fix: "Define each store once, and give that definition to contracts, to derive and to createRuntime({ stores }).",
      details: { others: others.map(({ by, store }) => ({ by, store })) },
    },
  );
}

/** The one that a runtime was given under the name of another; undefined where it is the same, or none. */
function otherThan(known: readonly AnyStore[], definition: Definition): AnyStore | undefined {
  const own = known.find(({ kind, name }) => kind === definition.kind && name === definition.name);
  return own === undefined || differences(own, definition).length === 0 ? undefined : own;
}

/** By the options of a definition. */
function differences(own: Definition, other: Definition): readonly string[] {
  const isOther = {
    version: own.version !== other.version,
    schema: own.schema !== other.schema,
    indexes: keptPlace(own.indexes ?? {}) !== keptPlace(other.indexes ?? {}),
    partitionBy: partsOf(own) !== partsOf(other),
  };
  return Object.entries(isOther).flatMap(([option, is]) => (is ? option : []));
}

/** How a history is kept in parts. */
function partsOf(definition: object): unknown {
  return "partitionBy" in definition ? definition.partitionBy : undefined;
}

function differing(own: AnyStore, other: Definition): string {
  const what = differences(own, other).map((option) =>
    option === "version" ? `version (${own.version}, and here ${other.version})` : option,
  );
  return `the runtime was given another definition of it, which differs in ${what.join(", ")}`;
}
