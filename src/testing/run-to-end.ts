// A run played to its end, with answers for whatever it waits for.

import { RunError } from "../index.ts";
import type { Actor, Contract, Kindling, OpenAwait } from "../index.ts";
import { deliverAs, TEST_PERSON } from "./test-approver.ts";

/** Payloads by event: a value, or what to answer to an open await. */
export type Answers = Readonly<Record<string, unknown>>;

/** An answer that depends on the await, e.g. on its path. */
export type AnswerFor = (open: OpenAwait) => unknown;

/**
 * Starts a run, answers its awaits and resolves with its outputs.
 * Gates are answered as a person who may decide them; what stands in `actor` is used instead when it is given. Gates that want a signature get one by `testApprover()`, which the runtime must
 * know: `createRuntime({ approvers: [testApprover()] })`.
 *
 * @param answers a payload for every event, or a function that gives one for an await: `{ "draft.reviewed": { decision: "approve" } }`
 * @throws RunError `run_failed`, `run_cancelled`; `no_answer` when it waits for an event without an answer; `answer_refused`
 */
export async function runToEnd<In, Out>(
  kindling: Kindling,
  contract: Contract<In, Out>,
  inputs: In,
  answers: Answers = {},
  actor?: Actor,
): Promise<Out> {
  const run = await kindling.start(contract, inputs);
  for (let view = await run.settled(); view.status === "waiting"; view = await run.settled()) {
    for (const open of view.awaits) await answer(kindling, open, answers, actor);
  }
  return run.result();
}

/** Answers an open await. @throws RunError `no_answer`, `answer_refused` */
export async function answer(kindling: Kindling, open: OpenAwait, answers: Answers, actor: Actor | undefined): Promise<void> {
  if (!(open.event in answers)) {
    throw new RunError("no_answer", `run ${open.run} waits at "${open.path}" for "${open.event}", and there is no answer for it`, {
      details: { run: open.run, path: open.path },
      fix: `Give one: { ${JSON.stringify(open.event)}: … }. Events without a timeout never come by themselves.`,
    });
  }
  const given = answers[open.event];
  const { event, run, path, quorum, roles } = open;
  const person: Actor = {
    id: `${TEST_PERSON}${quorum === undefined ? "" : quorum.voices.length + 1}`,
    assurance: open.assurance === "signed" ? "signed" : "outOfBand",
    roles,
  };
  const delivery = await deliverAs(kindling, { event, run, path, payload: isAnswerFor(given) ? given(open) : given }, actor ?? person);
  // Decided meanwhile, by a deadline for example: the next look shows what became of it.
  if (delivery.status !== "refused" || delivery.code === "already_decided") return;
  throw new RunError("answer_refused", `the answer to "${open.path}" was refused (${delivery.code}): ${delivery.message}`, {
    details: { run: open.run, path: open.path },
    fix: delivery.fix,
  });
}

function isAnswerFor(given: unknown): given is AnswerFor {
  return typeof given === "function";
}
