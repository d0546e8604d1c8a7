// The master key comes from a variable, a command or a file; what is no key is refused with its cure, and never shown.

import { randomBytes } from "node:crypto";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { LedgerError } from "../../src/errors.ts";
import { type KeySource, readMasterKey } from "../../src/ledger/key-source.ts";
import { KEY_TEXT_LIMIT_BYTES, realKeyWorld } from "../../src/ledger/key-world.ts";
import { makeMasterKey } from "../../src/ledger/master-key.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const VARIABLE = "KINDLING_TEST_LEDGER_KEY";
const HEX = randomBytes(32).toString("hex");
const ID = makeMasterKey(Buffer.from(HEX, "hex")).id;

describe("a key in an environment variable", () => {
  test("may be written in hexadecimal digits or in either base64, with spaces around it", async () => {
    const bytes = Buffer.from(HEX, "hex");
    const texts = [HEX, HEX.toUpperCase(), bytes.toString("base64"), bytes.toString("base64url"), `\n ${bytes.toString("base64")} \n`];
    for (const text of texts) expect((await fromVariable(text)).id).toBe(ID);
  });

  test("is missing when the variable is not set or is empty, and the error names it", async () => {
    const refused = {
      code: "ledger_key_missing",
      message: expect.stringContaining(VARIABLE),
      fix: expect.stringContaining(`Set ${VARIABLE}`),
    };
    await expect(readMasterKey({ env: VARIABLE })).rejects.toMatchObject(refused);
    await expect(fromVariable(" \n")).rejects.toMatchObject(refused);
  });

  test("is refused when its length or its alphabet is wrong, and no part of it is shown", async () => {
    const bytes = Buffer.from(HEX, "hex");
    const base64 = bytes.toString("base64url");
    const wrong = [
      HEX.slice(1),
      `${HEX}0`,
      HEX.replace(/.$/, "g"),
      bytes.subarray(1).toString("base64"),
      Buffer.concat([bytes, bytes]).toString("base64"),
      `${base64.slice(0, 20)} ${base64.slice(20)}`,
      `+-${base64.slice(2)}`,
      `ü${base64.slice(1)}`,
      // 43 characters hold two bits more than 32 bytes.
      `${base64.slice(0, -1)}B`,
      `"${base64}"`,
    ];
    for (const text of wrong) {
      const error = await fromVariable(text).then(
        () => "a key",
        (thrown: unknown) => thrown,
      );
      expect(error, text).toMatchObject({ code: "ledger_key_invalid", fix: expect.stringContaining("openssl rand") });
      expectSilent(error, text);
    }
  });
});

describe("a key printed by a command", () => {
  test("is what it prints, without a shell between", async () => {
    expect((await readMasterKey(node(`process.stdout.write(process.argv[1] + "\\n")`, HEX))).id).toBe(ID);
    // A shell would make something else of it.
    await expect(readMasterKey(node("process.stdout.write(process.argv[1])", "$(echo key) ; echo")).catch(codeOf)).resolves.toBe(
      "ledger_key_invalid",
    );
  });

  test("is missing when the command fails, prints nothing or does not exist; neither its arguments nor what it said is shown", async () => {
    const failing = node(`process.stdout.write(${JSON.stringify(HEX)}); console.error(${JSON.stringify(HEX)}); process.exit(3)`);
    const cases: readonly (readonly [KeySource, string])[] = [
      [failing, "it ended with 3"],
      [node("process.kill(process.pid, 'SIGTERM')"), "it was ended by SIGTERM"],
      [node(""), "it printed nothing"],
      [{ command: ["kindling-test-no-such-program", HEX] }, "there is no such program"],
      [{ command: [process.execPath, `${HEX}\0`] }, "it cannot be started"],
      [{ command: [] }, "none is given"],
      [node(`process.stdout.write("a".repeat(${KEY_TEXT_LIMIT_BYTES + 1})); setInterval(() => 0, 1000)`), "it printed more than"],
    ];
    for (const [source, reason] of cases) {
      const error = await readMasterKey(source).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "ledger_key_missing", message: expect.stringContaining(reason) });
      expectSilent(error, HEX);
    }
  });

  test("is given up when the command takes too long, and the program is ended", async () => {
    const started = performance.now();
    const outcome = await realKeyWorld.run(process.execPath, ["-e", "setInterval(() => 0, 1000)"], 200);
    expect(outcome).toEqual({ kind: "failed", reason: "it took more than 0.2 seconds" });
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe("a key in a file", () => {
  test("is read when nobody but the owner can read it", async () => {
    expect((await readMasterKey({ file: await keyFile(`${HEX}\n`, 0o600) })).id).toBe(ID);
    expect((await readMasterKey({ file: await keyFile(HEX, 0o400) })).id).toBe(ID);
  });

  test.skipIf(process.platform === "win32")("is refused when others can read or write it, with the command that cures it", async () => {
    for (const mode of [0o640, 0o604, 0o620, 0o666]) {
      const file = await keyFile(HEX, mode);
      await expect(readMasterKey({ file }), mode.toString(8)).rejects.toMatchObject({
        code: "ledger_key_exposed",
        fix: `Run: chmod 600 ${file}`,
      });
    }
  });

  test("is missing when there is no file, a folder, or far more than a key", async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, "folder"), { mode: 0o700 });
    const cases = { nothing: "no such file", folder: "it is no file", long: "more than 4096 bytes" };
    await writeFile(join(folder, "long"), "0".repeat(KEY_TEXT_LIMIT_BYTES + 1), { mode: 0o600 });
    for (const [name, reason] of Object.entries(cases)) {
      await expect(readMasterKey({ file: join(folder, name) })).rejects.toMatchObject({
        code: "ledger_key_missing",
        message: expect.stringContaining(reason),
      });
    }
  });

  test("is refused when it is no key, and not shown", async () => {
    const error = await readMasterKey({ file: await keyFile(HEX.slice(2), 0o600) }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "ledger_key_invalid" });
    expectSilent(error, HEX);
  });
});

async function fromVariable(text: string): ReturnType<typeof readMasterKey> {
  process.env[VARIABLE] = text;
  try {
    return await readMasterKey({ env: VARIABLE });
  } finally {
    delete process.env[VARIABLE];
  }
}

function node(script: string, ...parameters: readonly string[]): KeySource {
  return { command: [process.execPath, "-e", script, ...parameters] };
}

async function keyFile(text: string, mode: number): Promise<string> {
  const path = join(await temporaryFolder(), "master.key");
  await writeFile(path, text);
  await chmod(path, mode);
  onTestFinished(() => chmod(path, 0o600));
  return path;
}

/** Nothing an error says, to people or to programs, holds as much as a few characters in a row of the text. */
function expectSilent(error: unknown, text: string): void {
  if (!(error instanceof LedgerError)) throw new Error("no ledger error was thrown", { cause: error });
  const said = `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
  for (let at = 0; at + 12 <= text.length; at++) expect(said).not.toContain(text.slice(at, at + 12));
}

function codeOf(error: unknown): string {
  return error instanceof LedgerError ? error.code : String(error);
}
