// The body of a prompt file: role sections, `{{variables}}` and `{{! cache 1h}}` marks, no logic. One scan gives frozen
// segments and everything that is wrong, with lines. Knows nothing of the header and of values.

import type { CacheSpan } from "./model.ts";

/** A piece of a message: text as it stands, a place where a value goes, or the end of what a provider shall remember. */
export type Segment =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "variable"; readonly name: string; readonly path: readonly string[]; readonly line: number }
  | { readonly kind: "cache"; readonly span: CacheSpan; readonly line: number };

/** The roles a section may have. */
export type SectionRole = "system" | "user" | "assistant";

/** One message to be. */
export interface Section {
  readonly role: SectionRole;
  readonly segments: readonly Segment[];
}

/** One thing wrong in a prompt file. */
export interface PromptProblem {
  /** From 1, in the file. */
  readonly line: number;
  readonly message: string;
}

/** What the body holds. With problems, the sections are as far as they could be read. */
export interface Template {
  readonly sections: readonly Section[];
  readonly problems: readonly PromptProblem[];
}

const TAG = /\{\{([^{}\n]*)\}\}|\{\{\{?/g;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]+)*$/;
const SPANS: readonly string[] = ["5m", "30m", "1h", "12h"] satisfies CacheSpan[];
/** A mark that stands alone on its line takes the line with it, as a comment does in mustache. */
const BLANK_BEFORE = /(?<=^|\n)[ \t]*$/;
const BLANK_BEHIND = /^[ \t]*(?:\n|$)/;
const ROLES: readonly string[] = ["system", "user", "assistant"] satisfies SectionRole[];

/** Scans a body. A body without sections is one user message. @param firstLine the line of the file on which the body starts */
export function parseTemplate(body: string, firstLine: number): Template {
  const scan: Scan = { sections: [], problems: [], open: undefined, outside: [] };
  const lineAt = lineCounter(body, firstLine);
  let end = 0;
  for (const match of body.matchAll(TAG)) {
    const before = body.slice(end, match.index);
    const behind = match.index + match[0].length;
    const lineEnd =
      match[1]?.trimStart().startsWith("!") === true && BLANK_BEFORE.test(body.slice(0, match.index))
        ? BLANK_BEHIND.exec(body.slice(behind))
        : null;
    addText(scan, lineEnd === null ? before : before.replace(BLANK_BEFORE, ""), lineAt(end));
    readTag(scan, match[1], match[0], lineAt(match.index));
    end = behind + (lineEnd?.[0].length ?? 0);
  }
  addText(scan, body.slice(end), lineAt(end));
  return finish(scan);
}

interface OpenSection {
  readonly role: SectionRole;
  readonly line: number;
  readonly segments: Segment[];
}

interface Scan {
  readonly sections: Section[];
  readonly problems: PromptProblem[];
  open: OpenSection | undefined;
  /** What stands outside of sections, with its line: the whole message, or a mistake. */
  readonly outside: { readonly line: number; readonly segment: Segment }[];
}

function addText(scan: Scan, text: string, line: number): void {
  if (text === "") return;
  const segment: Segment = { kind: "text", text };
  if (scan.open !== undefined) scan.open.segments.push(segment);
  else scan.outside.push({ line: line + leadingLines(text), segment });
}

function readTag(scan: Scan, inner: string | undefined, tag: string, line: number): void {
  const content = inner?.trim() ?? "";
  const sign = content.charAt(0);
  const rest = content.slice(1).trim();
  if (tag === "{{{") scan.problems.push({ line, message: `${tag} is not understood; a value is written {{name}} and never escaped` });
  else if (inner === undefined)
    scan.problems.push({ line, message: 'this "{{" is not closed on its line; to write two braces as text, pass them in a variable' });
  else if (sign === "#" && isRole(rest)) openSection(scan, rest, line);
  else if (sign === "/" && isRole(rest)) closeSection(scan, rest, line);
  else if (sign === "!") addMark(scan, rest, tag, line);
  else if (VARIABLE.test(content)) addVariable(scan, content, line);
  else
    scan.problems.push({
      line,
      message: `${tag} is not understood; a prompt has {{name}}, {{name.path}}, {{! cache 1h}} and the sections ${ROLES.join(", ")}, and no logic`,
    });
}

function openSection(scan: Scan, role: SectionRole, line: number): void {
  if (scan.open !== undefined) {
    scan.problems.push({ line, message: `{{#${role}}} stands inside {{#${scan.open.role}}} of line ${scan.open.line}; close that first` });
    scan.sections.push(closed(scan.open));
  }
  scan.open = { role, line, segments: [] };
}

function closeSection(scan: Scan, role: SectionRole, line: number): void {
  const { open } = scan;
  if (open === undefined || open.role !== role) {
    const expected = open === undefined ? "no section is open" : `{{#${open.role}}} of line ${open.line} is open`;
    scan.problems.push({ line, message: `{{/${role}}} closes nothing: ${expected}` });
    return;
  }
  scan.sections.push(closed(open));
  scan.open = undefined;
}

function addVariable(scan: Scan, reference: string, line: number): void {
  const [name = "", ...path] = reference.split(".");
  const segment: Segment = { kind: "variable", name, path, line };
  if (scan.open !== undefined) scan.open.segments.push(segment);
  else scan.outside.push({ line, segment });
}

function addMark(scan: Scan, rest: string, tag: string, line: number): void {
  const [word, span = "", ...more] = rest.split(/\s+/);
  if (word === "cache" && isSpan(span) && more.length === 0) {
    const segment: Segment = { kind: "cache", span, line };
    const before = (scan.open?.segments ?? scan.outside.map((each) => each.segment)).findLast((each) => !isBlank(each));
    if (before === undefined || before.kind === "cache")
      scan.problems.push({ line, message: `nothing stands before ${tag} that could be remembered` });
    else if (scan.open !== undefined) scan.open.segments.push(segment);
    else scan.outside.push({ line, segment });
  } else {
    scan.problems.push({
      line,
      message: `${tag} is not understood; {{! cache ${SPANS.join("|")}}} marks the end of what a provider shall remember, and there are no other comments`,
    });
  }
}

function finish(scan: Scan): Template {
  const { open, outside, problems, sections } = scan;
  if (open !== undefined) {
    problems.push({ line: open.line, message: `{{#${open.role}}} is never closed with {{/${open.role}}}` });
    sections.push(closed(open));
  }
  const stray = outside.filter(({ segment }) => !isBlank(segment));
  if (sections.length === 0) {
    if (stray.length === 0 && problems.length === 0) problems.push({ line: 1, message: "the prompt has no text" });
    sections.push({ role: "user", segments: trimmed(outside.map(({ segment }) => segment)) });
  } else {
    for (const { line, segment } of stray) {
      problems.push({
        line,
        message: `${shownSegment(segment)} stands outside of every section; put it into one, or use no sections at all`,
      });
    }
  }
  return { sections, problems };
}

function closed(open: OpenSection): Section {
  return { role: open.role, segments: trimmed(open.segments) };
}

/** Blank space at the borders of a message belongs to the file's layout and not to the message. */
function trimmed(segments: readonly Segment[]): readonly Segment[] {
  const first = segments.findIndex((segment) => segment.kind !== "cache");
  const last = segments.findLastIndex((segment) => segment.kind !== "cache");
  return segments
    .map((segment, index) => {
      if (segment.kind !== "text") return segment;
      const start = index === first ? segment.text.trimStart() : segment.text;
      return { ...segment, text: index === last ? start.trimEnd() : start };
    })
    .filter((segment) => segment.kind !== "text" || segment.text !== "");
}

function shownSegment(segment: Segment): string {
  switch (segment.kind) {
    case "text":
      return JSON.stringify(segment.text.trim().slice(0, 40));
    case "variable":
      return `{{${[segment.name, ...segment.path].join(".")}}}`;
    case "cache":
      return `{{! cache ${segment.span}}}`;
  }
}

function isBlank(segment: Segment): boolean {
  return segment.kind === "text" && segment.text.trim() === "";
}

function isSpan(text: string): text is CacheSpan {
  return SPANS.includes(text);
}

function isRole(text: string): text is SectionRole {
  return ROLES.includes(text);
}

function leadingLines(text: string): number {
  const blank = text.length - text.trimStart().length;
  return text.slice(0, blank).split("\n").length - 1;
}

/** Lines for ascending positions, in one walk over the body. */
function lineCounter(body: string, firstLine: number): (position: number) => number {
  let line = firstLine;
  let seen = 0;
  return (position) => {
    for (; seen < position; seen++) if (body[seen] === "\n") line++;
    return line;
  };
}
