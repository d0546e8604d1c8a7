// Gates that several people decide together: whose voice counts, and when there are enough that agree. Pure; knows no surface.

import type { Gate, Quorum } from "../graph/gate.ts";
import { canonicalJson, isJsonObject, type JsonValue } from "../json.ts";
import type { Actor } from "./fact.ts";

/** What one person has said at a gate that is still open. */
export interface Voice {
  readonly actor: Actor;
  readonly payload: JsonValue;
  readonly deliveryId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** How many people of how many have said the same. */
export interface Count {
  readonly people: number;
  readonly of: number;
}

/** Who has said something, each once. */
export function speakers(voices: readonly Voice[]): readonly string[] {
  return [...new Set(voices.map(({ actor }) => actor.id))];
}

/** How far a payload from this actor brings a gate; undefined where it decides it. A person's last word counts, and counts once. */
export function countAt(
  gate: Gate | undefined,
  voices: readonly Voice[],
  actor: Actor,
  payload: JsonValue,
  personOf: (actor: Actor) => string,
): Count | undefined {
  const quorum = gate?.quorum;
  if (quorum === undefined) return undefined;
  const said = sayingOf(quorum, payload);
  if (quorum.alone.some((value) => canonicalJson(value) === said)) return undefined;
  const words = new Map(voices.map((voice) => [personOf(voice.actor), sayingOf(quorum, voice.payload)]));
  words.set(personOf(actor), said);
  const people = [...words.values()].filter((word) => word === said).length;
  return people >= quorum.people ? undefined : { people, of: quorum.people };
}

/** What a delivery without an id of its own is known by besides its payload: the await, and where several decide also the person. */
export function placeOf(node: string, gate: Gate | undefined, person: string): string {
  return gate?.quorum === undefined ? node : `${node} ${person}`;
}

/** That in which people must agree. */
function sayingOf({ on }: Quorum, payload: JsonValue): string {
  return canonicalJson(on === undefined ? payload : ((isJsonObject(payload) ? payload[on] : undefined) ?? null));
}
