// What tests of contracts need: time that moves by hand, chance that a seed repeats, a ledger in memory, models that follow a script, a run played to its
// end, and recorded runs played again.

export { memoryLedger } from "./ledger/memory.ts";
export { manualClock, type ManualClock } from "./testing/manual-clock.ts";
export { seededChance } from "./testing/seeded-chance.ts";
export { testApprover, testSignature } from "./testing/test-approver.ts";
export { runToEnd, type AnswerFor, type Answers } from "./testing/run-to-end.ts";
export { recordRun, type RecordOptions, type RecordReport } from "./testing/record-run.ts";
export { replayRun, type ReplayedRun, type ReplayOptions } from "./testing/replay-run.ts";
export type { AlteredNode } from "./testing/tape.ts";
export { callsTools, scripted, type ScriptedAnswer, type ScriptedProvider, type ScriptedReply } from "../providers/scripted.ts";
export { readRunRecording, writeRunRecording } from "../providers/recorded/run-recording-file.ts";
export type {
  Happening,
  RecordedCall,
  RecordedNode,
  RecordedOutcome,
  RecordedResult,
  RunRecording,
} from "../providers/recorded/run-recording.ts";
