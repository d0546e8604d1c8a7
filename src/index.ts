// The public index: everything an application, the CLI, the MCP server and the providers use. One name a line of meaning; nothing else is public.

export { contract, type ContractOptions, type InputArguments, type InputSchemas, type InputValues } from "./dsl/contract.ts";
export { compile, type Compiled } from "./compile/compile.ts";
export { outlook as plan, type Outlook, type OutlookOptions } from "./compile/outlook.ts";
export type { Unknown } from "./compile/unknown.ts";
export { outlookText } from "./compile/outlook-text.ts";
export { flatFormOf, type FlatForm, type FormSchema, type NoForm } from "./compile/flat-form.ts";
export type { FormField } from "./compile/form-field.ts";
export { planOf, type Plan, type PlanNode } from "./compile/plan.ts";
export type { AnyContract, Contract } from "./graph/contract.ts";
export { type Duration, toMilliseconds } from "./graph/duration.ts";
export { type Moment, toTime } from "./moment.ts";
export { describeMilliseconds } from "./graph/duration.ts";
export { defineExecutor, type Executor, type ExecutorOptions } from "./graph/executor.ts";
export { DefinitionError, describeFinding, type Finding, type FindingCode } from "./graph/finding.ts";
export type { Behaviour, Graph, NodeDefinition, Picture, RunEnd } from "./graph/graph.ts";
export { didYouMean } from "./graph/nearest.ts";
export { textGraph, type PaintStatus } from "./graph/draw.ts";
export type { DrawnNode, DrawnRun } from "./graph/drawing.ts";
export { dotGraph } from "./graph/dot.ts";
export { graphJson, type GraphJson } from "./graph/graph-json.ts";
export { inputSchemaOf } from "./graph/input-schema.ts";
export { mermaidGraph } from "./graph/mermaid.ts";
export type { Node, Values } from "./graph/node.ts";
export {
  asTool,
  tool,
  type Approval,
  type ContractToolOptions,
  type OnUncertain,
  type Tool,
  type ToolContext,
  type ToolOptions,
} from "./graph/tool.ts";
export { ValueError } from "./graph/value-error.ts";
export type { Assurance, Gate, Quorum } from "./graph/gate.ts";
export type { GraphBuilder } from "./nodes/index.ts";
export type { MatcherCase } from "./nodes/case.ts";
export type { Choice } from "./nodes/choice.ts";
export type { ComposedNode } from "./nodes/compose.ts";
export type { CollectionItem, CollectionResult, CollectionSummary } from "./nodes/collection-result.ts";
export type { AuthorContext } from "./nodes/kind.ts";
export type { Matcher } from "./nodes/matcher.ts";
export type { ReadFact, ReadNode } from "./nodes/read.ts";
export type { UntilMatchers } from "./nodes/until.ts";
export { historyTools, storeTools, type HistoryToolOptions, type StoreToolOptions, type WriteAccess } from "./dsl/store-tools.ts";
export type { StoreReceipt } from "./nodes/write.ts";

