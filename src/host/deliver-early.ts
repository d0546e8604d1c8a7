// A delivery that no open await takes: a repeat of one that was taken, one that comes too late, or one that comes early and is kept.

import type { Wait } from "../graph/work.ts";
import { canonicalJson } from "../json.ts";
import type { StreamHead } from "../ledger/ledger.ts";
import { check, type Issue } from "../schema.ts";
import { refuseDecision, repeated } from "../run/accept.ts";
import type { EventBuffered } from "../run/event-facts.ts";
import { isErased } from "../run/erased.ts";
import { joinPath } from "../run/path.ts";
import { keys, readNote } from "../run/head.ts";
import { derivedDeliveryId } from "../run/ids.ts";
import { isEnded, stateOf } from "../run/state.ts";
import { readTraceContext } from "../trace-context.ts";
import type { ActiveRun } from "./active-run.ts";
import type { Delivery } from "./delivery.ts";
import { deliverToTargets, findTargets } from "./deliver-open.ts";
import { eachHead, hasHead } from "./each-head.ts";
import { isSubset } from "./early.ts";
import type { EmbeddedHost } from "./embedded.ts";
import { earlyDeliveryId, lookBack } from "./look-back.ts";
import { openAwaits } from "./open-awaits.ts";
import {
  ambiguous,
  CANDIDATES_LIMIT,
  conflict,
  correlationKeys,
  isInTime,
  refused,
  runEnded,
  together,
  type Parcel,
  type Target,
} from "./parcel.ts";
import { waitsFor } from "./waits-for.ts";

/** Early events kept per run. */
const BUFFER_LIMIT = 100;

/** Awaits named to somebody who has named another one. */
const PATHS_SHOWN = 20;

/** Ended runs that are asked whether they know a delivery; the newest ones. */
const ENDED_LIMIT = 100;

/** Answers a delivery for which no await is open. */
export async function deliverWithoutAwait(host: EmbeddedHost, parcel: Parcel): Promise<Delivery> {
  const { request } = parcel;
  const roots = findRoots(host, parcel);
  if (roots === undefined) return request.run === undefined ? keepForLater(host, parcel) : notFound(host, parcel);
  const undecided: string[] = [];
  let late: Delivery | undefined;
  for (const head of roots.heads()) {
    if (!(await isInTime(host, head.run, parcel))) continue;
    const past = await lookBack(host, head.run, parcel);
    if (past.answer?.status === "duplicate") return past.answer;
    if (past.mayOpen) undecided.push(head.run);
    late ??= past.answer;
    if (request.to !== "all" && undecided.length > CANDIDATES_LIMIT) break;
  }
  const [root, ...others] = undecided;
  if (root === undefined)
    return late ?? (roots.areOpen && request.path !== undefined ? noSuchAwait(host, roots.first, parcel) : runEnded(request));
  if (others.length > 0 && request.to !== "all")
    return ambiguous(
      request,
      undecided.map((run) => ({ root: run, path: "", correlation: correlationOf(host, run) })),
    );
  const deliveries: Delivery[] = [];
  for (const each of undecided) deliveries.push(await keep(host, each, parcel));
  return together(deliveries);
}

/** A run that has not ended has no await at the path that was given. */
function noSuchAwait(host: EmbeddedHost, root: StreamHead, { request }: Parcel): Delivery {
  const paths = openAwaits(host.ledger, { run: root.run, event: request.event, limit: PATHS_SHOWN + 1 }).map(({ path }) => `"${path}"`);
  const more = paths.length > PATHS_SHOWN ? ", …" : "";
  return refused(
    "run_not_found",
    `run ${root.run} has no await "${request.path ?? ""}" for "${request.event}"`,
    paths.length === 0 ? "None is open now." : `Open: ${paths.slice(0, PATHS_SHOWN).join(", ")}${more}.`,
  );
}

/** Roots that an event without an open await may be for. */
interface Roots {
  readonly first: StreamHead;
  readonly areOpen: boolean;
  /** Open ones oldest first; or, where there are none, ended ones newest first. */
  readonly heads: () => Iterable<StreamHead>;
}

/** A run that may still want the event counts more than ended ones that had the same keys. */
function findRoots(host: EmbeddedHost, parcel: Parcel): Roots | undefined {
  const { request } = parcel;
  // Only roots say what they declare, compacted ones too.
  const wanted = [keys.declares(request.event)];
  if (request.run !== undefined) {
    const head = host.ledger.head(request.run);
    const isMeant = head !== undefined && wanted.every((key) => head.keys.includes(key));
    return isMeant ? { first: head, areOpen: head.open, heads: () => [head] } : undefined;
  }
  // A child's own keys stand in no root: those of its root are enough to find the run it will belong to.
  return rootsWith(host, [...wanted, ...correlationKeys(request)]) ?? rootsWith(host, [...wanted, ...rootKeys(host, parcel)]);
}

