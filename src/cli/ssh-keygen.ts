// The system's ssh-keygen, which holds the way to private keys: files, agents, hardware that wants to be touched. No private key is ever read here.

import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { ConfigError, DECISION_NAMESPACE, InputError } from "../index.ts";
import type { Shell } from "./shell.ts";

const PROGRAM = "ssh-keygen";
/** Characters of its answer; a signature by a large RSA key has some 3,000. */
const ANSWER_LIMIT = 16_000;

/** The command by which somebody signs a file by hand: the signature is written beside it, as `<file>.sig`. */
export function signingCommand(file: string): string {
  return `${PROGRAM} -Y sign -f <key file> -n ${DECISION_NAMESPACE} ${file}`;
}

/** Signs a text with the key of a file, which may be a public one whose private part an agent holds. What ssh-keygen asks, it asks on the terminal. @throws ConfigError `no_ssh_keygen`; InputError `not_signed` */
export function signWithKey(shell: Shell, keyFile: string, text: string): Promise<string> {
  const { cwd, env, signal } = shell;
  return new Promise((done, failed) => {
    const child = spawn(PROGRAM, ["-q", "-Y", "sign", "-f", resolve(cwd, keyFile), "-n", DECISION_NAMESPACE], {
      cwd,
      env: { ...env },
      signal,
      stdio: ["pipe", "pipe", "inherit"],
    });
    let answer = "";
    child.stdout.setEncoding("utf8").on("data", (more: string) => {
      if (answer.length <= ANSWER_LIMIT) answer += more;
    });
    child.once("error", (cause) => failed(cannotStart(cause)));
    child.once("close", (code) => {
      if (code === 0 && answer.length <= ANSWER_LIMIT) done(answer);
      else failed(notSigned(keyFile, code));
    });
    // It may end before it has read anything, for a file that is no key: then its exit code tells.
    child.stdin.once("error", () => child.stdin.destroy());
    child.stdin.end(text);
  });
}

function cannotStart(cause: Error): Error {
  return new ConfigError("no_ssh_keygen", `${PROGRAM} cannot be started: ${cause.message}`, {
    fix: "Install OpenSSH; or print the words with --statement, sign them where it is installed, and give the result with --signature.",
    cause,
  });
}

function notSigned(keyFile: string, code: number | null): InputError {
  return new InputError("not_signed", `${PROGRAM} made no signature with ${keyFile} (it ended with ${code ?? "a signal"})`, {
    fix: "Nothing was decided. What it said stands above; the file is a private key, or a public one whose private part an agent holds.",
  });
}
