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
const FRAME = /\(?((?:file:\/\/|\/|[A-Za-z]:\\)[^()]*):(\d+):(\d+)\)?$/;

/** Marks the place outside Kindling's own source from where the current call came. */
export function markSource(): SourceMark {
  const trace = new Error("source mark");
  return { locate: () => firstForeignFrame(trace.stack ?? "") };
}

/** `contract.ts:12:5`, the form editors and terminals open. */
export function describeSource(source: SourceLocation): string {
  return `${source.file}:${source.line}:${source.column}`;
}

function firstForeignFrame(stack: string): SourceLocation | undefined {
  for (const line of stack.split("\n").slice(1)) {
    const [, file, row, column] = FRAME.exec(line.trim()) ?? [];
    if (file === undefined || row === undefined || column === undefined) continue;
    const url = file.startsWith("file://") ? file : `file://${file}`;
    if (url.startsWith(OWN_FOLDER) || file.startsWith("node:")) continue;
    return { file: decodeURIComponent(url.slice("file://".length)), line: Number(row), column: Number(column) };
  }
  return undefined;
}