export type { PastOptions } from "./host/as-of.ts";
export type { AsOf } from "./ledger/moment.ts";
export {
  defineHistory,
  defineStore,
  type AnyStore,
  type History,
  type HistoryOptions,
  type IndexOf,
  type ReadableStore,
  type Store,
  type StoreOptions,
  type Upcast,
} from "./store/store.ts";
export type { IndexRange, IndexValue } from "./store/index-value.ts";
export type { QueryOptions } from "./store/query.ts";
export type { IndexChange } from "./store/watch.ts";
export type { Related, RelatedPage, Relation } from "./store/relation.ts";
export {
  derive,
  type ComputeOptions,
  type Derived,
  type GatherOptions,
  type GroupOf,
  type Reduce,
  type ReduceOptions,
  type Source,
} from "./store/derive.ts";
export { project, type Fold, type Projection, type ProjectOptions } from "./store/project.ts";
export type { Projected } from "./store/projector.ts";
export type { ProjectionHandle } from "./host/projection-calls.ts";
export type { DerivationFault } from "./store/derivation-log.ts";
export type { DerivationStatus } from "./host/derivations.ts";
export type { ChangeOptions, StoreChange, WriteOptions } from "./store/change.ts";
export type { Derivation, FactOrigin, FactRef, Producer, RawFact } from "./store/fact.ts";
export type { FactRetention } from "./store/fact-retention.ts";
export type { BlockedFacts, KeepingOptions, KeepingPlan, KeepingReport, KeepingVerb, ReadyKey } from "./store/keeping.ts";
export type { KeepingKind, KeepingReceipt } from "./store/receipt.ts";
export {
  type Boundary,
  type BoundaryAt,
  type BoundaryOptions,
  type BoundaryRecord,
  type BoundaryStatus,
  type Covered,
  type CoveredFacts,
  defineBoundary,
} from "./store/boundary.ts";
export type { BoundaryHandle, BoundaryReport, BoundaryState, CompactBoundariesOptions, Replay } from "./store/boundary-handle.ts";
export type { BlockedBoundary, BoundaryPlan, ReadyBoundary } from "./store/boundary-plan.ts";
export type { ExportedFact, ExportEnd, ExportRecord, ExportStart } from "./store/exported-fact.ts";
export type { ExportFactsQuery } from "./store/export-facts.ts";
export type { FactImport } from "./store/import-facts.ts";
export type { ImportFactsOptions, ImportFactsReport, TransferCalls } from "./host/transfer-calls.ts";
export type { ActivityQuery } from "./store/activity.ts";
export type { NamedStore } from "./store/named-store.ts";
export type { KeySummary, RecordedStore, StoreSize } from "./store/recorded-store.ts";
export type { StoreName, StoreSummary } from "./store/summary.ts";
export type { FactLineage, FactLineageOptions } from "./store/lineage.ts";
export type { WriteReceipt } from "./store/fact-writer.ts";
export type { FactReceipt, GetOptions, HistoryHandle, StoreHandle, StoreReader } from "./store/handle.ts";
export type { PageOptions } from "./store/page.ts";
export type { Removed, StoreFact, Written } from "./store/value.ts";
export { createRuntime, type RuntimeOptions } from "./host/create-runtime.ts";
export type { Change, Changes, ChangesQuery } from "./host/changes.ts";
export type { DerivationCalls } from "./host/derivation-calls.ts";
export type { FactCalls, StoreCall } from "./host/fact-calls.ts";
export type { FactChangesQuery } from "./host/fact-changes.ts";
export type { Feed, FeedQuery } from "./host/feed.ts";
export type {
  CompactFactsRequest,
  EraseFactsRequest,
  FactReceiptsQuery,
  KeepingCalls,
  PruneFactsRequest,
  PurgeFactsRequest,
} from "./host/keeping-calls.ts";
export type { Resolved, ResolveOptions } from "./host/resolve.ts";
export type {
  ContractSummary,
  DeadLetter,
  FactsOptions,
  InboxQuery,
  Kindling,
  ListQuery,
  Page,
  Revision,
  Run,
  UpgradeCheck,
  WatchOptions,
} from "./host/client.ts";
export type {
  CallOptions,
  CancelRequest,
  EraseRequest,
  ForkOptions,
  RecordOptions,
  RetryOptions,
  StartOptions,
  UpdateOptions,
} from "./host/requests.ts";
export type { AwaitDetail, OpenAwait, RunSummary, RunView } from "./host/run-summary.ts";
export type { Statement, StatementRequest } from "./host/decision-statement.ts";
export type { DecisionSignature, Delivery, DeliverRequest, RefusalCode } from "./host/delivery.ts";
export type { Chance, Clock, Timer } from "./host/clock.ts";
export { promptsOf, type PromptUse } from "./host/contracts.ts";
export type { RecordedPrompt } from "./host/recorded-prompts.ts";
export type { CapabilityPolicy, ExecutorSummary } from "./host/executors.ts";
export type { BlockedRun, CompactedContract, CompactReport, CompactRequest } from "./host/compact-report.ts";
export type { CostGrouping, CostQuery, CostReport, CostRow } from "./host/cost-report.ts";
export type { CostedRun, CostScope } from "./host/costs.ts";
export type { Budget } from "./graph/budget.ts";
export type { Amounts, BudgetView } from "./run/budget.ts";
export type { DiffOptions, RunDifference } from "./host/diff-runs.ts";
export type { ErasedQuery, Erasure } from "./host/erasure.ts";
export type { ExplainedRun, ExplainOptions } from "./host/explain-run.ts";
export type { LogLine } from "./host/carrier.ts";
export type { FactOf, HookContext, HookFault, HookFilter } from "./host/hooks.ts";
export type { BreakerState } from "./host/load/breaker.ts";
export type { WaitReason } from "./host/load/lane.ts";
export type { BreakerOptions, LimitOptions, ModelLimits } from "./host/load/limit-options.ts";
export type { LaneLoad, Load } from "./host/load/load.ts";
export { type Alert, ALERT_NAMES, type AlertThresholds, assertThresholds } from "./host/alerts.ts";
export type { CursorFigures, ProjectionFigures, Stats, StatsOptions, StoreFigures } from "./host/stats.ts";
export type { FileFigures, LedgerStorage } from "./ledger/storage.ts";
export { cursorAfter, FROM_THE_START, type ReplyKind, type WatchCursor, type WatchEvent } from "./host/watch-event.ts";
export type {
  ObservedCall,
  ObservedContent,
  ObservedDecision,
  ObservedNode,
  ObservedPlace,
  ObservedRun,
  Observation,
  Observer,
} from "./host/observer.ts";
export type { RetentionRule } from "./host/retention.ts";
export type { CompactedQuery } from "./host/run-receipts.ts";
export type { NodeDiff, OutputDiff, RunDiff } from "./run/diff.ts";
export type { Difference } from "./run/explain-difference.ts";
export type { ModelUse } from "./run/explain-models.ts";
export { describePromptOrigin } from "./run/prompt-origin.ts";
export type { Cause, Explanation, FailureChain, Hint, NodeExplanation, RunExplanation } from "./run/explain-shape.ts";
export type { TextStyle } from "./run/explain-style.ts";
export { dependsOn, type Lineage } from "./run/lineage.ts";
export { clientAsserted, personOf } from "./run/person.ts";
export { accountOf, type AccountedDecision, type RunAccount } from "./run/account.ts";
export { reportOf, type RunReport } from "./run/report.ts";
export { reportMarkdown } from "./run/report-markdown.ts";
export { reportText } from "./run/report-text.ts";
export { digestOfFacts, type DecisionReceipt, type RunReceipt } from "./run/run-receipt.ts";
export type { ChildView, NodeStatus, NodeView } from "./run/view.ts";
export type { Actor, Fact, RecordedFact } from "./run/fact.ts";
export { addSpending, NO_SPENDING, replySpending, totalUsd, type Spending } from "./run/spending.ts";
export { describeCost, describeDollars } from "./run/spending-text.ts";
export type { RunStatus } from "./run/state.ts";

