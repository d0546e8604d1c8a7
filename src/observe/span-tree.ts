// Observations as spans: one for each stretch in which a run is carried here, with its nodes, model calls and tools inside. A wait ends a run's span; what goes
// on later is another span with a link to it. A span is made when something needs it, so that thousands of trivial children leave none.

import type { Attributes, Context, Link, Span } from "@opentelemetry/api";
import type { Failure, ObservedContent, ObservedPlace, Observation } from "../index.ts";
import {
  callAttributes,
  callName,
  nodeAttributes,
  nodeName,
  replyAttributes,
  restAttributes,
  runAttributes,
  runName,
  usedAttributes,
} from "./attributes.ts";
import { ATTRIBUTE } from "./genai.ts";
import { inputAttributes, outputAttributes } from "./messages.ts";
import { contextIn, traceTextOf } from "./propagation.ts";
import type { SpanStyle, Told } from "./span-style.ts";

/** A run as it is carried now. */
interface RunEntry {
  readonly began: Told<"run.began">;
  readonly nodes: Map<string, NodeEntry>;
  readonly attributes: Attributes;
  span: Span | undefined;
}

interface NodeEntry {
  readonly began: Told<"node.began">;
  readonly attributes: Attributes;
  readonly calls: Map<number, { readonly span: Span; readonly beganAt: number }>;
  /** Tokens of all its model calls; undefined before the first. */
  used: { readonly input: number; readonly output: number } | undefined;
  span: Span | undefined;
}

/** The spans of the runs that are carried here. */
export class SpanTree {
  readonly #style: SpanStyle;
  readonly #runs = new Map<string, RunEntry>();
  /** By parent: the context of a child that ended while its parent was not here. What the parent does next was caused by it. */
  readonly #causes = new Map<string, Context>();
  /** When it was told something last. */
  #lastAt = 0;

  constructor(style: SpanStyle) {
    this.#style = style;
  }

  observe(told: Observation, content: ObservedContent): void {
    this.#lastAt = told.at;
    if (told.type === "run.began") return this.#runBegan(told, content);
    const entry = this.#runs.get(told.run.id);
    if (entry === undefined) return;
    switch (told.type) {
      case "run.rested":
        return this.#runRested(entry, told, content);
      case "node.began":
        return this.#nodeBegan(entry, told, content);
      case "node.ended":
        return this.#nodeEnded(entry, told, content);
      case "model.began":
        return this.#modelBegan(entry, told, content);
      case "model.ended":
        return this.#modelEnded(entry, told, content);
      case "wait.closed":
        return this.#with(entry, { [ATTRIBUTE.waitEvent]: told.event, [ATTRIBUTE.waitSeconds]: told.waitedMs / 1_000 });
      case "wait.opened":
    }
  }

  /** The context of code that runs at a place. */
  contextAt(place: ObservedPlace): Context | undefined {
    const run = this.#runs.get(place.run);
    if (run === undefined) return undefined;
    const node = run.nodes.get(place.node);
    const call = place.call === undefined ? undefined : node?.calls.get(place.call);
    if (call !== undefined) return this.#contextOf(call.span);
    // Pure code, and who only asks how far another system is, leave no spans: what they trace themselves hangs below what there is.
    const isQuiet = node === undefined || (node.began.isLookingAgain && node.span === undefined);
    return isQuiet ? this.#nearest(run) : this.#insideOf(run, node);
  }

  /** The span that a run is in, as text. A run without one gets one when it is new: later ones have to be linked to something. */
  spanOf(id: string): string | undefined {
    const run = this.#runs.get(id);
    if (run === undefined) return undefined;
    const isNew = run.began.by === "run.started";
    const span = isNew ? this.#spanOfRun(run) : run.span;
    return span === undefined ? undefined : traceTextOf(span.spanContext())?.traceparent;
  }

