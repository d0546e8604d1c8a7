// Tools that the suites call for the sorts of content a result may have, for its schema and for its errors.

import { fromJsonSchema, type McpServer } from "@modelcontextprotocol/server";

/** One pixel, and no sound. */
export const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const WAV = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=";

/** A result that is one text. */
export function saying(text: string) {
  return { content: [{ type: "text" as const, text }] };
}

const PERSON = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  type: "object",
  $defs: {
    address: { $anchor: "addressDef", type: "object", properties: { street: { type: "string" }, city: { type: "string" } } },
  },
  properties: {
    name: { type: "string" },
    address: { $ref: "#/$defs/address" },
    contactMethod: { type: "string", enum: ["phone", "email"] },
    phone: { type: "string" },
    email: { type: "string" },
  },
  allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
  if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: { required: ["phone"] },
  else: { required: ["email"] },
  additionalProperties: false,
} as const;

const REGION = {
  type: "object",
  properties: { region: { type: "string", "x-mcp-header": "Region" }, query: { type: "string" } },
  required: ["region"],
} as const;

/** Puts these tools on a server. */
export function addContentTools(server: McpServer): void {
  const image = { type: "image" as const, data: PNG, mimeType: "image/png" };
  const resource = (uri: string, mimeType: string, text: string) => ({ type: "resource" as const, resource: { uri, mimeType, text } });
  server.registerTool("test_simple_text", { description: "Says one text" }, () => saying("This is a simple text response for testing."));
  server.registerTool("test_image_content", { description: "Gives an image" }, () => ({ content: [image] }));
  server.registerTool("test_audio_content", { description: "Gives a sound" }, () => ({
    content: [{ type: "audio", data: WAV, mimeType: "audio/wav" }],
  }));
  server.registerTool("test_embedded_resource", { description: "Gives a resource" }, () => ({
    content: [resource("test://embedded-resource", "text/plain", "This is an embedded resource content.")],
  }));
  server.registerTool("test_multiple_content_types", { description: "Gives a text, an image and a resource" }, () => ({
    content: [
      { type: "text", text: "Multiple content types test:" },
      image,
      resource("test://mixed-content-resource", "application/json", JSON.stringify({ test: "data", value: 123 })),
    ],
  }));
  server.registerTool("test_error_handling", { description: "Fails" }, () => {
    throw new Error("This tool intentionally returns an error for testing");
  });
  server.registerTool(
    "json_schema_2020_12_tool",
    { description: "Has a schema with many keywords", inputSchema: fromJsonSchema(PERSON) },
    () => saying("ok"),
  );
  server.registerTool(
    "header_mirrored",
    { description: "Wants one argument as a header too", inputSchema: fromJsonSchema<{ region: string }>(REGION) },
    ({ region }) => saying(region),
  );
}
