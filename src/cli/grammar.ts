// The grammar of the command line: commands, their arguments and options, and their help. Every command's code is loaded when it is called.

import { Command } from "commander";
import { addApprovals, withApprover } from "./approvals-grammar.ts";
import type { InputsOptions } from "./changed-inputs.ts";
import { command, gather, run } from "./command.ts";
import type { AnchorCommandOptions } from "./commands/anchor.ts";
import type { CancelOptions } from "./commands/cancel.ts";
import type { ChangesOptions } from "./commands/changes.ts";
import type { DecideOptions } from "./commands/decide.ts";
import type { DeliverOptions } from "./commands/deliver.ts";
import type { ExplainOptions } from "./commands/explain.ts";
import type { ForkOptions } from "./commands/fork.ts";
import type { GraphOptions } from "./commands/graph.ts";
import type { InboxOptions } from "./commands/inbox.ts";
import type { KeysOptions } from "./commands/keys.ts";
import type { ListOptions } from "./commands/list.ts";
import type { PlanOptions } from "./commands/plan.ts";
import type { ReceiptCommandOptions } from "./commands/receipt.ts";
import type { ReportOptions } from "./commands/report.ts";
import type { RetryOptions } from "./commands/retry.ts";
import type { StartOptions } from "./commands/start.ts";
import type { StatsCommandOptions } from "./commands/stats.ts";
import type { UpgradeOptions } from "./commands/upgrade.ts";
import type { VerifyCommandOptions } from "./commands/verify.ts";
import { addCopying, addGivingUp } from "./keeping-grammar.ts";
import { addMcp } from "./mcp-grammar.ts";
import { addMcpTools } from "./mcp-tools-grammar.ts";
import { addCosts, withBudget } from "./money-grammar.ts";
import type { GlobalOptions } from "./project.ts";
import { addPrompts } from "./prompts-grammar.ts";
import type { AsOfOption } from "./moment-option.ts";
import type { FullOption } from "./runs.ts";
import { addStores } from "./store-grammar.ts";
import { withSigning } from "./signing-grammar.ts";
import { addTesting } from "./testing-grammar.ts";

type Full = GlobalOptions & FullOption;

/** The whole command line. With `isJson`, what is wrong with the usage is told by whoever catches the error. */
export function grammar(version: string, isJson: boolean): Command {
  const program = new Command("kindling");
  program
    .description("Typed, durable workflows for LLM agents.")
    .version(version, "-v, --version")
    .showSuggestionAfterError()
    .showHelpAfterError(isJson ? false : "(--help shows what there is)")
    .configureOutput(isJson ? { writeErr: () => {} } : {})
    .configureHelp({ showGlobalOptions: true })
    .option("--config <file>", "the config file; else the nearest kindling.config.ts upwards")
    .option("--json", "one JSON document on stdout, nothing else there")
    .hook("preAction", (_program, action) => {
      // The two options of every command may stand before or after its name.
      for (const [name, value] of Object.entries<unknown>(program.opts())) action.setOptionValue(name, value);
    })
    .addHelpText(
      "after",
      "\nA run is named by its id, by the beginning of it, or by the word latest.\nExit codes: 0 ok, 1 run failed, 2 usage, 3 not found, 4 refused, 5 ledger.",
    );
  addRunning(program);
  addRevising(program);
  addDeciding(program);
  addLooking(program);
  addStores(program);
  addGivingUp(program);
  addTesting(program);
  addCopying(program);
  addKeys(program);
  addPrompts(program);
  addServing(program);
  for (const each of [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)]) each.exitOverride();
  return program;
}