  /** The process ends: whatever is open is told as it is. The runs go on with the next one. */
  close(): void {
    const at = this.#lastAt;
    for (const run of [...this.#runs.values()].reverse()) {
      this.#endNodes(run, at);
      run.span?.setAttribute(ATTRIBUTE.runStatus, "interrupted").end(new Date(at));
    }
    this.#runs.clear();
  }

  #runBegan(began: Told<"run.began">, content: ObservedContent): void {
    const { run } = began;
    const entry: RunEntry = { began, nodes: new Map(), attributes: this.#style.more({ type: "run", run, content }), span: undefined };
    this.#runs.set(run.id, entry);
    // Whoever started it wants to see it at once; all others are seen when there is something inside to see.
    if (run.parent === undefined && began.by === "run.started") this.#spanOfRun(entry);
  }

  #runRested(run: RunEntry, told: Told<"run.rested">, content: ObservedContent): void {
    const { at, status, error } = told;
    const isRoot = run.began.run.parent === undefined;
    // The end of a run is seen, and of a child what went wrong, also where nothing was traced inside.
    if ((isRoot && status !== "waiting") || status === "failed") this.#spanOfRun(run);
    this.#endNodes(run, at);
    const { span } = run;
    this.#runs.delete(told.run.id);
    this.#causes.delete(told.run.id);
    if (span === undefined) return;
    span.setAttributes({ ...restAttributes(told), ...this.#style.more({ type: "run", run: told.run, content }) });
    this.#fail(span, error);
    span.end(new Date(at));
    const { parent } = told.run;
    if (parent !== undefined && status !== "waiting" && !this.#runs.has(parent.run)) this.#causes.set(parent.run, this.#contextOf(span));
  }

  #nodeBegan(run: RunEntry, began: Told<"node.began">, content: ObservedContent): void {
    const { node } = began;
    // A conversation that goes on after its tools is the same attempt.
    if (run.nodes.has(node.name) || (node.isPure && !this.#style.pureNodes)) return;
    const attributes = this.#style.more({ type: "node", run: run.began.run, node, content });
    run.nodes.set(node.name, { began, attributes, calls: new Map(), used: undefined, span: undefined });
  }

  #nodeEnded(run: RunEntry, { at, node: name, outcome, error }: Told<"node.ended">, content: ObservedContent): void {
    const entry = run.nodes.get(name);
    if (entry === undefined) return;
    run.nodes.delete(name);
    const { began } = entry;
    const isQuiet = outcome === "postponed" ? began.isLookingAgain : outcome === "reused" || began.node.isBox;
    const span = entry.span ?? (isQuiet && error === undefined ? undefined : this.#spanOfNode(run, entry));
    this.#endCalls(entry, at);
    if (span === undefined) return;
    span.setAttributes({
      [ATTRIBUTE.nodeOutcome]: outcome,
      ...(this.#style.sums && entry.used !== undefined ? usedAttributes(entry.used) : {}),
      ...this.#style.more({ type: "node", run: run.began.run, node: undefined, content }),
    });
    this.#fail(span, error);
    span.end(new Date(at));
  }

  #modelBegan(run: RunEntry, began: Told<"model.began">, content: ObservedContent): void {
    const node = run.nodes.get(began.node);
    if (node === undefined) return;
    const { call } = began;
    const span = this.#style.telemetry.tracer.startSpan(
      callName(call),
      {
        kind: this.#style.telemetry.api.SpanKind.CLIENT,
        startTime: new Date(began.at),
        attributes: {
          ...callAttributes(call, began.run.root),
          ...(this.#style.contents ? inputAttributes(content.input) : {}),
          ...this.#style.more({ type: "model", run: began.run, began, content }),
        },
      },
      this.#insideOf(run, node),
    );
    node.calls.set(call.id, { span, beganAt: began.at });
  }

  #modelEnded(run: RunEntry, ended: Told<"model.ended">, content: ObservedContent): void {
    const node = run.nodes.get(ended.node);
    const call = node?.calls.get(ended.call.id);
    if (node === undefined || call === undefined) return;
    node.calls.delete(ended.call.id);
    const { stop, usage } = ended.reply ?? {};
    const { input, output } = node.used ?? { input: 0, output: 0 };
    if (usage !== undefined) node.used = { input: input + (usage.input ?? 0), output: output + (usage.output ?? 0) };
    call.span.setAttributes({
      ...replyAttributes(ended, call.beganAt),
      ...(this.#style.contents && stop !== undefined ? outputAttributes(content.output, stop.raw ?? stop.reason) : {}),
      ...this.#style.more({ type: "model", run: ended.run, ended, content }),
    });
    this.#fail(call.span, ended.error);
    call.span.end(new Date(ended.at));
  }

  #spanOfRun(run: RunEntry): Span {
    if (run.span !== undefined) return run.span;
    const { began, attributes } = run;
    const { telemetry } = this.#style;
    const { context, links, isTop } = this.#originOf(run);
    const top = isTop ? this.#style.more({ type: "top", run: began.run }) : {};
    const own = { ...runAttributes(began.run, began.by), ...attributes, ...top };
    run.span = telemetry.tracer.startSpan(runName(began.run), { startTime: new Date(began.at), attributes: own, links }, context);
    return run.span;
  }

  /** Inside its parent where that is carried here; else where the caller says; else after the child that caused it to go on; else nowhere. */
  #originOf({ began }: RunEntry): { readonly context: Context; readonly links: Link[]; readonly isTop: boolean } {
    const { api } = this.#style.telemetry;
    const { parent, id } = began.run;
    const above = parent === undefined ? undefined : this.#runs.get(parent.run);
    const inside = above === undefined ? undefined : this.#insideOf(above, above.nodes.get(parent?.node ?? ""));
    const caller = began.trace === undefined ? undefined : contextIn(api, began.trace);
    const cause = this.#causes.get(id);
    this.#causes.delete(id);
    const earlier = began.earlier[this.#style.name];
    const links = [
      ...this.#linkTo(earlier === undefined ? undefined : contextIn(api, { traceparent: earlier }), "earlier"),
      ...(inside === undefined ? [] : this.#linkTo(caller, "caller")),
    ];
    return { context: inside ?? caller ?? cause ?? api.ROOT_CONTEXT, links, isTop: inside === undefined && cause === undefined };
  }

  #linkTo(context: Context | undefined, what: string): readonly Link[] {
    const spanContext = context === undefined ? undefined : this.#style.telemetry.api.trace.getSpanContext(context);
    return spanContext === undefined ? [] : [{ context: spanContext, attributes: { [ATTRIBUTE.link]: what } }];
  }

  #spanOfNode(run: RunEntry, node: NodeEntry): Span {
    if (node.span !== undefined) return node.span;
    const { began, attributes } = node;
    // The call of a tool stands right below the conversation that asked for it, unless there is more around it.
    const above = began.node.tool === undefined ? this.#contextOf(this.#spanOfRun(run)) : this.#aboveTool(run);
    node.span = this.#style.telemetry.tracer.startSpan(
      nodeName(began.node),
      { startTime: new Date(began.at), attributes: { ...nodeAttributes(began.node, began.run.root), ...attributes } },
      above,
    );
    return node.span;
  }

  #aboveTool(run: RunEntry): Context {
    const { parent } = run.began.run;
    const above = parent === undefined || run.span !== undefined ? undefined : this.#runs.get(parent.run);
    const node = above?.nodes.get(parent?.node ?? "");
    if (above === undefined || node === undefined) return this.#contextOf(this.#spanOfRun(run));
    return node.began.node.asksModels || node.span !== undefined ? this.#insideOf(above, node) : this.#aboveTool(above);
  }

