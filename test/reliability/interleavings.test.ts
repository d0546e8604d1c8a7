// R11: starts, deliveries, approvals, deadlines, cancels, retries, crashes and recoveries in any order, with every wait between them in any order too.

import { fc, type AsyncCommand } from "../fast-check.ts";
import { expect, it } from "vitest";
import { nextTurn } from "../host/open-host.ts";
import { figure } from "./figure.ts";
import { type Given, PlayedSystem } from "./played-system.ts";
import { sample, SEED } from "./seed.ts";

const SCHEDULES = sample(300, 20_000);

/** A schedule that takes longer hangs. */
const HANG_MS = 5_000;

/** Every answer there is, so that each rule about one of them has been at work. */
const ANSWERS = [
  "already_decided",
  "buffered",
  "cancelled",
  "delivered",
  "delivery_conflict",
  "duplicate",
  "human_decision_required",
  "nothing_to_retry",
  "retried",
  "run_ended",
  "run_not_found",
  "started",
];

/** What decides which commands make sense. */
interface Model {
  isOpen: boolean;
}

/** A command that is given and not waited for: what follows happens while it is under way. */
function command(name: string, play: (system: PlayedSystem) => unknown, isOpenAfter = true): AsyncCommand<Model, PlayedSystem> {
  return {
    check: ({ isOpen }) => isOpen === (name !== "recover"),
    run: async (model, system) => {
      model.isOpen = isOpenAfter;
      await play(system);
    },
    toString: () => name,
  };
}

const texts = fc.constantFrom("a", "b");
const given = (node: Given["node"], isPerson: fc.Arbitrary<boolean>) =>
  fc
    .record({ node: fc.constant(node), number: fc.nat(3), text: texts, isPerson })
    .map((each) => command(`${each.node} ${each.number} ${each.text} ${each.isPerson}`, (system) => system.deliver(each)));

const COMMANDS = [
  fc.constant(command("start", (system) => system.start())),
  given("answer", fc.constant(false)),
  given("answer", fc.constant(false)),
  given("gate", fc.boolean()),
  given("gate", fc.boolean()),
  fc.integer({ min: 1, max: 6 }).map((hours) => command(`${hours} h`, (system) => system.pass(hours))),
  fc.constant(command("cancel", (system) => system.cancel())),
  fc.constant(command("retry", (system) => system.retry())),
  fc.constant(command("crash", (system) => system.crash(), false)),
  fc.constant(command("recover", (system) => system.open())),
];

it(`in ${SCHEDULES} schedules no rule of the reference model is broken (KINDLING_SEED=${SEED})`, {
  timeout: 60_000 + SCHEDULES * 100,
}, async () => {
  const total = { calls: 0, deaths: 0 };
  const told = new Map<string, number>();
  // What the product does by itself after each step happens before the next one.
  const scheduler = fc.scheduler({ act: (step) => step().then(() => nextTurn()) });
  await fc.assert(
    fc.asyncProperty(scheduler, fc.commands(COMMANDS, { maxCommands: 30, size: "max" }), async (schedule, all) => {
      const system = new PlayedSystem(schedule);
      system.open();
      system.start();
      await fc.scheduledModelRun(schedule, () => ({ model: { isOpen: true }, real: system }), all);
      expect(await system.end()).toEqual([]);
      const { calls, answers, deaths } = system.counts;
      total.calls += calls;
      for (const answer of answers) told.set(answer, (told.get(answer) ?? 0) + 1);
      total.deaths += deaths;
    }),
    { seed: SEED, numRuns: SCHEDULES, plugins: [fc.timeout(HANG_MS)] },
  );
  expect([...told.keys()].sort()).toEqual(ANSWERS);
  expect(total.deaths).toBeGreaterThan(SCHEDULES / 10);
  figure("R11", { schedules: SCHEDULES, ...total, delivered: told.get("delivered") ?? 0, violations: 0 });
});
