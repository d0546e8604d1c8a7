// What a client may read besides calling tools: the timeline of a run, and the graph of a workflow. Both are found by completing their names.

import { type McpServer, ResourceNotFoundError, ResourceTemplate } from "@modelcontextprotocol/server";
import { mermaidGraph } from "../src/index.ts";
import { eventOf } from "./run-event.ts";
import { readRun } from "./read-run.ts";
import { RESULT_LIMIT, sizeOf } from "./shorten.ts";
import { runOfTimeline } from "./timeline-uri.ts";
import { titleOf } from "./title.ts";
import type { Surface } from "./tool.ts";
import type { VisibleRuns } from "./visible-runs.ts";

const EVENTS_LIMIT = 200;
const COMPLETIONS_LIMIT = 20;
const MERMAID = "text/vnd.mermaid";

/** Run ids that begin with a text, the newest first: what a client offers while a person types. */
export async function completeRuns(kindling: VisibleRuns, begun: string): Promise<string[]> {
  const { items } = await kindling.list({ limit: 200 });
  return items.flatMap(({ id }) => (id.startsWith(begun) ? [id] : [])).slice(0, COMPLETIONS_LIMIT);
}

/** Workflow names that begin with a text. */
export function completeWorkflows({ contracts }: VisibleRuns, begun: string): string[] {
  return completeNames(
    contracts.map(({ name }) => name),
    begun,
  );
}

/** Names that begin with a text. */
export function completeNames(names: readonly string[], begun: string): string[] {
  return names.filter((name) => name.startsWith(begun)).slice(0, COMPLETIONS_LIMIT);
}

/** Puts the resources on a server. */
export function registerResources(server: McpServer, surface: Surface): void {
  const { kindling, stores } = surface;
  server.registerResource(
    "timeline",
    new ResourceTemplate("wf://runs/{run_id}/timeline", {
      list: undefined,
      complete: only({ run_id: (begun: string) => completeRuns(kindling, begun) }),
    }),
    {
      title: "Timeline of a run",
      description: `How a run stands, and the last ${EVENTS_LIMIT} things recorded of it`,
      mimeType: "application/json",
    },
    async (uri) => {
      const id = runOfTimeline(uri.href);
      const view = id === undefined ? undefined : await kindling.get(id);
      if (view === undefined) throw new ResourceNotFoundError(uri.href);
      const run = await readRun(view, surface);
      const events = (await kindling.facts(view.id)).slice(-EVENTS_LIMIT).map((fact) => eventOf(fact, stores));
      while (events.length > 0 && sizeOf({ run, events }) > 2 * RESULT_LIMIT) events.shift();
      return { contents: [{ uri: uri.href, mimeType: "application/json", text: JSON.stringify({ run, events }) }] };
    },
  );
  server.registerResource(
    "graph",
    new ResourceTemplate("wf://workflows/{workflow}/graph", {
      list: () => ({
        resources: kindling.contracts.map(({ name }) => ({
          uri: `wf://workflows/${name}/graph`,
          name: `${name} graph`,
          title: `Graph of ${titleOf(name)}`,
          description: `The steps of ${name} as a Mermaid flowchart`,
          mimeType: MERMAID,
        })),
      }),
      complete: only({ workflow: (begun: string) => completeWorkflows(kindling, begun) }),
    }),
    { title: "Graph of a workflow", description: "The steps of a workflow as a Mermaid flowchart", mimeType: MERMAID },
    (uri, { workflow }) => {
      const found = kindling.contracts.find(({ name }) => name === workflow);
      if (found === undefined) throw new ResourceNotFoundError(uri.href);
      return { contents: [{ uri: uri.href, mimeType: MERMAID, text: mermaidGraph(found.contract) }] };
    },
  );
}

/** Without the names that every object has, which a client may ask to complete as well. */
export function only<Complete extends object>(complete: Complete): Complete {
  const own = { ...complete };
  Object.setPrototypeOf(own, null);
  return own;
}
