// The last word on a request's body: what a caller adds to it in the API's own terms. Knows no API.

import { isJsonObject, type JsonObject, type JsonValue, type ModelRequest } from "../../src/index.ts";

/**
 * The body with the members that `providerOptions` gives for this provider. Objects are merged member by member, so that one
 * setting can be added to a group; everything else, lists included, takes the place of what was there.
 */
export function withProviderOptions<Body extends object>(body: Body, { providerOptions }: ModelRequest, provider: string): Body {
  const added = providerOptions?.[provider];
  // The members are the API's, which checks them; the port does not know them.
  return added === undefined ? body : (merge(body as JsonObject, added) as Body);
}

function merge(base: JsonObject, added: JsonObject): JsonObject {
  const merged: Record<string, JsonValue> = { ...base };
  for (const [name, value] of Object.entries(added)) {
    const before = merged[name];
    merged[name] = isJsonObject(before) && isJsonObject(value) ? merge(before, value) : value;
  }
  return merged;
}
