// The page of a run: how it stands, what is in it, what was recorded of it. It only shows.

import { describeMilliseconds, type NodeView, type RecordedFact, type RunView } from "../index.ts";
import { gateAddress } from "./addresses.ts";
import { exact, html, type Html } from "./html.ts";
import { moment } from "./moment.ts";
import { shownValue, shownValues } from "./shown-value.ts";

const CHILDREN_SHOWN = 30;
const DEPTH_SHOWN = 8;
const FACTS_SHOWN = 200;

/** The page of a run with its facts. */
export function runBody(run: RunView, facts: readonly RecordedFact[], now: number): Html {
  const gates = run.awaits.filter(({ by }) => by === "human");
  return html`<p class="hint"><a href="/">Inbox</a></p>
<h1>${run.contract}</h1>
<dl class="about">
<dt>Run</dt><dd>${run.id}</dd>
<dt>Status</dt><dd><span class="status ${run.status}">${run.status}</span></dd>
<dt>Version</dt><dd>${run.version}</dd>
<dt>Started</dt><dd>${moment(run.startedAt, now)}${run.starter === undefined ? "" : html` by ${run.starter.id}`}</dd>
${run.endedAt === undefined ? "" : html`<dt>Ended</dt><dd>${moment(run.endedAt, now)}</dd>`}
</dl>
${gates.map(({ path }) => html`<p class="notice">A decision is open: <a href="${exact(gateAddress(run.id, path))}">${path}</a></p>`)}
${run.error === undefined ? "" : html`<p class="notice bad">${run.error.code}: ${run.error.message}</p>`}
${run.outputs === undefined ? "" : html`<h2>What it gave</h2><section class="value">${shownValue(run.outputs)}</section>`}
<h2>Inputs</h2>
${shownValues(run.inputs)}
<h2>Steps</h2>
<div class="card">${tree(run.nodes, 0)}</div>
<h2>What was recorded</h2>
${timeline(facts)}`;
}

function tree(nodes: readonly NodeView[], depth: number): Html {
  if (depth > DEPTH_SHOWN) return html`<p class="hint">… deeper than shown here</p>`;
  return html`<ul class="tree">${nodes.map((node) => html`<li>${node.name} <span class="hint">${node.kind}</span> <span class="status ${node.status}">${node.status}</span>${about(node)}${children(node, depth)}</li>`)}</ul>`;
}

function about({ note, error, startedAt, endedAt }: NodeView): Html {
  const took =
    startedAt === undefined || endedAt === undefined || endedAt - startedAt < 1_000 ? "" : describeMilliseconds(endedAt - startedAt);
  const words = [note ?? "", took, error === undefined ? "" : error.code].filter((each) => each !== "").join(" · ");
  return words === "" ? html`` : html` <span class="hint">${words}</span>`;
}

function children({ children: all }: NodeView, depth: number): Html | string {
  if (all.length === 0) return "";
  const rest = all.length > CHILDREN_SHOWN ? html`<li class="hint">… ${all.length - CHILDREN_SHOWN} more</li>` : "";
  return html`<ul class="tree">${all
    .slice(0, CHILDREN_SHOWN)
    .map(
      (child) =>
        html`<li>${child.key === "" ? "" : html`${child.key} <span class="status ${child.status}">${child.status}</span>`}${child.nodes.length === 0 ? "" : tree(child.nodes, depth + 1)}</li>`,
    )}${rest}</ul>`;
}

function timeline(facts: readonly RecordedFact[]): Html {
  const shown = facts.slice(-FACTS_SHOWN);
  const rest = facts.length > shown.length ? html`<p class="hint">The last ${shown.length} of ${facts.length}.</p>` : "";
  const rows = shown.map(
    (fact) =>
      html`<tr><td>${clock(fact.time)}</td><td>${fact.type}</td><td>${fact.path} <span class="hint">${detailOf(fact)}</span></td></tr>`,
  );
  return html`${rest}<table class="timeline"><tbody>${rows}</tbody></table>`;
}

/** The one detail that helps. Values, prompts and replies stay in the ledger. */
function detailOf(fact: RecordedFact): string {
  switch (fact.type) {
    case "run.started":
      return fact.actor === undefined ? "" : `by ${fact.actor.id}`;
    case "event.delivered":
    case "event.counted":
    case "event.buffered":
      return `${fact.event} by ${fact.actor.id}`;
    case "event.refused":
      return `${fact.event} by ${fact.actor.id}: ${fact.code}`;
    case "await.opened":
      return fact.event;
    case "node.failed":
    case "run.failed":
      return fact.error.code;
    case "model.requested":
      return fact.model;
    case "tool.called":
    case "tool.returned":
      return fact.tool;
    case "run.cancelled":
      return `by ${fact.actor.id}`;
    default:
      return "";
  }
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit" });

function clock(time: number): Html {
  return html`<time datetime="${new Date(time).toISOString()}">${CLOCK.format(time)}</time>`;
}
