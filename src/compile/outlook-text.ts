// An outlook as lines of text: what a person or an agent wants to know before a run is started.

import type { Budget } from "../graph/budget.ts";
import { describeMilliseconds } from "../graph/duration.ts";
import type { Gate } from "../graph/gate.ts";
import type { Amount, Cost, Span } from "./amount.ts";
import type { Unknown } from "./unknown.ts";
import type { AwaitOutlook, BlockedOutlook, ChildrenOutlook, ModelOutlook, NodeOutlook, Outlook } from "./outlook.ts";

/** Rows of one list; more are counted. */
const ROWS_SHOWN = 40;
const NAMES_SHOWN = 12;
const HASH_SHOWN = 12;

/** What `outlook` gave as text: whether the run can start, in which steps it goes, what it waits for, asks, does and costs. */
export function outlookText(ahead: Outlook): string {
  const { inputs } = ahead;
  const lacking = [
    ...inputs.missing.map((name) => `${name} is missing`),
    ...inputs.invalid.map(({ at, message }) => `${at === "" ? "inputs" : at}: ${message}`),
  ];
  const lines = [
    `${ahead.contract}  version ${ahead.version}  plan ${ahead.hash.slice(0, HASH_SHOWN)}`,
    lacking.length === 0 ? "can start" : "cannot start yet",
    ...section("inputs", [
      ...lacking.map((line) => `! ${line}`),
      ...(inputs.given.length === 0 ? [] : [`given    ${names(inputs.given)}`]),
      ...(inputs.defaulted.length === 0 ? [] : [`left out ${names(inputs.defaulted)}`]),
    ]),
    ...section("held up", ahead.blocked.filter((each) => each.inputs.length > 0).map(blockedLine)),
    ...section(
      "steps, side by side on one line",
      ahead.levels.map((paths, index) => `${String(index + 1).padStart(String(ahead.levels.length).length)}  ${names(paths)}`),
    ),
    ...section("waits for", ahead.awaits.map(awaitLine)),
    ...section("asks models", [
      ...ahead.modelCalls.map(modelLine),
      ...(ahead.modelCalls.length > 1 ? [`together: ${amountWords(ahead.cost)}`] : []),
      ...(ahead.budget === null ? [] : [`no more than ${budgetWords(ahead.budget)}: the budget of the contract`]),
    ]),
    ...section("not known, the biggest first", ahead.modelCalls.length > 0 ? ahead.unknown.flatMap(unknownLines) : []),
    ...section(
      "doubtful",
      ahead.doubts.map(({ message }) => message),
    ),
    ...section("acts on the world", ahead.effects.map(nodeLine)),
    ...section("reads the world", ahead.lookups.map(nodeLine)),
    ...section("sleeps", ahead.sleeps.map(nodeLine)),
    ...section("runs children", ahead.children.map(childrenLine)),
    ...section(
      "executors",
      ahead.executors.map(({ path, executor }) => `${path}  ${executor}`),
    ),
    ...section("capabilities", ahead.capabilities),
  ];
  return [...lines, ...(ahead.isComplete ? [] : ["", "There are more nodes than can be listed."]), ""].join("\n");
}

function section(title: string, rows: readonly string[]): readonly string[] {
  if (rows.length === 0) return [];
  const shown = rows.length > ROWS_SHOWN ? [...rows.slice(0, ROWS_SHOWN), `… and ${rows.length - ROWS_SHOWN} more`] : rows;
  return ["", title, ...shown.map((row) => `  ${row}`)];
}

function names(list: readonly string[]): string {
  const shown = list.slice(0, NAMES_SHOWN).join(", ");
  return list.length > NAMES_SHOWN ? `${shown} and ${list.length - NAMES_SHOWN} more` : shown;
}

function blockedLine({ path, inputs }: BlockedOutlook): string {
  return `${path}  until there is ${names(inputs)}`;
}

function people({ quorum }: Gate): string {
  return quorum === undefined ? "a person" : `${quorum.people} people`;
}

function awaitLine({ path, event, gate, timeoutMs, shows, times }: AwaitOutlook): string {
  const roles = gate === null || gate.roles.length === 0 ? "" : ` with the role ${gate.roles.join(" or ")}`;
  return [
    `${path}  ${event}`,
    gate === null ? "from outside" : `${people(gate)}${roles} ${gate.quorum === undefined ? "decides" : "decide"} (${gate.assurance})`,
    timeoutMs === null ? "however long it takes" : `within ${describeMilliseconds(timeoutMs)}`,
    ...(shows.length === 0 ? [] : [`shown: ${names(shows)}`]),
    ...timesWords(times),
  ].join(", ");
}

function modelLine({ path, model, unknown, ...amount }: ModelOutlook): string {
  return `${path}  ${model ?? "default model"}: ${amountWords(amount)}${unknown === null || amount.usd.high !== null ? "" : `; not known: ${unknown.message}`}`;
}

function budgetWords({ usd, tokens, turns }: Budget): string {
  return [
    ...(usd === undefined ? [] : [dollars(usd)]),
    ...(tokens === undefined ? [] : [`${count(tokens)} tokens`]),
    ...(turns === undefined ? [] : [`${count(turns)} calls`]),
  ].join(", ");
}

function unknownLines({ message, fix }: Unknown): readonly string[] {
  return [message, `  → ${fix}`];
}

function amountWords({ calls, inputTokens, outputTokens, usd }: Amount): string {
  return [
    counted(calls, "call", "calls"),
    `${spanWords(inputTokens)} tokens in`,
    `${spanWords(outputTokens)} tokens out`,
    costWords(usd),
  ].join(", ");
}

function nodeLine({ path, kind, times }: NodeOutlook): string {
  return [`${path}  ${kind}`, ...timesWords(times)].join(", ");
}

function childrenLine({ path, cases, count, contracts, times }: ChildrenOutlook): string {
  const what = cases.length > 0 ? `one of ${names(cases)}` : counted(count, "child", "children");
  return [`${path}  ${what}`, ...(contracts.length === 0 ? [] : [`of ${names(contracts)}`]), ...timesWords(times)].join(", ");
}

function timesWords(times: Span): readonly string[] {
  if (times.low === 1 && times.high === 1) return [];
  if (times.low === 0 && times.high === 1) return ["perhaps"];
  return [`${spanWords(times)} times`];
}

function counted(span: Span, one: string, many: string): string {
  const isOne = span.high === 1 || (span.high === null && span.low === 1);
  return `${spanWords(span)} ${isOne ? one : many}`;
}

function spanWords({ low, high }: Span): string {
  if (high === null) return low === 0 ? "any number of" : `at least ${count(low)}`;
  return low === high ? count(low) : low === 0 ? `up to ${count(high)}` : `${count(low)} to ${count(high)}`;
}

function costWords({ low, high }: Cost): string {
  if (high === null) return low === null || low === 0 ? "cost unknown" : `at least ${dollars(low)}`;
  return low === null || low === 0 ? `up to ${dollars(high)}` : low === high ? dollars(low) : `${dollars(low)} to ${dollars(high)}`;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** Two digits that say something, for small sums too. */
function dollars(value: number): string {
  return `$${value >= 1 ? value.toFixed(2) : Number(value.toPrecision(2)).toString()}`;
}
