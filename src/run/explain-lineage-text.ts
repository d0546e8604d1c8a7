// Where a value came from, as an indented tree: one line for a node, its reading below it.

import { factName, oneLine } from "./explain-cause-text.ts";
import type { ModelUse } from "./explain-models.ts";
import { describeStored } from "./explain-stored.ts";
import type { Lineage } from "./lineage.ts";

const LINES_LIMIT = 40;

/** The lines of a lineage, at most 40; what is left out is counted. */
export function lineageLines(lineage: Lineage, run: string): string[] {
  const lines = branch(lineage, "", "  ", run);
  return lines.length <= LINES_LIMIT
    ? lines
    : [...lines.slice(0, LINES_LIMIT), `  … ${lines.length - LINES_LIMIT} more lines, which --json has`];
}

function branch(lineage: Lineage, as: string, indent: string, run: string): string[] {
  const { reads, children, cut } = lineage;
  const inner = `${indent}  `;
  return [
    `${indent}${as}${describe(lineage, run)}`,
    ...reads.flatMap(({ as: local, from }) => branch(from, local === nameOf(from.path) ? "" : `${local}: `, inner, run)),
    ...children.flatMap((child) => branch(child, "", inner, run)),
    ...(cut === 0 ? [] : [`${inner}… ${cut} more`]),
  ];
}

function describe(lineage: Lineage, run: string): string {
  const { path, origin, brief, by, delivery, models = [], remote, stored, reusedFrom, fact, isRepeated } = lineage;
  const name = oneLine(path, 200);
  if (isRepeated === true) return `${name}, as above`;
  const giver = by === undefined ? "" : ` by ${oneLine(by.id)}${by.assurance === "agent" ? "" : ` (${by.assurance})`}`;
  const how = {
    input: `input${giver}`,
    literal: "literal",
    work: "",
    event: `event${giver}${delivery === undefined ? "" : `, delivery ${oneLine(delivery)}`}`,
    time: "time",
    children: "",
    hand: `given by hand${giver}`,
  }[origin];
  const said = [
    how,
    ...models.map(describeModel),
    ...(remote === undefined ? [] : [`run ${remote.run} on ${remote.url}`]),
    ...(stored === undefined ? [] : describeStored(stored)),
    ...(reusedFrom === undefined ? [] : [`reused from ${factName(reusedFrom, run)}`]),
    ...(fact === undefined ? [] : [factName(fact, run)]),
  ].filter((each) => each !== "");
  return `${name} = ${brief}  ${said.join("; ")}`.trimEnd();
}

function describeModel({ model, prompt, promptFrom, request, turns, inputTokens, outputTokens, usd }: ModelUse): string {
  const by = prompt === undefined ? "" : `, prompt ${shortHash(prompt)}${promptFrom === undefined ? "" : ` (${oneLine(promptFrom, 200)})`}`;
  const cost = usd === null ? "" : `, $${usd.toFixed(4)}`;
  return `${model}${by}, request ${request.slice(0, 12)}, ${turns === 1 ? "1 turn" : `${turns} turns`}, ${inputTokens} tokens in, ${outputTokens} out${cost}`;
}

/** `name@version` with the version cut to what tells it from others. */
function shortHash(prompt: string): string {
  const [name = "", version] = prompt.split("@", 2);
  return version === undefined ? oneLine(name) : `${oneLine(name)}@${version.slice(0, 12)}`;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