function rootsWith({ ledger }: EmbeddedHost, wanted: readonly string[]): Roots | undefined {
  const [open] = ledger.find({ keys: wanted, open: true, limit: 1 });
  if (open !== undefined) return { first: open, areOpen: true, heads: () => eachHead(ledger, { keys: wanted, open: true }) };
  const ended = ledger.find({ keys: wanted, newestFirst: true, limit: ENDED_LIMIT });
  const [first] = ended;
  return first === undefined ? undefined : { first, areOpen: false, heads: () => ended };
}

/** The given keys that are correlation keys of roots at all. */
function rootKeys(host: EmbeddedHost, { request }: Parcel): string[] {
  const plans = host.plans.awaiting(request.event);
  const declared = new Set(plans.flatMap((plan) => plan.graph.correlate));
  const own = Object.entries(request.correlation ?? {}).filter(([key]) => declared.has(key));
  return own.length === 0 ? ["no key of a root"] : own.map(([key, value]) => keys.correlates(key, value));
}

function notFound(host: EmbeddedHost, { request }: Parcel): Delivery {
  const named = request.run === undefined ? undefined : host.ledger.head(request.run);
  if (named !== undefined && isErased(named.note)) return refused("run_erased", `run ${named.run} was erased`, "Start a new run.");
  if (named !== undefined) {
    return refused("unknown_event", `run ${named.run} does not await the event "${request.event}"`, "Look at what its contract awaits.");
  }
  const by = request.run === undefined ? `with ${canonicalJson(request.correlation ?? {})}` : `"${request.run}"`;
  return refused(
    "run_not_found",
    `there is no run ${by} that awaits "${request.event}"`,
    "Check the correlation values; `kindling list` shows the runs there are.",
  );
}

/** Keeps an event for a run that does not exist yet, where just one contract wants that. */
async function keepForLater(host: EmbeddedHost, parcel: Parcel): Promise<Delivery> {
  const { request, payload } = parcel;
  const plans = host.plans.awaiting(request.event).filter((plan) => plan.graph.early !== undefined);
  const [plan, ...others] = plans;
  const keepForMs = plan?.graph.early?.keepForMs;
  if (plan === undefined || keepForMs === undefined || others.length > 0) return notFound(host, parcel);
  const strange = Object.keys(request.correlation ?? {}).filter((key) => !plan.graph.correlate.includes(key));
  if (strange.length > 0) return notFound(host, parcel);
  const refusal = await refuseFor(waitsFor(plan, request.event), parcel, (wait) => refuseUnopened(wait, parcel));
  if (refusal !== undefined) return refusal;
  const deliveryId =
    request.deliveryId ?? derivedDeliveryId(`mailbox:${plan.name}`, request.event, canonicalJson([request.correlation ?? {}, payload]));
  // A run that has started meanwhile takes the event itself.
  const hasRun = () => hasHead(host.ledger, { keys: [keys.declares(request.event), ...correlationKeys(request)] });
  const kept = await host.mailbox.keep(plan, keepForMs, earlyEvent(parcel, deliveryId), hasRun);
  switch (kept) {
    case "moot":
      return deliverWithoutAwait(host, parcel);
    case "conflict":
      return conflict(deliveryId);
    case "full":
      return refused(
        "too_many_early_events",
        `the mailbox of "${plan.name}" is full`,
        "Start the runs these events are for, or wait until some have expired.",
      );
    case "kept":
    case "duplicate":
      return { status: "kept", contract: plan.name, deliveryId, keptForMs: keepForMs };
  }
}

/** What nobody may decide before it is open, whatever run or await it will be of. */
function refuseUnopened({ gate }: Wait, { request, actor, signed }: Parcel): Delivery | undefined {
  if (signed !== undefined)
    return refused(
      "signature_mismatch",
      `nothing waits for "${request.event}" now that the signed decision could be about`,
      "Sign it when it is open: kindling inbox shows what is.",
    );
  // An agent decides no gate, and several people decide about what they have seen.
  if (gate !== undefined && (actor.assurance === "agent" || gate.quorum !== undefined)) return gateRefusal(request.event);
  if (gate?.assurance !== "signed") return undefined;
  return refused(
    "signature_required",
    `"${request.event}" is for a gate that wants a signed decision about what it will show`,
    "Wait until the gate opens; then an approver signs: kindling approve <run> --sign <key file>.",
  );
}

