// Tools of other MCP servers as lines: what was reviewed, what is listed now, and what is different. Expects no visible text: all of it goes through `visible` here.

import { relative } from "node:path";
import { mcpToolHash, type McpServerCheck, type McpToolCheck, type McpToolPin } from "kindling/mcp-tools";
import type { Shell } from "../shell.ts";
import type { Paint } from "./paint.ts";
import { textDiff } from "./text-diff.ts";
import { indented, oneLine } from "./text.ts";
import { visible } from "./visible.ts";

type World = Pick<Shell, "out" | "cwd">;

/** A server with its tools. */
export function serverLines({ out: { paint }, cwd }: World, check: McpServerCheck): string[] {
  const { server, place, title, tools, others, unused } = check;
  const file = relative(cwd, server.lock) || server.lock;
  return [
    `${paint("strong", server.name)}  ${visible(title)}  ${visible(place)}  ${paint("faint", visible(file))}`,
    ...indented([
      ...tools.flatMap((tool) => toolLines(paint, tool)),
      ...(unused.length === 0 ? [] : [`locked, and offered by no node: ${unused.map(visible).join(", ")}`]),
      ...(others.length === 0
        ? []
        : [paint("faint", `listed, and allowed nowhere: ${oneLine(others.map(visible).join(", "), OTHERS_WIDTH)}`)]),
    ]),
  ];
}

const OTHERS_WIDTH = 300;

function toolLines(paint: Paint, { tool, status, locked, present, changed, problems, doubts }: McpToolCheck): string[] {
  const hashes = [locked, present].flatMap((pin) => (pin === undefined ? [] : [mcpToolHash(pin).slice(0, HASH_SHOWN)]));
  const what = status === "changed" ? `changed: ${changed.join(", ")}` : status;
  const isBad = status === "gone" || status === "unfit";
  return [
    `${paint(isBad ? "bad" : status === "same" ? "good" : "warn", isBad ? "✗" : status === "same" ? "✓" : "~")} ${paint("strong", visible(tool))}  ${what}  ${paint("faint", [...new Set(hashes)].join(" → "))}`,
    ...indented([
      ...problems.map((problem) => paint("bad", problem)),
      ...doubts.map((doubt) => paint("warn", `warning: ${doubt}`)),
      ...(status === "same" || present === undefined ? [] : differenceOf(locked, present, paint)),
    ]),
  ];
}

const HASH_SHOWN = 19;

/** Of a tool that was not reviewed yet, all is new. */
function differenceOf(locked: McpToolPin | undefined, present: McpToolPin, paint: Paint): string[] {
  if (locked !== undefined) return textDiff(pinText(locked), pinText(present), paint);
  return visible(pinText(present))
    .split("\n")
    .map((line) => paint("good", `+ ${line}`));
}

/** All that is held fast of a tool. */
function pinText({ description, inputSchema, outputSchema, hints }: McpToolPin): string {
  const parts = { input: inputSchema, output: outputSchema, claims: hints };
  const told = Object.entries(parts).flatMap(([name, part]) =>
    part === undefined ? [] : [`${name} ${JSON.stringify(part, undefined, 2)}`],
  );
  return [description, ...told].join("\n");
}

/** What programs are told of a server: hashes and numbers in place of what it says. */
export function summaryOf({ server, place, tools, others, unused }: McpServerCheck): object {
  return {
    server: server.name,
    place,
    lock: server.lock,
    tools: tools.map(({ tool, status, locked, present, changed, problems, doubts }) => ({
      tool,
      status,
      locked: locked === undefined ? null : mcpToolHash(locked),
      present: present === undefined ? null : mcpToolHash(present),
      changed,
      problems,
      doubts: doubts.length,
    })),
    others: others.length,
    unused,
  };
}
