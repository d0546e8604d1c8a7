// The bearer token of `kindling mcp --http`: from the environment, or from a file only its owner can read, made at random when there is none. The token
// itself is told to nobody.

import { join } from "node:path";
import { ConfigError } from "../index.ts";
import { type PrivateFile, privateText } from "./private-file.ts";

/** The variable of the environment that holds the token. */
export const TOKEN_VARIABLE = "KINDLING_MCP_TOKEN";

/** A token, and where it stands: for the operator, who has to give it to clients. */
export interface McpToken {
  readonly token: string;
  readonly place: { readonly variable: string } | { readonly file: string; readonly isNew: boolean };
}

/** Where a token may come from. */
export interface TokenSource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A file that was named; it comes before the environment. */
  readonly file: string | undefined;
  /** The file of the project, for when nothing else is said. */
  readonly ownFile: string;
}

const SHORTEST = 16;
/** What a header can carry, without spaces. */
const TOKEN = /^[\u0021-\u007e]+$/;

const FILE: PrivateFile = {
  noun: "token",
  otherwise: `Name another one with --token-file, or put the token into ${TOKEN_VARIABLE}.`,
};

/** The token file of a project. */
export function tokenFileOf(folder: string): string {
  return join(folder, ".kindling", "mcp-token");
}

/** Reads the token, or makes one. @throws ConfigError `bad_token`, `token_exposed`, `token_unreadable` */
export async function mcpToken({ env, file, ownFile }: TokenSource): Promise<McpToken> {
  const given = env[TOKEN_VARIABLE];
  if (file === undefined && given !== undefined)
    return { token: checked(given, `the variable ${TOKEN_VARIABLE}`), place: { variable: TOKEN_VARIABLE } };
  const path = file ?? ownFile;
  const { text, isNew } = await privateText(path, FILE);
  return { token: checked(text, `the file ${path}`), place: { file: path, isNew } };
}

function checked(token: string, place: string): string {
  if (token.length >= SHORTEST && TOKEN.test(token)) return token;
  const why =
    token.length < SHORTEST ? `has ${token.length} characters, and needs ${SHORTEST}` : "holds a space or a character no header can carry";
  throw new ConfigError("bad_token", `the token in ${place} ${why}`, {
    fix: "Use a long random text, such as what `openssl rand -hex 32` prints; or remove it, and a token file is made.",
  });
}
