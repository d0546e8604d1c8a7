// The real ssh-keygen, for tests that hold our code against it; they are skipped with a message where there is none.

import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { DECISION_NAMESPACE } from "../../src/signing/decision-statement.ts";

/** True where there is an ssh-keygen that signs. */
export const hasSshKeygen = spawnSync("ssh-keygen", ["-Y", "sign"]).error === undefined;

/** Why tests with it do not run here. */
export const NO_SSH_KEYGEN = "there is no ssh-keygen on this machine (apt-get install openssh-client)";

/** Makes a key pair in a folder and gives the file of the private one and the public line. */
export async function makeKey(
  folder: string,
  type: string,
  bits?: number,
  name: string = type,
): Promise<{ readonly file: string; readonly line: string }> {
  const file = join(folder, name);
  await run(["-q", "-t", type, "-N", "", "-C", `${name}@test`, "-f", file, ...(bits === undefined ? [] : ["-b", String(bits)])]);
  return { file, line: (await readFile(`${file}.pub`, "utf8")).trim() };
}

/** Signs as a person would. */
export function signWith(file: string, text: string, namespace = DECISION_NAMESPACE): Promise<string> {
  return run(["-Y", "sign", "-f", file, "-n", namespace], text);
}

/** What ssh-keygen itself says of a signature. */
export async function verifyWith(folder: string, line: string, text: string, signature: string): Promise<string> {
  const [allowed, file] = [join(folder, "allowed"), join(folder, "signature")];
  await writeFile(allowed, `ada ${line}\n`);
  await writeFile(file, signature);
  return run(["-Y", "verify", "-f", allowed, "-I", "ada", "-n", DECISION_NAMESPACE, "-s", file], text);
}

function run(args: readonly string[], input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile("ssh-keygen", [...args], (error, stdout, stderr) =>
      error === null ? resolve(stdout) : reject(new Error(`${error.message}\n${stderr}`)),
    );
    child.stdin?.on("error", () => {
      // It ended without reading to the end, which its exit code tells.
    });
    child.stdin?.end(input);
  });
}
