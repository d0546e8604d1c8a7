// A passphrase on its way into the command line: typed on a terminal that does not show it, from a file, from standard input; never where it is not asked for.

import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { approvers } from "../../src/cli/commands/approvers.ts";
import { assertOneInput } from "../../src/cli/deciding-actor.ts";
import { isTyped, readPassphrase } from "../../src/cli/passphrase.ts";
import { processShell, type Shell } from "../../src/cli/shell.ts";
import { until } from "../host/open-host.ts";

const ASKED = { question: "Passphrase of ada: ", again: "kindling approve latest" };

const shell = processShell(new AbortController().signal, undefined);

/** A shell whose input is a terminal: what is typed there, what is written, and how often the terminal was told not to show it. */
function terminal(env: Shell["env"] = {}) {
  const keys = new PassThrough();
  const modes: boolean[] = [];
  const written: string[] = [];
  const input = Object.assign(keys, { isTTY: true, setRawMode: (mode: boolean) => void modes.push(mode) });
  const write = (text: string) => Promise.resolve(void written.push(text));
  // The stream has what is read of a terminal.
  return { keys, modes, written, shell: { ...shell, env, input: input as unknown as Shell["input"], err: { ...shell.err, write } } };
}

describe("a passphrase that is typed", () => {
  it.each([
    ["as it is, up to Enter", ["correct ", "horse\rmore"], "correct horse"],
    ["with what was taken back", ["wrongg\u007F\u007F", "g\u0015right\b", "t\n"], "right"],
    ["without keys that are no characters", ["a\u001B".slice(0, 1), "\u001B[A", "b\t\r"], "ab"],
    ["in any script, pasted at once", ["größer ⚑🔥\r"], "größer ⚑🔥"],
  ])("is taken %s, and shown nowhere", async (_, typed, expected) => {
    const { keys, modes, written, shell } = terminal();
    const read = readPassphrase(shell, {}, ASKED);
    for (const each of typed) {
      keys.write(each);
      await new Promise(setImmediate);
    }
    expect(await read).toBe(expected);
    expect([modes, written]).toEqual([
      [true, false],
      [ASKED.question, "\n"],
    ]);
  });

  it.each(["\u0003", "\u0004", undefined])("and stopped leaves the terminal as it was", async (key) => {
    const { keys, modes, shell } = terminal();
    const read = readPassphrase(shell, {}, ASKED);
    if (key === undefined) keys.end("half");
    else keys.write(`half${key}`);
    await expect(read).rejects.toThrow("nothing was done");
    expect(modes).toEqual([true, false]);
  });
});

describe("a passphrase from elsewhere", () => {
  it("is the file that the environment names, or the first line of standard input where that is said", async () => {
    const file = join(await mkdtemp(join(tmpdir(), "passphrase-")), "ada");
    await writeFile(file, "from a file\r\n");
    const named = terminal({ KINDLING_PASSPHRASE_FILE: file });
    expect(isTyped(named.shell, {})).toBe(false);
    expect(await readPassphrase(named.shell, {}, ASKED)).toBe("from a file");
    named.keys.end("from the input\nand more");
    expect(await readPassphrase(named.shell, { passphraseStdin: true }, ASKED)).toBe("from the input");
    expect([named.modes, named.written]).toEqual([[], []]);
  });

  it("is never taken from an input that is no terminal and was not named", async () => {
    const { keys, shell } = terminal();
    keys.end("correct horse battery staple\n");
    const piped = { ...shell, input: Object.assign(shell.input, { isTTY: false }) };
    await expect(readPassphrase(piped, {}, ASKED)).rejects.toMatchObject({ code: "passphrase_needed" });
    const missing = { ...piped, env: { KINDLING_PASSPHRASE_FILE: "/nowhere/to/be/found" } };
    await expect(readPassphrase(missing, {}, ASKED)).rejects.toThrow("/nowhere/to/be/found");
  });
});

describe("approvers add", () => {
  it.each([
    ["a short passphrase", "add", "bob", "too short", "passphrase_unfit"],
    ["a name that is none", "add", "Ada L", "correct horse battery staple", "bad_approver"],
    ["another act", "remove", "bob", "correct horse battery staple", "unknown_act"],
  ])("refuses %s", async (_, act, name, typed, code) => {
    const { keys, shell } = terminal();
    keys.end(`${typed}\n`);
    await expect(approvers(shell, act, name, { passphraseStdin: true })).rejects.toMatchObject({ code });
  });

  it("asks twice on a terminal, and takes nothing that was typed differently", async () => {
    const { keys, written, shell } = terminal();
    const made = approvers(shell, "add", "bob", {});
    keys.write("correct horse battery staple\r");
    await until(() => written.length === 3);
    keys.write("correct horse battery stable\r");
    await expect(made).rejects.toMatchObject({ code: "not_the_same" });
  });
});

describe("one standard input", () => {
  it("is not both the payload and the passphrase", () => {
    expect(() => assertOneInput({ payload: "-", passphraseStdin: true })).toThrow("cannot be both");
    expect(() => assertOneInput({ payload: "-" })).not.toThrow();
  });
});
