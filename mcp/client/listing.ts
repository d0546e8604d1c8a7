// What a server lists now, tool by tool: what would be held fast of each, and what whoever reviews it should know besides. Pure.

import { cleaned, countUnseen, DESCRIPTION_LIMIT, type ListedTool, pinOf, type ToolPin } from "./pin.ts";

/** A tool as it is listed now. */
export interface Listing {
  readonly pin: ToolPin;
  /** The server lists several of this name, so nobody knows which of them is called. */
  readonly isTwice: boolean;
  /** What its text alone does not show, a sentence each. */
  readonly doubts: readonly string[];
}

/** The tools by the names that the server gives them. */
export function listingsOf(tools: readonly ListedTool[]): ReadonlyMap<string, Listing> {
  const listings = new Map<string, Listing>();
  for (const tool of tools) {
    const pin = pinOf(tool);
    listings.set(tool.name, { pin, isTwice: listings.has(tool.name), doubts: doubtsOf(tool, pin) });
  }
  return listings;
}

function doubtsOf({ description = "", inputSchema, outputSchema = {} }: ListedTool, pin: ToolPin): readonly string[] {
  const left = countUnseen(JSON.stringify(pin));
  const removed = countUnseen(description + JSON.stringify([inputSchema, outputSchema])) - left;
  return [
    ...(removed > 0 ? [`characters that no reader sees were taken out of its texts: ${removed}`] : []),
    ...(left > 0 ? [`names or values in its schemas have characters that no reader sees, and models get them: ${left}`] : []),
    ...(cleaned(description).length > DESCRIPTION_LIMIT ? [`its description was cut to ${DESCRIPTION_LIMIT} characters`] : []),
  ];
}
