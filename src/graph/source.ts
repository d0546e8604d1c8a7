// Where in the author's file something was declared, taken from the call stack. Formatting the stack costs, so it waits until somebody asks.

/** A place in the author's source. Line and column count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Remembers the place of a declaration; `locate` finds it in the stack when a finding needs it. */
export interface SourceMark {
  readonly locate: () => SourceLocation | undefined;
}

const OWN_FOLDER = new URL("../", import.meta.url).href;
/** Between an author's line and the mark stand at most this many frames of our own; the default of 10 is too few for children in children. */
const FRAMES_LIMIT = 30;

/** Marks the place outside Kindling's own source from where the current call came. */
export function markSource(): SourceMark {
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES_LIMIT;
  const trace = new Error("source mark");
  Error.stackTraceLimit = before;
  return markOf(trace);
}

/** Marks the place outside Kindling's own source where an error was thrown; what is thrown without a stack has none. */
export function markOf(error: unknown): SourceMark {
  return Object.freeze({ locate: () => (error instanceof Error ? firstForeignFrame(stackOf(error)) : undefined) });
}

/** A stack is put into words when it is first read, by way of the error's own message: that may throw. */
function stackOf(error: Error): string {
  try {
    return error.stack ?? "";
  } catch {
    return "";
  }
}

/** `contract.ts:12:5`, the form editors and terminals open. */
export function describeSource(source: SourceLocation): string {
  return `${source.file}:${source.line}:${source.column}`;
}

/** The first frame of a stack, in V8's form, that lies outside `own`. */
export function firstForeignFrame(stack: string, own: string = OWN_FOLDER): SourceLocation | undefined {
  for (const line of stack.split("\n")) {
    const location = locationOf(line.trim());
    if (location === undefined) continue;
    const [, file = "", row, column] = /^((?:file:\/\/|\/|[A-Za-z]:[\\/]).*?)(?:\?[^:]*)?:(\d+):(\d+)$/.exec(location) ?? [];
    if (file === "" || isBelow(file, own)) continue;
    return { file: pathOf(file), line: Number(row), column: Number(column) };
  }
  return undefined;
}

/** The location of `at name (location)` or `at location`; folders may have parentheses and spaces in their names. */
function locationOf(frame: string): string | undefined {
  if (!frame.startsWith("at ")) return undefined;
  if (!frame.endsWith(")")) return frame.slice("at ".length).replace(/^async /, "");
  const open = frame.indexOf(" (");
  return open === -1 ? undefined : frame.slice(open + " (".length, -1);
}

function isBelow(file: string, folder: string): boolean {
  return pathOf(file).startsWith(pathOf(folder));
}

function pathOf(file: string): string {
  if (!file.startsWith("file://")) return file.replaceAll("\\", "/");
  const path = decodeURIComponent(file.slice("file://".length));
  return /^\/[A-Za-z]:\//.test(path) ? path.slice(1) : path;
}
