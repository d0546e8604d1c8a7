// Values side by side, and in a few words: where two differ first, and what a value is without telling all of it.

import { isJsonObject, isSameJson, type JsonValue } from "../json.ts";

/** Where two values differ first: the place inside (`$.items[2].price`), and what stands there; undefined where nothing does. */
export interface Difference {
  readonly at: string;
  readonly a: JsonValue | undefined;
  readonly b: JsonValue | undefined;
}

/** The first difference of two values, members in the order of the first one; undefined when they are the same. */
export function firstDifference(a: JsonValue | undefined, b: JsonValue | undefined, at = "$"): Difference | undefined {
  if (isSameJson(a, b)) return undefined;
  if (isList(a) && isList(b)) {
    const [longer, other] = a.length >= b.length ? [a, b] : [b, a];
    const index = longer.findIndex((member, place) => !isSameJson(member, other[place]));
    return firstDifference(a[index], b[index], `${at}[${index}]`);
  }
  if (isJsonObject(a) && isJsonObject(b)) {
    const name = [...Object.keys(a), ...Object.keys(b)].find((each) => !isSameJson(memberOf(a, each), memberOf(b, each))) ?? "";
    return firstDifference(
      memberOf(a, name),
      memberOf(b, name),
      `${at}${/^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`}`,
    );
  }
  return { at, a, b };
}

const GLANCE_LIMIT = 80;

/** A value in a few words: a scalar up to 80 characters, of anything else only how large it is. */
export function glance(value: JsonValue | undefined): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) return value.length === 1 ? "a list of 1" : `a list of ${value.length}`;
  if (isJsonObject(value)) {
    const count = Object.keys(value).length;
    return count === 1 ? "an object of 1 member" : `an object of ${count} members`;
  }
  const text = Array.from(JSON.stringify(value));
  return text.length <= GLANCE_LIMIT ? text.join("") : `${text.slice(0, GLANCE_LIMIT - 1).join("")}…`;
}

function isList(value: JsonValue | undefined): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function memberOf(value: { readonly [name: string]: JsonValue }, name: string): JsonValue | undefined {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}