export { defineConfig, type Config } from "./config.ts";
export { approversProblem, type Approver, type ApproverSummary } from "./approver.ts";
export { DECISION_NAMESPACE } from "./signing/decision-statement.ts";

export { backupLedger, exportLedger, importLedger, salvageLedger } from "./ledger/copies.ts";
export type { BackupReport } from "./ledger/backup.ts";
export type { ExportRange, ExportReport, ExportSink } from "./ledger/export-log.ts";
export type { ImportReport } from "./ledger/import-log.ts";
export type { CutRun, SalvageReport } from "./ledger/salvage.ts";
export type { Gap } from "./ledger/salvage-scan.ts";
export type { AnchorOptions } from "./host/anchors.ts";
export { type RuntimeReport, type SignatureReport, type SignaturesQuery, verifySignatures } from "./host/verify-signatures.ts";
export { checkDecisions, type CheckedDecision } from "./host/checked-decisions.ts";
export { fileLedger, verifyFolder } from "./ledger/file.ts";
export type { VerifyOptions } from "./ledger/verify.ts";
export type { Compaction } from "./ledger/compaction.ts";
export { checkKeys, rotateKeys } from "./ledger/keys.ts";
export type { KeyReport } from "./ledger/key-check.ts";
export type { KeyRotation } from "./ledger/key-rotation.ts";
export { anchorLedger, checkReceipt, makeReceipt } from "./ledger/proof.ts";
export type { Anchor, AnchorTree } from "./ledger/anchor.ts";
export type { AnchorTarget } from "./ledger/anchor-target.ts";
export type { CheckedReceipt, ProofLevel, ReceiptCheckOptions } from "./ledger/check-receipt.ts";
export type { KeySource } from "./ledger/key-source.ts";
export type { ReceiptOptions } from "./ledger/make-receipt.ts";
export { memoryLedger } from "./ledger/memory.ts";
export type { AnchorReport, Entry, Ledger, LedgerFault, LedgerPlace, SealReport, VerifyReport } from "./ledger/ledger.ts";

export { promptFile } from "./model/prompt-file.ts";
export { promptWithBody } from "./model/prompt.ts";
export type {
  Filling,
  InputType,
  Prompt,
  PromptContext,
  PromptOrigin,
  PromptSettings,
  PromptVariable,
  ResolvedPrompt,
} from "./model/prompt.ts";
export { ModelError } from "./model/model.ts";
export type {
  AssistantPart,
  CallContext,
  CacheSpan,
  Capabilities,
  Effort,
  FilePart,
  ModelErrorCode,
  ModelErrorDetail,
  ModelEvent,
  ModelMessage,
  ModelProvider,
  ModelReply,
  ModelRequest,
  ModelTool,
  Opaque,
  Readiness,
  ReasoningPart,
  StopReason,
  TextPart,
  ToolCallPart,
  ToolResultPart,
  Usage,
} from "./model/model.ts";
export { costOf, priceOf, type FoundPrice, type Price, type PriceTable, type Prices, type Rates } from "./model/price.ts";
export { doubtAbout, type PriceDoubt, pricesProblem } from "./model/price-table.ts";

export { BugError, ConfigError, failureOf, InputError, KindlingError, LedgerError, RunError, type Failure } from "./errors.ts";
export { hashJson, isJsonObject, toJson, type JsonObject, type JsonResult, type JsonValue } from "./json.ts";
export { redactionOf, type Redact, type Redaction, type RedactOptions } from "./redact.ts";
export type { Issue, Schema } from "./schema.ts";
export { readTraceContext, readTraceParent, traceParentText, type TraceContext, type TraceParent } from "./trace-context.ts";
export { HIDDEN_MARK, visible } from "./visible.ts";