function addRunning(program: Command): void {
  for (const [name, summary] of [
    ["run", "start a run and follow it until it ends or waits"],
    ["start", "the same, with the run's id alone on the first line"],
  ] as const) {
    withBudget(command(program, `${name} <contract>`, summary))
      .option("-i, --input <name=value>", "an input; JSON when it parses, else text (repeatable)", gather)
      .option("--inputs <json>", "all inputs as JSON, or - for stdin")
      .option("--inputs-file <file>", "all inputs from a JSON file, or - for stdin")
      .option("--key <key>", "idempotency key: the same key gives the same run")
      .option("--tag <tag>", "a word to find the run by (repeatable)", gather)
      .option("--full", "show outputs whole")
      .action((contract: string, options: StartOptions) =>
        run(name, options, async (shell) => (await import("./commands/start.ts")).start(shell, contract, options, name === "start")),
      );
  }
  command(program, "resume [run]", "go on with an interrupted run, or with all of them")
    .option("--full", "show outputs whole")
    .action((id: string | undefined, options: Full) =>
      run("resume", options, async (shell) => (await import("./commands/resume.ts")).resume(shell, id, options)),
    );
  command(program, "cancel <run>", "end a run and its children")
    .option("--reason <text>", "why; recorded")
    .action((id: string, options: CancelOptions) =>
      run("cancel", options, async (shell) => (await import("./commands/cancel.ts")).cancel(shell, id, options)),
    );
}

function addRevising(program: Command): void {
  withInputs(command(program, "update <run> [name=value...]", "go on with other inputs; only what they touch runs again")).action(
    (id: string, pairs: readonly string[], options: InputsOptions) =>
      run("update", options, async (shell) => (await import("./commands/update.ts")).update(shell, id, pairs, options)),
  );
  withBudget(command(program, "retry <run> [path]", "try again what failed, or one item or node of it"))
    .option("--full", "show outputs whole")
    .action((id: string, path: string | undefined, options: RetryOptions) =>
      run("retry", options, async (shell) => (await import("./commands/retry.ts")).retry(shell, id, path, options)),
    );
  withBudget(
    withInputs(command(program, "fork <run> [name=value...]", "start a run from what another one has done, with something different")),
  )
    .option("--at <place>", "a position of the ledger or a fact's id; what came after it is not taken over")
    .option("--node <name=json>", "a node's value: it does not run (repeatable)", gather)
    .option("--model <path=model>", "another model for a node (repeatable)", gather)
    .option("--prompt <path=file>", "another prompt for a node, from a file (repeatable)", gather)
    .option("--key <key>", "idempotency key: the same key gives the same fork")
    .action((id: string, pairs: readonly string[], options: ForkOptions) =>
      run("fork", options, async (shell) => (await import("./commands/fork.ts")).fork(shell, id, pairs, options)),
    );
  command(program, "upgrade [run]", "let a run go on whose contract has changed")
    .option("--check", "how all runs that are not ended stand to the contracts of today; changes nothing")
    .option("--keep", "finished nodes that are different keep their values")
    .option("--rerun", "finished nodes that are different run again")
    .option("--full", "show outputs whole")
    .action((id: string | undefined, options: UpgradeOptions) =>
      run("upgrade", options, async (shell) => (await import("./commands/upgrade.ts")).upgrade(shell, id, options)),
    );
}

function withInputs(revising: Command): Command {
  return revising
    .option("-i, --input <name=value>", "an input that is different; JSON when it parses, else text (repeatable)", gather)
    .option("--inputs <json>", "inputs that are different as JSON, or - for stdin")
    .option("--inputs-file <file>", "inputs that are different from a JSON file, or - for stdin")
    .option("--full", "show outputs whole");
}

