// Waits for an event from outside. With `by: "human"` it is a gate, which a person must decide; how sure that must be is part of the graph.

import { toMilliseconds, type Duration } from "../graph/duration.ts";
import type { NodeFinding } from "../graph/graph.ts";
import type { Needs, Node } from "../graph/node.ts";
import type { Assurance, Gate, Quorum } from "../graph/gate.ts";
import { historyRule, isHistory, type HistoryRule, type OfEvent, strangeMembers } from "../graph/history-rule.ts";
import type { Wait } from "../graph/work.ts";
import { hashJson, type JsonObject, toJson } from "../json.ts";
import { outputSchemaOf, type InferOutput, type Schema } from "../schema.ts";
import type { FactRef } from "../store/fact.ts";
import type { History } from "../store/store.ts";
import { NEEDS, optional, type KindForm } from "./form.ts";
import { badOption, checkDuration, checkMeant, codeOf, type CommonOptions, type NodeKind, RUNS_NO_CODE, schemaDetail } from "./kind.ts";

export interface AwaitOptions<S extends Schema> extends CommonOptions {
  /** The event's name; it is delivered under this name. */
  readonly event: string;
  /** What the event's payload must be; also the node's value. */
  readonly schema: S;
  /** The values shown to whoever answers. A decision is bound to their digest. */
  readonly show?: Needs;
  /** Makes it a gate: a person must decide, and an agent cannot. */
  readonly by?: "human";
  /** How sure it must be that a person decided; gates only. Default `outOfBand`. */
  readonly assurance?: Assurance;
  /** The person must have one of these roles; gates only. */
  readonly roles?: readonly string[];
  /** Whoever started the run may not decide; gates only. */
  readonly notStarter?: boolean;
  /**
   * So many different people must say the same; gates only. A number means the whole payload must be the same; `on` names the member in which they must agree, and
   * `alone` the values of it for which one person is enough. The last payload of those who agree is the node's value.
   * @example { people: 2, on: "decision", alone: ["reject"] }
   */
  readonly quorum?: number | QuorumOptions;
  /** How long to wait. */
  readonly timeout?: Duration;
  /** How often somebody is to be reminded while it is open: each time is a fact, `await.reminded`, which a hook can pass on. At least 1 second. */
  readonly remind?: Duration;
  /** At the deadline: fail with `await_timed_out` (default), or go on with this value. */
  readonly onTimeout?: "fail" | { readonly value: InferOutput<S> };
}

/** An await that events of a history answer. */
export interface HistoryAwaitOptions<T> extends CommonOptions {
  /** The history. Its events are found by a feed: nobody delivers them. */
  readonly on: History<T>;
  /** Which events are meant; all when left out. */
  readonly when?: (event: T, fact: FactRef) => boolean;
  /** Which runs an event is for: values of correlation keys, by a function of the event and what stands about it in the ledger, or by the names of its members. */
  readonly correlate: OfEvent<T, JsonObject>;
  /** The values shown to whoever looks. */
  readonly show?: Needs;
  readonly timeout?: Duration;
  readonly remind?: Duration;
  readonly onTimeout?: "fail" | { readonly value: T };
}

/** How many people decide a gate, and about what they must agree. */
export interface QuorumOptions {
  /** 2 to 20. */
  readonly people: number;
  /** The member of the payload in which they must agree; default: the whole payload. */
  readonly on?: string;
  /** Values of it that one person may give alone. */
  readonly alone?: readonly (string | number | boolean)[];
}

const PEOPLE_LIMIT = 20;

export interface AwaitMethods {
  // The same stands first and last: the compiler tells the value of a mistaken call by the first of these, and what is wrong with it by the last.
  /** Waits for an event; its checked payload is the node's value. */
  await<S extends Schema>(name: string, options: AwaitOptions<S>): Node<InferOutput<S>>;
  /** Waits for an event of a history, whoever records it, also one that comes between the start of the run and the opening; the event is the node's value. */
  await<T>(name: string, options: HistoryAwaitOptions<T>): Node<T>;
  /** Waits for an event; its checked payload is the node's value. */
  await<S extends Schema>(name: string, options: AwaitOptions<S>): Node<InferOutput<S>>;
}