  /** The span around a run's code, as far as there is one. */
  #nearest(run: RunEntry): Context | undefined {
    if (run.span !== undefined) return this.#contextOf(run.span);
    const { parent } = run.began.run;
    const above = parent === undefined ? undefined : this.#runs.get(parent.run);
    const node = above?.nodes.get(parent?.node ?? "");
    if (node?.span !== undefined) return this.#contextOf(node.span);
    return above === undefined ? undefined : this.#nearest(above);
  }

  #insideOf(run: RunEntry, node: NodeEntry | undefined): Context {
    return this.#contextOf(node === undefined ? this.#spanOfRun(run) : this.#spanOfNode(run, node));
  }

  #contextOf(span: Span): Context {
    const { trace, ROOT_CONTEXT } = this.#style.telemetry.api;
    return trace.setSpan(ROOT_CONTEXT, span);
  }

  /** Attributes of a run, whether its span is there already or not. */
  #with(run: RunEntry, attributes: Attributes): void {
    Object.assign(run.attributes, attributes);
    run.span?.setAttributes(attributes);
  }

  #endNodes(run: RunEntry, at: number): void {
    for (const node of run.nodes.values()) {
      this.#endCalls(node, at);
      node.span?.end(new Date(at));
    }
    run.nodes.clear();
  }

  #endCalls(node: NodeEntry, at: number): void {
    for (const { span } of node.calls.values()) span.end(new Date(at));
    node.calls.clear();
  }

  #fail(span: Span, error: Failure | undefined): void {
    if (error === undefined) return;
    span.setAttribute(ATTRIBUTE.errorType, error.code);
    span.setStatus({ code: this.#style.telemetry.api.SpanStatusCode.ERROR, message: error.message });
  }
}
