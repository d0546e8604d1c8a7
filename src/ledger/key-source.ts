// Where the master key comes from: an environment variable, a command (a keychain, a vault) or a file. The text is never shown, kept or logged. Knows no ledger.

import { KEY_BYTES } from "./cipher.ts";
import { type KeyWorld, realKeyWorld } from "./key-world.ts";
import { makeMasterKey, type MasterKey } from "./master-key.ts";
import { keyInvalid, keyMissing } from "./key-refusals.ts";

/**
 * Names the place of the master key: 32 random bytes as 64 hexadecimal digits or in base64, spaces around them ignored.
 * A command is run without a shell and has 30 seconds to print the key. A file must be readable by nobody but its owner.
 */
export type KeySource = { readonly env: string } | { readonly command: readonly string[] } | { readonly file: string };

/** Milliseconds a command has. Long enough for a person to unlock a keychain. */
export const KEY_COMMAND_TIMEOUT_MS = 30_000;

/**
 * Reads the master key.
 * @throws LedgerError `ledger_key_missing` when there is none to be had, `ledger_key_invalid` when it is not 32 bytes, `ledger_key_exposed` when others can read the file
 */
export async function readMasterKey(source: KeySource, world: KeyWorld = realKeyWorld): Promise<MasterKey> {
  if ("env" in source) return decode(`the environment variable ${source.env}`, fromEnvironment(source.env, world));
  if ("file" in source) return decode(`the file ${source.file}`, await world.readPrivateFile(source.file));
  // Only the program is named: the arguments may hold what nobody should read in a log.
  const [program = ""] = source.command;
  return decode(`the command ${program}`, await fromCommand(source.command, world));
}

function fromEnvironment(name: string, world: KeyWorld): string {
  const text = world.env[name];
  if (text !== undefined && text.trim() !== "") return text;
  throw keyMissing(
    `the environment variable ${name}`,
    text === undefined ? "it is not set" : "it is empty",
    `Set ${name}, and keep a copy of the key: without it the ledger cannot be read.`,
  );
}

async function fromCommand([program, ...parameters]: readonly string[], world: KeyWorld): Promise<string> {
  if (program === undefined) throw keyMissing("a command", "none is given", "Name a program that prints the key, and its arguments.");
  const outcome = await world.run(program, parameters, KEY_COMMAND_TIMEOUT_MS);
  if (outcome.kind === "printed" && outcome.text.trim() !== "") return outcome.text;
  const reason = outcome.kind === "printed" ? "it printed nothing" : outcome.reason;
  throw keyMissing(`the command ${program}`, reason, "Run the command by hand to see what it says; it must print the key and end with 0.");
}

function decode(source: string, text: string): MasterKey {
  const bytes = bytesOf(text.trim());
  if (typeof bytes === "string") throw keyInvalid(source, bytes);
  return makeMasterKey(bytes);
}

/** The bytes, or why there are none. */
function bytesOf(text: string): Buffer | string {
  const isHex = /^[0-9a-f]*$/i.test(text) && text.length === 2 * KEY_BYTES;
  if (isHex) return Buffer.from(text, "hex");
  const digits = text.replace(/=+$/, "");
  if (!/^(?:[A-Za-z0-9+/]*|[\w-]*)$/.test(digits)) return "it has characters that are neither hexadecimal nor base64";
  const bytes = Buffer.from(digits, "base64url");
  if (bytes.length !== KEY_BYTES) return `it has ${text.length} characters, which are not ${KEY_BYTES} bytes`;
  // The last character of base64 has bits to spare; that they are zero tells a whole text from a mistyped or cut one.
  return bytes.toString("base64url") === digits.replaceAll("+", "-").replaceAll("/", "_") ? bytes : "its last character is wrong";
}
