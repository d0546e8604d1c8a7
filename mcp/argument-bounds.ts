// What no tool takes, whatever it is for: arguments of too many members or levels, and a name that means something else in JavaScript. Looked at before anything
// reads them, without recursion, so that nothing a caller sends is too deep to be refused. Knows no tool.

import { Refusal } from "./failure.ts";

/** Members and items of one call's arguments, all levels together. */
const MEMBERS_LIMIT = 10_000;
/** The core records values of 64 levels; a few stand around them. */
const LEVELS_LIMIT = 68;
const AT_LIMIT = 100;

/** The refusal of arguments that no tool takes; undefined for others. */
export function refusalOfArguments(args: unknown, tool: string): Refusal | undefined {
  const open: Place[] = [{ value: args, level: 0, at: "" }];
  let members = 0;
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { value, level, at } = place;
    if (typeof value !== "object" || value === null) continue;
    if (level > LEVELS_LIMIT) return refused(tool, at, `is more than ${LEVELS_LIMIT} levels deep`, "Nest it less deep");
    for (const [name, member] of Object.entries(value)) {
      members += 1;
      if (members > MEMBERS_LIMIT) return refused(tool, "", `there are more than ${MEMBERS_LIMIT} members and items`, "Send less");
      const inside = at === "" ? name : `${at}.${name}`;
      // Whatever copies such an object loses the member, and it may be there to be read as something it is not.
      if (name === "__proto__") return refused(tool, inside, "no member can have this name", "Leave it out");
      open.push({ value: member, level: level + 1, at: inside.slice(0, AT_LIMIT) });
    }
  }
  return undefined;
}

interface Place {
  readonly value: unknown;
  readonly level: number;
  readonly at: string;
}

function refused(tool: string, at: string, message: string, cure: string): Refusal {
  return new Refusal("invalid_arguments", `The arguments do not fit ${tool}; nothing was done.`, `${cure}, and call again.`, [
    { at, message },
  ]);
}
