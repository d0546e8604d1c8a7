// What a commit takes the place of, as it stands in the log.

import { isJsonObject, type JsonObject, type JsonValue } from "../json.ts";
import type { Replacement } from "./ledger.ts";

/** True for what tells of a replacement. */
export function isReplacement(value: JsonValue): value is JsonObject & Replacement {
  if (!isJsonObject(value)) return false;
  const { what, started, startedAt } = value;
  return (what === "before" || what === "all") && typeof started === "number" && typeof startedAt === "number";
}
