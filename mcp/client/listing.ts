// What a server lists now, tool by tool: what would be held fast of each, and what whoever reviews it should know besides. Pure.

import { visible } from "../../src/index.ts";
import { cleaned, countUnseen, DESCRIPTION_LIMIT, firstUnseen, type ListedTool, pinOf, type ToolPin } from "./pin.ts";

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
  const sent = `${description} ${JSON.stringify([inputSchema, outputSchema])}`;
  const left = countUnseen(JSON.stringify(pin));
  const removed = countUnseen(sent) - left;
  return [
    ...(removed > 0 ? [`characters that no reader sees were taken out of its texts: ${removed}, such as ${excerpt(sent)}`] : []),
    ...(left > 0
      ? [
          `names or values in its schemas have characters that no reader sees, and models get them: ${left}, such as ${excerpt(JSON.stringify(pin))}`,
        ]
      : []),
    ...(cleaned(description).length > DESCRIPTION_LIMIT ? [`its description was cut to ${DESCRIPTION_LIMIT} characters`] : []),
  ];
}

const EXCERPT = 40;

/** What stands around the first character that no reader sees, with that one made visible. */
function excerpt(text: string): string {
  const at = firstUnseen(text);
  return `"${visible(text.slice(Math.max(0, at - EXCERPT), at + EXCERPT).replaceAll(/\s+/g, " "))}"`;
}
