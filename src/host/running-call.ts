// What a call is given besides its needs. A class with getters, since most calls look at nothing of it and making it is part of the cost of every node.

import type { CallingWay } from "../graph/call-access.ts";
import type { ModelAccess } from "../graph/model-access.ts";
import type { CallContext, JournalEntry } from "../graph/work.ts";
import type { JsonObject } from "../json.ts";
import { generate, type ModelDelta, type ModelProvider, type ModelReply, type ModelRequest } from "../model/model.ts";
import { observedModel } from "./observed-model.ts";
import { childrenIn } from "../run/node-state.ts";
import { joinPath } from "../run/path.ts";
import { stateOf } from "../run/state.ts";
import type { Carrier } from "./carrier.ts";
import { keptTexts } from "./kept-texts.ts";
import type { Piece } from "./live/reply-text.ts";
import type { Caller } from "./load/lane.ts";
import { Place } from "./load/place.ts";
import type { Job } from "./perform.ts";
import { runningStores } from "./running-stores.ts";
import type { TimeLimit } from "./time-limit.ts";

/** Whose signal the call listens to: that of the attempt, or of its time limit. */
export interface Signalled {
  readonly signal: AbortSignal;
  /** Stands still while the call waits in a line. */
  readonly timeLimit?: TimeLimit | undefined;
}

/** The context of one attempt. */
export class RunningCall implements CallContext {
  // No private names: a kind may stand an object with another key before this one.
  readonly carrier: Carrier;
  readonly job: Job;
  readonly signalled: Signalled;
  readonly purpose: string;
  readonly place: Place;

  constructor(carrier: Carrier, job: Job, signalled: Signalled, purpose: string, place = NO_PLACE) {
    this.carrier = carrier;
    this.job = job;
    this.signalled = signalled;
    this.purpose = purpose;
    this.place = place;
  }

  get signal(): AbortSignal {
    return this.signalled.signal;
  }

  get runId(): string {
    return this.job.run.state.root;
  }

  get path(): string {
    return joinPath(this.job.run.state.path, this.job.node.name);
  }

  get attempt(): number {
    return this.job.attempt.number;
  }

  get renewal(): number {
    return 1 + (this.job.renewals ?? this.job.run.state.renewals.get(this.job.node.index) ?? 0);
  }

  /** An action that was taken back, or that shall be done again with other values, is another action. */
  get idempotencyKey(): string {
    const { renewal } = this;
    return `${this.runId}:${this.path}${renewal === 1 ? "" : `#${renewal}`}${this.purpose}`;
  }

  get log(): CallContext["log"] {
    return (message: string, details: JsonObject = {}) => this.carrier.log({ run: this.runId, path: this.path, message, details });
  }

  get progress(): CallContext["progress"] {
    return (fraction: number, note?: string) => this.carrier.live.progress(this.runId, this.path, fraction, note);
  }

  get journal(): readonly JournalEntry[] {
    return this.job.run.state.journals.get(this.job.node.index) ?? [];
  }

  get children(): CallContext["children"] {
    const { state } = this.job.run;
    return childrenIn(stateOf(state, this.job.node))?.settled ?? new Map();
  }

  get record(): CallContext["record"] {
    return (entry: JournalEntry) => {
      this.job.run.record({ ...entry, node: this.job.node.name });
      return this.job.run.durable();
    };
  }

  get note(): CallContext["note"] {
    return (entry: JournalEntry) => {
      this.job.run.record({ ...entry, node: this.job.node.name });
      this.carrier.flushSoon(this.job.run);
    };
  }

  get texts(): CallContext["texts"] {
    return keptTexts(this.carrier.ledger);
  }

  get stores(): CallContext["stores"] {
    return runningStores(this.carrier, this.job);
  }

  get fetch(): typeof fetch {
    return this.carrier.fetch;
  }

  get connection(): CallContext["connection"] {
    return (key, open) => this.carrier.connections.of(key, open);
  }

  get trace(): CallContext["trace"] {
    return this.carrier.disclosure.carry(this.job.run.state, this.job.node);
  }

  get models(): ModelAccess {
    return { ...this.carrier.models, call: (provider, request, way) => this.callModel(provider, request, way) };
  }

  get reserve(): CallContext["reserve"] {
    const { run, node } = this.job;
    const waits = () => {
      const { timeLimit } = this.signalled;
      timeLimit?.standStill();
      // Others have its place among all calls meanwhile.
      this.place.stepAside();
      this.carrier.flushSoon(run);
      return () => timeLimit?.goOn();
    };
    return (call) => this.carrier.budgets.reserve({ run, node, signal: this.signal, waits }, call);
  }

  /** Waits for the turn of the call, and makes it. */
  private async callModel(
    provider: ModelProvider,
    request: ModelRequest,
    { begins, hasOther = false }: CallingWay = {},
  ): Promise<ModelReply> {
    const { timeLimit } = this.signalled;
    let isWaiting = false;
    const goOn = () => {
      if (isWaiting) timeLimit?.goOn();
      isWaiting = false;
    };
    const caller: Caller = {
      root: this.runId,
      path: this.path,
      signal: this.signal,
      waits: (wait) => {
        if (!isWaiting) timeLimit?.standStill();
        isWaiting = true;
        // That the attempt has begun is shown meanwhile.
        this.carrier.flushSoon(this.job.run);
        this.carrier.live.tell(this.runId, { type: "queued", path: this.path, ...wait });
      },
    };
    const make = async (sent: () => void) => {
      goOn();
      await begins?.();
      sent();
      return this.shown(provider, request);
    };
    return this.carrier.limits.call({ provider, request, caller, hasOther, place: this.place, make }).finally(goOn);
  }

  /** Makes a call, and shows its reply while it comes. */
  private async shown(provider: ModelProvider, request: ModelRequest): Promise<ModelReply> {
    const asked = this.journal.findLast((entry) => entry.type === "model.requested");
    const reply = this.carrier.live.asked({
      root: this.runId,
      path: this.path,
      attempt: this.attempt,
      turn: asked?.type === "model.requested" ? asked.turn : 1,
      model: `${provider.id}:${request.model}`,
    });
    const { signal, idempotencyKey } = this;
    try {
      return await generate(observedModel(this.carrier, this.job, provider), request, { signal, idempotencyKey }, (event) =>
        reply.add(pieceOf(event)),
      );
    } finally {
      reply.end();
    }
  }
}

/** A piece of a stream as it is shown. */
function pieceOf(event: ModelDelta): Piece {
  switch (event.type) {
    case "text-delta":
      return { kind: "text", tool: undefined, text: event.delta };
    case "reasoning-delta":
      return { kind: "reasoning", tool: undefined, text: event.delta };
    case "tool-delta":
      return { kind: "tool-input", tool: { id: event.id, name: event.name }, text: event.delta };
  }
}

/** Of calls that touch nothing outside. */
const NO_PLACE = new Place();