function addDeciding(program: Command): void {
  command(program, "inbox", "what waits for a person")
    .option("--all", "also what waits for other events")
    .action((options: InboxOptions) => run("inbox", options, async (shell) => (await import("./commands/inbox.ts")).inbox(shell, options)));
  for (const verb of ["approve", "reject"] as const) {
    withSigning(withApprover(command(program, `${verb} <run> [path]`, `${verb} what a run asks a person`)))
      .option("--comment <text>", "a word about it, where the payload has a place for one")
      .option("-s, --set <name=value>", "another field of the payload (repeatable)", gather)
      .option("--payload <json>", "further fields as JSON, or - for stdin")
      .option("--full", "show all of what is decided")
      .action((id: string, path: string | undefined, options: DecideOptions) =>
        run(verb, options, async (shell) => (await import("./commands/decide.ts")).decide(shell, verb, id, path, options)),
      );
  }
  withSigning(withApprover(command(program, "deliver <event>", "deliver an event to the await it is for")))
    .option("-r, --run <run>", "the run it is for")
    .option("-p, --path <path>", "the await within the run")
    .option("-c, --correlation <key=value>", "a correlation key of the run (repeatable)", gather)
    .option("--payload <json>", "the payload as JSON, or - for stdin")
    .option("-s, --set <name=value>", "a field of the payload (repeatable)", gather)
    .option("--delivery-id <id>", "makes a repeat give the first outcome")
    .option("--all", "every await that matches")
    .option("--full", "show outputs whole")
    .action((event: string, options: DeliverOptions) =>
      run("deliver", options, async (shell) => (await import("./commands/deliver.ts")).deliver(shell, event, options)),
    );
}

function addLooking(program: Command): void {
  command(program, "list", "runs, newest first")
    .option("--contract <name>", "only of this contract")
    .option("--status <status>", "running, waiting, succeeded, failed or cancelled")
    .option("--tag <tag>", "only runs that were started with this tag")
    .option("--limit <count>", "how many (default 50)")
    .option("--cursor <cursor>", "go on after a page")
    .option("--erased", "runs that were erased instead: when, by whom, why")
    .option("--compacted", "the receipts of compacted runs instead")
    .action((options: ListOptions) => run("list", options, async (shell) => (await import("./commands/list.ts")).list(shell, options)));
  command(program, "show <run>", "a run: its nodes, what it waits for, what it gave")
    .option("--full", "show outputs whole")
    .option(...AS_OF)
    .action((id: string, options: Full & AsOfOption) =>
      run("show", options, async (shell) => (await import("./commands/show.ts")).show(shell, id, options)),
    );
  command(program, "facts <run>", "everything that is recorded of a run")
    .option(...AS_OF)
    .action((id: string, options: GlobalOptions & AsOfOption) =>
      run("facts", options, async (shell) => (await import("./commands/facts.ts")).facts(shell, id, options)),
    );
  command(program, "changes", "what is recorded of all runs, a JSON line for each commit, in order")
    .option("--cursor <name>", "go on behind what was written under this name, and keep how far it went")
    .option("--after <position>", "only what stands behind a position, whatever the cursor says")
    .option("--contract <name>", "only of runs of this contract")
    .option("-r, --run <run>", "only of this run and its children")
    .option("-k, --kind <kind>", "only facts of this kind, e.g. run.failed (repeatable)", gather)
    .option("-c, --correlation <key=value>", "only of runs with this correlation key (repeatable)", gather)
    .option("--live", "wait for further changes until Ctrl-C")
    .action((options: ChangesOptions) =>
      run("changes", options, async (shell) => (await import("./commands/changes.ts")).changes(shell, options)),
    );
  command(program, "explain <run> [path]", "why a run, or something in it, stands as it stands")
    .option("--values", "with --json: also the values that it was made from")
    .option(...AS_OF)
    .action((id: string, path: string | undefined, options: ExplainOptions) =>
      run("explain", options, async (shell) => (await import("./commands/explain.ts")).explain(shell, id, path, options)),
    );
  command(program, "diff <run> <other>", "what is different between two runs, node by node").action(
    (id: string, other: string, options: GlobalOptions) =>
      run("diff", options, async (shell) => (await import("./commands/diff.ts")).diff(shell, id, other, options)),
  );
  command(program, "graph <contract|run>", "the graph of a contract, or of a run")
    .option("--format <format>", "text, mermaid, dot or json", "text")
    .action((name: string, options: GraphOptions) =>
      run("graph", options, async (shell) => (await import("./commands/graph.ts")).graph(shell, name, options)),
    );
  command(program, "report <run>", "a run told whole: what it gave or why it failed, what it waits for, times and cost")
    .option("--format <format>", "text, markdown or json", "text")
    .option(...AS_OF)
    .action((id: string, options: ReportOptions) =>
      run("report", options, async (shell) => (await import("./commands/report.ts")).report(shell, id, options)),
    );
  command(program, "plan <contract> [name=value...]", "what a run would do, need and cost; starts nothing")
    .option("-i, --input <name=value>", "an input, like those behind the contract (repeatable)", gather)
    .option("--inputs <json>", "inputs as JSON, or - for stdin")
    .option("--inputs-file <file>", "inputs from a JSON file, or - for stdin")
    .option("--prompt-tokens <count>", "about how long prompts are of which not all is known")
    .action((contract: string, pairs: readonly string[], options: PlanOptions) =>
      run("plan", options, async (shell) => (await import("./commands/plan.ts")).plan(shell, contract, pairs, options)),
    );
  addCosts(program);
  addFigures(program);
  addProving(program);
}

