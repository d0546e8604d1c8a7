// What went wrong while a config file was loaded: the original message, the first place in the project's own source, and the cure where it is known.

import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import { inspect, stripVTControlCharacters } from "node:util";
import { ConfigError, DefinitionError, KindlingError } from "../index.ts";

/** The error that tells why a config file could not be loaded. */
export function loadProblem(name: string, file: string, cause: unknown): ConfigError {
  const message = cause instanceof Error ? cause.message || cause.name : String(cause);
  // A definition lists its own places, line by line.
  const isListed = cause instanceof DefinitionError || (cause instanceof Error && cause.name === "DefinitionError");
  const place = isListed ? undefined : placeOf(cause);
  const details = { file, ...(place === undefined ? {} : { place }), ...(cause instanceof DefinitionError ? cause.details : {}) };
  const lines = [`${name} cannot be loaded: ${shorten(message)}`, ...(place === undefined ? [] : [`at ${place}`])];
  return new ConfigError("config_threw", lines.join("\n"), { fix: cureOf(cause, message, place), details, cause });
}

function cureOf(cause: unknown, message: string, place: string | undefined): string {
  const missing = /Cannot find package '([^']+)'/.exec(message)?.[1];
  if (missing !== undefined) return `Install it: npm install ${missing}`;
  if (/Cannot find module/.test(message)) return "Correct the path in the import; it ends in .ts as the file does.";
  if (/ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX|is not supported in strip-only mode/.test(`${codeOf(cause)} ${message}`)) {
    return "Node only strips types: use a union in place of an enum, and write out constructor parameters and namespaces.";
  }
  // What npm init writes today makes every file a CommonJS one.
  if (cause instanceof SyntaxError && /import statement outside a module|Unexpected token 'export'/.test(message))
    return 'Set "type": "module" in the package.json beside it: npm pkg set type=module';
  if (cause instanceof SyntaxError && /does not provide an export named/.test(message))
    return "Correct the name in the import; a type is imported with `import type`.";
  if (cause instanceof Error && cause.name === "DefinitionError")
    return "Correct the contract; everything that is wrong with it is listed above.";
  if (cause instanceof KindlingError && cause.fix !== undefined) return cause.fix;
  return `Correct it${place === undefined ? "" : " at the place above"}; nothing was started.`;
}

/** `kindling.config.ts:3:7`, the first place in source that is neither Node's, nor a package's, nor Kindling's. */
function placeOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error)) return undefined;
  const own = new URL("../../", import.meta.url).href;
  for (const [, address = "", line = "", column] of traceOf(cause).matchAll(FRAME)) {
    if (
      address.includes("/node_modules/") ||
      address.startsWith(`${own}src/`) ||
      address.startsWith(`${own}mcp/`) ||
      address.startsWith(`${own}dist/`) ||
      address.startsWith(`${own}bin/`)
    )
      continue;
    return [relative(process.cwd(), fileURLToPath(address)), line, ...(column === undefined ? [] : [column])].join(":");
  }
  return undefined;
}

const FRAME = /(file:\/\/[^\s()]+?):(\d+)(?::(\d+))?/g;

/** The stack, and for syntax errors what Node puts before it only when it shows the error: the file and line. */
function traceOf(cause: Error): string {
  return stripVTControlCharacters(`${cause.stack ?? ""}\n${inspect(cause)}`);
}

function shorten(message: string): string {
  return message.replaceAll(/file:\/\/[^\s'")]+/g, (address) => relative(process.cwd(), fileURLToPath(address)));
}

function codeOf(cause: unknown): string {
  return typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : "";
}
