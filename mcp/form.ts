// An await as a form that a client shows to its user. Which schemas can be one is the core's rule; here it is put into the protocol's own type.

import { specTypeSchemas, type ElicitRequestFormParams } from "@modelcontextprotocol/server";
import { flatFormOf, type JsonObject, type JsonValue } from "../src/index.ts";

/** A form, and the way from what the user filled in to the payload. */
export interface Form {
  readonly requestedSchema: ElicitRequestFormParams["requestedSchema"];
  /** The payload from the `content` of an accepted form. The client may have sent anything: the await's schema has yet to check it. */
  readonly payloadOf: (content: Readonly<Record<string, unknown>> | undefined) => JsonValue;
}

/** The form for the schema of an await's payload; undefined for one that cannot be a form. */
export function formOf(schema: JsonObject | undefined): Form | undefined {
  const form = flatFormOf(schema);
  if (!form.ok) return undefined;
  const checked = specTypeSchemas.ElicitRequestFormParams["~standard"].validate({ message: "", requestedSchema: form.schema });
  if (checked.issues !== undefined)
    throw new TypeError(`the form is none of the protocol: ${checked.issues.map(({ message }) => message).join("; ")}`);
  return { requestedSchema: checked.value.requestedSchema, payloadOf: (content = {}) => form.payloadOf(content) };
}