function addKeys(program: Command): void {
  command(program, "keys <act>", "check: do all keys of an encrypted ledger open; rotate: change the master key")
    .option("--key <place>", "check: where the key is, else that of the config: env:NAME, file:path, command:program")
    .option("--from <place>", "rotate: where the key of now is, else that of the config")
    .option("--to <place>", "rotate: where the new key is")
    .action((act: string, options: KeysOptions) =>
      run("keys", options, async (shell) => (await import("./commands/keys.ts")).keys(shell, act, options)),
    );
}

function addProving(program: Command): void {
  command(program, "verify", "check every byte of the ledger, or a receipt")
    .option("--receipt <file>", "check a receipt instead; needs no project and no ledger")
    .option("--public-key <file>", "the public key of whoever signs (PEM, one or several)")
    .option("--anchor <file>", "anchors that were kept outside, one a line")
    .action((options: VerifyCommandOptions) =>
      run("verify", options, async (shell) => (await import("./commands/verify.ts")).verify(shell, options)),
    );
  command(program, "receipt <run>", "one file about a run that anybody can check without the ledger")
    .option("--out <file>", "where to; <run>.receipt.json when left out")
    .option("--no-children", "the run alone, without its children")
    .option("--no-values", "without large values; their hashes stay")
    .option("--anchor <file>", "made so that the first of these anchors behind the run vouches for it")
    .option("--sign <file>", "sign it with this private key (PEM), where no seal says it yet")
    .action((id: string, options: ReceiptCommandOptions) =>
      run("receipt", options, async (shell) => (await import("./commands/receipt.ts")).receipt(shell, id, options)),
    );
  command(program, "anchor", "say how far the ledger goes, for a place outside")
    .option("--file <file>", "append it to this file")
    .option("--url <url>", "send it there by POST")
    .option("--command <words...>", "give it to this program on its input")
    .action((options: AnchorCommandOptions) =>
      run("anchor", options, async (shell) => (await import("./commands/anchor.ts")).anchor(shell, options)),
    );
}

function addServing(program: Command): void {
  command(program, "init [folder]", "make a small project").action((folder: string | undefined, options: GlobalOptions) =>
    run("init", options, async (shell) => (await import("./commands/init.ts")).init(shell, folder, options)),
  );
  addMcp(program);
  addMcpTools(program);
  addApprovals(program);
}

function addFigures(program: Command): void {
  command(program, "stats", "figures of the ledger: room, stores, consumers, what is derived; and what is beyond its threshold")
    .option("--check", "exit with 1 when something is")
    .option("--alert <name=number>", "a threshold, over those of the config (repeatable)", gather)
    .action((options: StatsCommandOptions) =>
      run("stats", options, async (shell) => (await import("./commands/stats.ts")).stats(shell, options)),
    );
  command(program, "load", "what is being called now, and what waits in which line and why").action((options: GlobalOptions) =>
    run("load", options, async (shell) => (await import("./commands/load.ts")).load(shell, options)),
  );
}

/** Of commands that look at one run. */
const AS_OF = ["--as-of <moment>", "as it was at a time (2026-11-20T10:00Z) or at a position of the ledger"] as const;