export const awaitKind: NodeKind<AwaitMethods> = {
  kind: "await",
  methods: ({ declare }) => ({
    await: (name: string, given: AwaitOptions<Schema> | HistoryAwaitOptions<unknown>) => {
      const rule = "on" in given ? ruleOf(given) : undefined;
      const options = "on" in given ? deliveredBy(given) : given;
      const gate = options.by === "human" ? gateOf(options) : undefined;
      const timeoutMs = options.timeout === undefined ? undefined : toMilliseconds(options.timeout);
      const onTimeout = timeoutOutcome(options);
      return declare<never>({
        kind: "await",
        name,
        needs: options.show ?? {},
        options,
        behaviour: {
          work: {
            type: "wait",
            event: options.event,
            schema: options.schema,
            onTimeout,
            ...(gate === undefined ? {} : { gate }),
            ...(rule === undefined ? {} : { on: rule }),
            ...(timeoutMs === undefined ? {} : { timeoutMs }),
            ...(options.remind === undefined ? {} : { remindMs: toMilliseconds(options.remind) ?? 0 }),
          },
          detail: {
            event: options.event,
            schema: schemaDetail(options.schema ?? ANY),
            ...(gate === undefined ? {} : { gate: gateDetail(gate) }),
            ...(timeoutMs === undefined ? {} : { timeoutMs, onTimeout: { ...onTimeout } }),
          },
          picture: {
            shape: gate === undefined ? "event" : "person",
            lines: [
              rule === undefined ? options.event : `event of ${rule.history.name}`,
              ...(options.timeout === undefined ? [] : [`within ${options.timeout}`]),
            ],
          },
          ...RUNS_NO_CODE,
          check: () => [...checkAwait(options), ...("on" in given ? checkRule(given) : [])],
          // The value taken at the deadline is the author's, and no schema has checked it.
          gives: onTimeout.type === "value" ? undefined : outputSchemaOf(options.schema ?? ANY),
          declared: () => given,
        },
      });
    },
  }),
};

function ruleOf({ on, when, correlate }: HistoryAwaitOptions<unknown>): HistoryRule | undefined {
  return isHistory(on) && (typeof correlate === "function" || (typeof correlate === "object" && correlate !== null))
    ? historyRule(on, when, correlate)
    : undefined;
}

/** The same as an await of an event that only the feed of the history delivers. Its name tells which events those are. */
function deliveredBy({ on, when, correlate, ...options }: HistoryAwaitOptions<unknown>): AwaitOptions<Schema> {
  const meant = [when === undefined ? null : codeOf(when), typeof correlate === "function" ? codeOf(correlate) : { ...correlate }];
  const event = isHistory(on) ? `history:${on.name}#${hashJson(meant).slice(0, 8)}` : "history";
  return { ...options, event, schema: isHistory(on) ? recordedAs(on.schema) : ANY };
}

const ANY: Schema = { "~standard": { version: 1, vendor: "kindling", validate: (value) => ({ value }) } };

/** The schema of what was checked when it was recorded: what it gave need not fit it again. */
function recordedAs({ "~standard": standard }: Schema): Schema {
  const { jsonSchema } = standard;
  return {
    "~standard": {
      ...standard,
      validate: (value) => ({ value }),
      ...(jsonSchema === undefined ? {} : { jsonSchema: { ...jsonSchema, input: jsonSchema.output ?? jsonSchema.input } }),
    },
  };
}

/** What only an await that somebody answers has. */
const OF_DELIVERIES = ["event", "schema", "by", "assurance", "roles", "notStarter", "quorum"];

function checkRule({ on, correlate, ...options }: HistoryAwaitOptions<unknown>): NodeFinding[] {
  const given: unknown = correlate;
  const when: unknown = options.when;
  return [
    ...(isHistory(on) ? [] : [badOption("on is no history", "Give what defineHistory gave.")]),
    ...checkMeant("an await of a history", options, OF_DELIVERIES),
    ...strangeMembers(on, given).map(([message, hint]) => badOption(`correlate ${message}`, hint)),
    ...(when === undefined || typeof when === "function"
      ? []
      : [badOption("when is no function", "Give one of the event: when: (event) => ….")]),
    ...(typeof given === "function" || (typeof given === "object" && given !== null && Object.keys(given).length > 0)
      ? []
      : [badOption("correlate is missing", "Say for which runs an event is: correlate: (event) => ({ orderId: event.order }).")]),
  ];
}

function gateOf({ assurance = "outOfBand", roles = [], notStarter = false, quorum }: AwaitOptions<Schema>): Gate {
  return { assurance, roles: [...roles], notStarter, ...(quorum === undefined ? {} : { quorum: quorumOf(quorum) }) };
}

function gateDetail({ quorum, ...gate }: Gate): JsonObject {
  return quorum === undefined ? { ...gate } : { ...gate, quorum: { ...quorum } };
}

function quorumOf(quorum: number | QuorumOptions): Quorum {
  if (typeof quorum === "number") return { people: quorum, alone: [] };
  const { people, on, alone = [] } = quorum;
  return { people, ...(on === undefined ? {} : { on }), alone: [...alone] };
}

