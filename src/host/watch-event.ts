// What whoever watches a run is told: facts, and what happens beside them, which is shown live and never recorded.

import type { RecordedFact } from "../run/fact.ts";
import type { WaitReason } from "./load/lane.ts";

/** What `watch` yields: facts as they become durable, and between them what is not recorded. */
export type WatchEvent =
  | { readonly type: "fact"; readonly fact: RecordedFact }
  | { readonly type: "progress"; readonly path: string; readonly fraction: number; readonly note: string | undefined }
  | { readonly type: "delta"; readonly path: string; readonly text: string }
  /** A call waits for its turn in a lane of the runtime's limits: see `load`. `until`: not before that time. */
  | {
      readonly type: "queued";
      readonly path: string;
      readonly lane: string;
      readonly reason: WaitReason;
      readonly until: number | undefined;
    };
