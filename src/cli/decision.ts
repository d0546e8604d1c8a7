// Makes an approval or a rejection into the payload an await's schema asks for. Pure: it reads the schema and asks nobody.

import type { JsonObject, JsonValue } from "../index.ts";
import { choicesOf, type Field, fieldsOf, isObject, variantsOf } from "./json-schema.ts";

/** What a person decides. */
export type Verb = "approve" | "reject";

/** What a person adds to the decision. */
export interface Additions {
  /** Fields of the payload, over whatever the decision fills in. */
  readonly fields?: JsonObject;
  readonly comment?: string;
}

/** The payload with the required fields it still lacks; or why the schema does not tell how to decide. */
export type Decision =
  | { readonly ok: true; readonly payload: JsonValue; readonly missing: readonly Field[] }
  | {
      readonly ok: false;
      readonly reason: "no_decision_field" | "no_such_choice" | "no_comment_field" | "not_an_object" | "other_decision";
      readonly message: string;
    };

const WORDS: Readonly<Record<Verb, readonly string[]>> = {
  approve: ["approve", "approved", "accept", "accepted", "yes", "ok", "allow", "pass"],
  reject: ["reject", "rejected", "decline", "declined", "refuse", "refused", "no", "deny", "denied", "block", "fail"],
};

/** Names of the field that holds the decision, the likeliest first. */
const DECISION_FIELDS = ["decision", "approved", "approve", "accepted", "accept", "verdict", "answer", "outcome", "choice", "status", "ok"];
const COMMENT_FIELDS = ["comment", "note", "reason", "message", "feedback", "remarks"];

/** The payload of a decision under a schema. */
export function decisionOf(schema: JsonObject, verb: Verb, { fields = {}, comment }: Additions): Decision {
  const objects = variantsOf(schema).filter((variant) => isObject(variant["properties"]));
  if (objects.length === 0) return plainDecision(schema, verb, fields, comment);
  for (const [name, kind] of decisionFields(schema)) {
    const value = choose(kind, verb);
    if (value === undefined) continue;
    const other = fields[name];
    if (other !== undefined && other !== value) {
      return {
        ok: false,
        reason: "other_decision",
        message: `${verb} sets "${name}" to ${JSON.stringify(value)}, and ${JSON.stringify(other)} is given for it`,
      };
    }
    const decided = { ...fields, [name]: value };
    // With alternatives, the one this decision belongs to says what else is needed.
    const variant = objects.find((each) => accepts(each, name, value)) ?? schema;
    return withComment(fieldsOf(variant), decided, comment);
  }
  const known = fieldsOf(schema).map((field) => field.name);
  if (decisionFields(schema).length === 0)
    return {
      ok: false,
      reason: "no_decision_field",
      message: `the payload has no field that says yes or no; its fields are ${known.join(", ")}`,
    };
  const [[name, field] = ["", {}]] = decisionFields(schema);
  return {
    ok: false,
    reason: "no_such_choice",
    message: `"${name}" knows no word for ${verb}; it takes ${choicesOf(field)
      .map((choice) => JSON.stringify(choice))
      .join(", ")}`,
  };
}

/** Fields that can hold the decision: by name first, then any that lists a word for approving. */
function decisionFields(schema: JsonObject): (readonly [name: string, schema: JsonObject])[] {
  const fields = fieldsOf(schema);
  const named = DECISION_FIELDS.flatMap((name) =>
    fields.filter((field) => field.name === name && (isBoolean(field.schema) || choicesOf(field.schema).length > 0)),
  );
  const listed = fields.filter(
    (field) => !named.includes(field) && word(field.schema, "approve") !== undefined && word(field.schema, "reject") !== undefined,
  );
  return [...named, ...listed].map((field) => [field.name, field.schema]);
}

function choose(schema: JsonObject, verb: Verb): JsonValue | undefined {
  const found = word(schema, verb);
  if (found !== undefined) return found;
  const choices = choicesOf(schema);
  const isYesOrNo = isBoolean(schema) || choices.some((choice) => typeof choice === "boolean");
  if (!isYesOrNo) return undefined;
  return verb === "approve";
}

function word(schema: JsonObject, verb: Verb): JsonValue | undefined {
  const choices = choicesOf(schema);
  return WORDS[verb]
    .map((each) => choices.find((choice) => typeof choice === "string" && choice.toLowerCase() === each))
    .find((choice) => choice !== undefined);
}

function isBoolean(schema: JsonObject): boolean {
  return variantsOf(schema).some((variant) => variant["type"] === "boolean");
}

function accepts(variant: JsonObject, name: string, value: JsonValue): boolean {
  const field = fieldsOf(variant).find((each) => each.name === name);
  if (field === undefined) return false;
  const choices = choicesOf(field.schema);
  return choices.length === 0 || choices.includes(value);
}

function withComment(fields: readonly Field[], decided: JsonObject, comment: string | undefined): Decision {
  let payload = decided;
  if (comment !== undefined) {
    const name = COMMENT_FIELDS.find((each) => fields.some((field) => field.name === each));
    if (name === undefined)
      return {
        ok: false,
        reason: "no_comment_field",
        message: `the payload has no field for a comment; its fields are ${fields.map((field) => field.name).join(", ")}`,
      };
    payload = { ...payload, [name]: comment };
  }
  return { ok: true, payload, missing: fields.filter((field) => field.required && payload[field.name] === undefined) };
}

/** A payload that is the decision itself: true or false, or one word of a list. */
function plainDecision(schema: JsonObject, verb: Verb, fields: JsonObject, comment: string | undefined): Decision {
  if (Object.keys(fields).length > 0 || comment !== undefined) {
    return { ok: false, reason: "not_an_object", message: "the payload is no object, so it takes no fields and no comment" };
  }
  const value = choose(schema, verb);
  if (value !== undefined) return { ok: true, payload: value, missing: [] };
  return { ok: false, reason: "no_decision_field", message: "the payload's schema has no field that says yes or no" };
}
