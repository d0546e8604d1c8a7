// What makes the spans of one observer its own: under which name they are recorded, how much is told, and what is told besides.

import type { Attributes } from "@opentelemetry/api";
import type { ObservedContent, ObservedNode, ObservedRun, Observation } from "../index.ts";
import type { OpenTelemetry } from "./propagation.ts";

/** What makes the spans of one observer its own. */
export interface SpanStyle {
  /** Under which its spans are recorded with runs. */
  readonly name: string;
  readonly telemetry: OpenTelemetry;
  /** True to give pure nodes spans, too. */
  readonly pureNodes: boolean;
  readonly contents: boolean;
  /** True to tell of a node what its model calls used together. */
  readonly sums: boolean;
  /** What a span has besides, by what it is of. */
  readonly more: (about: SpanSubject) => Attributes;
}

/** What a span is of. */
export type SpanSubject =
  | { readonly type: "run"; readonly run: ObservedRun; readonly content?: ObservedContent }
  /** A run in whose trace here nothing stands above it. */
  | { readonly type: "top"; readonly run: ObservedRun }
  | { readonly type: "node"; readonly run: ObservedRun; readonly node: ObservedNode | undefined; readonly content?: ObservedContent }
  | {
      readonly type: "model";
      readonly run: ObservedRun;
      readonly began?: Told<"model.began">;
      readonly ended?: Told<"model.ended">;
      readonly content?: ObservedContent;
    };

/** An observation of one type. */
export type Told<T extends Observation["type"]> = Extract<Observation, { readonly type: T }>;
