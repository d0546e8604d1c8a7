// An open await that somebody asks about: where it stands, and what whoever decides needs to see. It reads and changes nothing.

import type { PlanNode } from "../compile/plan.ts";
import { InputError } from "../errors.ts";
import type { Wait } from "../graph/work.ts";
import type { JsonObject } from "../json.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { joinPath } from "../run/path.ts";
import { needsOf, type RunState } from "../run/state.ts";
import { jsonSchemaOf } from "../schema.ts";
import type { InboxQuery } from "./client.ts";
import type { FoldedRun } from "./found-run.ts";
import { unknownContract } from "./known-run.ts";
import { awaitAt } from "./open-awaits.ts";
import type { AwaitDetail, OpenAwait } from "./run-summary.ts";

/** Paths named to somebody who has to choose one. */
const PATHS_SHOWN = 100;

/** What answers about runs. */
interface Reader {
  readonly ledger: Ledger;
  inbox(query: InboxQuery): readonly OpenAwait[];
  load(run: string): Promise<FoldedRun | undefined>;
}

/** An open await with the run or child it stands in. */
export interface FoundAwait {
  readonly open: OpenAwait;
  readonly state: RunState;
  readonly node: PlanNode;
  readonly work: Wait;
}

/** The open await at a path, or the only one. @throws InputError `run_not_found`, `not_awaiting`, `contract_not_found` */
export async function openAwaitAt(reader: Reader, run: string, path?: string): Promise<FoundAwait> {
  const some = reader.inbox({ run, limit: PATHS_SHOWN });
  const [first, ...more] = some;
  const only = path ?? (more.length === 0 ? first?.path : undefined);
  const found = only === undefined ? undefined : awaitAt(reader.ledger, run, only);
  if (found === undefined) throw notAwaiting(run, path, some);
  const { stream, open } = found;
  const loaded = await reader.load(stream);
  const node = loaded?.state.plan.nodes.find(({ name }) => joinPath(loaded.state.path, name) === only);
  const work = node?.definition.behaviour.work;
  if (loaded === undefined || node === undefined || work?.type !== "wait") throw unknownContract(run, open.contract);
  return { open, state: loaded.state, node, work };
}

/** What whoever decides needs to see of it. @throws InputError `not_awaiting` for one that was answered just now */
export function detailOf({ open, state, node, work }: FoundAwait): AwaitDetail {
  const now = state.nodes[node.index];
  if (now?.status !== "waiting") throw new InputError("not_awaiting", `run ${open.run} was answered at "${open.path}" just now`);
  const { description } = node.definition;
  return { ...open, description, opening: `${state.id}:${now.fact}`, values: needsOf(state, node), schema: jsonSchemaOf(work.schema) };
}

/** The error for an await that is not open, or that has to be named. */
export function notAwaiting(run: string, path: string | undefined, open: readonly OpenAwait[]): InputError {
  const where = path === undefined ? "" : ` at "${path}"`;
  const known = open.map((each) => `"${each.path}"`).join(", ");
  return new InputError(
    "not_awaiting",
    `run ${run} ${open.length > 1 && path === undefined ? "has several open awaits" : `has no open await${where}`}`,
    {
      fix: open.length === 0 ? "It waits for nothing now." : `Open: ${known}.`,
      details: { open: open.map((each) => each.path) } satisfies JsonObject,
    },
  );
}