function gateRefusal(event: string): Extract<Delivery, { status: "refused" }> {
  return refused(
    "human_decision_required",
    `"${event}" is for a gate, which a person must decide`,
    "Wait until the gate opens; then a person decides it with `kindling approve`.",
  );
}

function keep(host: EmbeddedHost, root: string, parcel: Parcel): Promise<Delivery> {
  return host.use(root, async (run) => {
    const refusal = await refuseFor(waitsFor(run.state.plan, parcel.request.event), parcel, (wait) => refuseEarly(run, wait, parcel));
    // Looked at again, in the same turn in which the event is kept: an await may have opened while its history was read.
    const open = openNow(host, run, parcel);
    const delivery = open.length > 0 ? await deliverToTargets(host, open, parcel) : (refusal ?? keepIn(run, parcel));
    run.advance();
    await run.durable();
    return delivery;
  });
}

function keepIn(run: ActiveRun, parcel: Parcel): Delivery {
  const { request, payload } = parcel;
  const deliveryId = request.deliveryId ?? earlyDeliveryId(run.id, request.event, payload);
  const repeat = repeated(run.state, deliveryId, payload);
  if (repeat === "conflict") return conflict(deliveryId);
  if (repeat !== undefined) return { status: "duplicate", run: run.id, path: undefined, deliveryId };
  if (isEnded(run.state)) return runEnded(request);
  if (run.state.buffered.size >= BUFFER_LIMIT)
    return refused(
      "too_many_early_events",
      `run ${run.id} keeps ${BUFFER_LIMIT} early events already`,
      "Deliver again when its awaits have opened.",
    );
  run.record(earlyEvent(parcel, deliveryId));
  return { status: "buffered", run: run.id, path: undefined, deliveryId };
}

function earlyEvent({ request, payload, actor }: Parcel, deliveryId: string): EventBuffered {
  const { event, correlation = {}, path } = request;
  const trace = readTraceContext(request.trace ?? {});
  const more = { ...(path === undefined ? {} : { path }), ...(trace === undefined ? {} : { trace }) };
  return { type: "event.buffered", event, correlation, deliveryId, payload, actor, ...more };
}

/** The awaits of a run's tree that take the event now, those included that the ledger does not show yet. */
function openNow(host: EmbeddedHost, root: ActiveRun, { request }: Parcel): Target[] {
  const noted = findTargets(host, { ...request, run: root.id }).filter(({ stream }) => host.inMemory(stream) === undefined);
  const active = host.treeInMemory(root.id).flatMap(({ state }) =>
    [...state.waits].flatMap((index): Target[] => {
      const node = state.plan.nodes[index];
      const now = node === undefined ? undefined : stateOf(state, node);
      if (node === undefined || now?.status !== "waiting" || now.event !== request.event || isEnded(state)) return [];
      const path = joinPath(state.path, node.name);
      const isMeant = (request.path === undefined || request.path === path) && isSubset(request.correlation ?? {}, state);
      return isMeant ? [{ stream: state.id, node: node.name, root: root.id, path, correlation: state.correlation }] : [];
    }),
  );
  return [...noted, ...active];
}

/** An event may be kept when one of the awaits it can be for lets this actor answer and takes such a payload. */
async function refuseFor(
  waits: readonly Wait[],
  { request, payload }: Parcel,
  judge: (wait: Wait) => Delivery | undefined,
): Promise<Delivery | undefined> {
  let refusal: Delivery | undefined;
  let issues: readonly Issue[] | undefined;
  for (const wait of waits) {
    const refusedHere = judge(wait);
    refusal ??= refusedHere;
    if (refusedHere !== undefined) continue;
    const checked = await check(wait.schema, payload);
    if (checked.ok) return undefined;
    issues ??= checked.issues;
  }
  if (issues !== undefined)
    return { ...refused("invalid_payload", `the payload of "${request.event}" does not fit`, "Correct it and deliver again."), issues };
  return refusal;
}

function refuseEarly(run: ActiveRun, wait: Wait, parcel: Parcel): Delivery | undefined {
  const unopened = refuseUnopened(wait, parcel);
  if (unopened !== undefined) return unopened;
  const { request, actor, personOf } = parcel;
  // Nothing is shown yet, so whatever the digest stands for is not what will be.
  const refusal = refuseDecision(run.state, { shown: "" }, wait.gate, { actor, personOf, hasSigned: false }, request.shown);
  return refusal === undefined ? undefined : refused(refusal.code, refusal.message, refusal.fix);
}

function correlationOf(host: EmbeddedHost, run: string) {
  const head = host.ledger.head(run);
  return (head === undefined ? undefined : readNote(head.note))?.correlation ?? {};
}