function checkQuorum({ quorum }: AwaitOptions<Schema>): NodeFinding[] {
  if (quorum === undefined) return [];
  const { people, on, alone } = quorumOf(quorum);
  const findings: NodeFinding[] = [];
  if (!Number.isInteger(people) || people < 2 || people > PEOPLE_LIMIT)
    findings.push(
      badOption(`quorum wants ${String(people)} people`, `Give a whole number from 2 to ${PEOPLE_LIMIT}; leave it out for one.`),
    );
  if (on === undefined && alone.length > 0)
    findings.push(badOption("quorum has alone without on", 'Name the member of the payload it is about: on: "decision".'));
  return findings;
}

function timeoutOutcome({ onTimeout }: AwaitOptions<Schema>): Wait["onTimeout"] {
  if (onTimeout === undefined || onTimeout === "fail") return { type: "fail" };
  const json = toJson(onTimeout.value);
  return { type: "value", value: json.ok ? json.value : null };
}

function checkAwait(options: AwaitOptions<Schema>): NodeFinding[] {
  const findings = [
    ...checkDuration("timeout", options.timeout, 1),
    ...checkDuration("remind", options.remind, 1_000),
    ...checkQuorum(options),
  ];
  const { event, schema }: { readonly event?: unknown; readonly schema?: unknown } = options;
  if (typeof event !== "string" || event === "")
    findings.push(badOption(`event is ${event === "" ? "empty" : "missing"}`, "Name the event that is waited for."));
  if (schema === undefined) findings.push(badOption("schema is missing", "Say what the payload of the event must be."));
  if (typeof options.onTimeout === "object") {
    const json = toJson(options.onTimeout.value);
    if (!json.ok) findings.push(badOption(`onTimeout.value${json.problem.at.slice(1)} ${json.problem.message}`, "It is recorded as JSON."));
  }
  if (options.onTimeout !== undefined && options.timeout === undefined)
    findings.push(badOption("onTimeout is given without a timeout", "Give a timeout, or leave onTimeout out."));
  const { by, assurance, roles, notStarter, quorum } = options;
  if (by === undefined && [assurance, roles, notStarter, quorum].some((each) => each !== undefined))
    findings.push(badOption("assurance, roles, notStarter or quorum is given for an await that no person decides", 'Add by: "human".'));
  if (options.by === "human" && options.timeout === undefined) {
    findings.push({
      code: "gate_without_timeout",
      severity: "warning",
      message: "waits for a person without a deadline",
      hint: 'Give a timeout such as "3d", so that a forgotten gate ends.',
    });
  }
  if (options.by === "human" && Object.keys(options.show ?? {}).length === 0) {
    findings.push({
      code: "nothing_to_show",
      severity: "warning",
      message: "asks a person to decide without showing anything",
      hint: "Give show: { … } with the values to be judged.",
    });
  }
  return findings;
}

export const awaitForm: KindForm = {
  about: "Waits for an event from outside, whose payload is its value; by human it is a gate that only a person can decide.",
  options: {
    event: optional({ type: "text" }),
    schema: optional({ type: "schema", about: "What the payload of the event must be." }),
    on: optional({ type: "store", about: "A history whose events answer it, in place of event and schema." }),
    correlate: optional({
      type: "map",
      of: { type: "text" },
      about: "With on: correlation keys, and the members of an event that have their values.",
    }),
    when: optional({ type: "code", cure: "Leave it out, and keep the events that are meant in a history of their own." }),
    show: optional({ ...NEEDS, about: "The nodes shown to whoever answers." }),
    by: optional({ type: "text", values: ["human"] }),
    assurance: optional({ type: "text", values: ["client", "outOfBand", "signed"] }),
    roles: optional({ type: "list", of: { type: "text" } }),
    notStarter: optional({ type: "boolean" }),
    quorum: optional({
      type: "either",
      of: [
        { type: "number" },
        {
          type: "object",
          members: { people: { type: "number" }, on: optional({ type: "text" }), alone: optional({ type: "list", of: { type: "json" } }) },
        },
      ],
      about: "So many different people must say the same.",
    }),
    timeout: optional({ type: "duration" }),
    remind: optional({ type: "duration", about: "How often somebody is to be reminded while it is open." }),
    onTimeout: optional({
      type: "either",
      of: [
        { type: "text", values: ["fail"] },
        { type: "object", members: { value: { type: "json" } } },
      ],
    }),
  },
  declare: (g, name, options: AwaitOptions<Schema>) => g.await(name, options),
};
